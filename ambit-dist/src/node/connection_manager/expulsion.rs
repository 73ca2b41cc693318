//! Nodes that are not admitted, because of their name, their certificate or the admit hook.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::{ConnectionId, Peers, Verdict};
use crate::node::down_reason::DownReason;
use crate::node::error::ConnectError;
use crate::node::id::{NodeId, NodeName};
use crate::wire::CloseCode;

const CODE: CloseCode = CloseCode::Quarantined;

impl Peers {
    /// Refuses a name from now on, and closes its connections. Returns true if it was connected.
    pub(crate) fn refuse(&mut self, now: Duration, name: &NodeName) -> bool {
        self.refused.insert(name.clone());
        self.wanted.remove(name);
        let reason = self.refused_text(name);
        // A seed or candidate may belong to another node later; other addresses are known only by this name.
        let leads = self.targets.values().filter(|target| target.leads_to(name));
        let addresses = leads.filter(|target| !target.is_listed());
        let addresses: Vec<SocketAddr> = addresses.map(|target| target.address).collect();
        for address in addresses {
            let (node, reason) = (name.clone(), reason.clone());
            self.give_up(address, &ConnectError::NotAdmitted { node, reason });
        }
        let was_up = self.up(name).is_some();
        let conns = self.peers.get(name).map(|peer| peer.conns().collect());
        let conns: Vec<ConnectionId> = conns.unwrap_or_default();
        for conn in conns {
            self.expel(now, conn, &reason);
        }
        self.dial_candidates(now);
        was_up
    }

    /// Admits a name again. Returns true if it was refused.
    pub(crate) fn readmit(&mut self, name: &NodeName) -> bool {
        self.refused.remove(name)
    }

    /// Checks that a name is not refused.
    pub(super) fn refuse_name(&self, name: &NodeName) -> Result<(), Verdict> {
        if self.refused.contains(name) {
            return Err(Verdict::refuse(CODE, self.refused_text(name)));
        }
        Ok(())
    }

    fn refused_text(&self, name: &NodeName) -> String {
        format!("`{}` refuses `{name}`", self.own.name)
    }

    /// Closes a connection with a node that is no longer admitted. Its address is dialled again as after a loss.
    pub(crate) fn expel(&mut self, now: Duration, conn: ConnectionId, reason: &str) {
        self.close(conn, CODE, reason);
        let reason = DownReason::Refused {
            code: CODE,
            text: reason.to_owned(),
        };
        self.drop_connection(now, conn, reason);
    }

    /// Handles the answer of a dialled node that is not admitted.
    pub(crate) fn not_admitted(
        &mut self,
        now: Duration,
        conn: ConnectionId,
        id: &NodeId,
        reason: String,
    ) -> Verdict {
        if let Some(address) = self.dials.remove(&conn) {
            let (node, reason) = (id.name.clone(), reason.clone());
            self.ended(now, address, &ConnectError::NotAdmitted { node, reason });
        }
        Verdict::refuse(CODE, reason)
    }
}
