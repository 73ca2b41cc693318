//! Conflicts of names: two nodes with one name, or two incarnations of one node. The later incarnation wins, but after
//! a few replacements the connected node stays.

use std::net::SocketAddr;
use std::time::Duration;

use crate::handshake::Refusal;
use crate::node::connection_manager::{Action, PeerConnection, Peers, Verdict};
use crate::node::down_reason::DownReason;
use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::wire::CloseCode;

/// The maximum number of replacements of a connected node by one at another address.
const REPLACEMENTS: u64 = 3;

impl Peers {
    /// Refuses earlier incarnations of a node than one that the membership has reported.
    pub(crate) fn learned(&mut self, node: NodeId) {
        if node.name != self.own.name {
            self.incarnations.learn(node);
        }
    }

    /// Handles that the membership does not remember a node any more.
    pub(crate) fn forgotten(&mut self, name: &NodeName) {
        self.incarnations.forget(name);
    }

    /// Returns how often an address other than the connected one claimed this name.
    pub(crate) fn conflicts(&self, name: &NodeName) -> u64 {
        self.incarnations.conflicts(name)
    }

    pub(super) fn refuse_namesake(&mut self, id: &NodeId, address: SocketAddr) -> Verdict {
        if *id == self.own {
            return Refusal::itself().into();
        }
        let text = format!(
            "two nodes are called `{}`, this one and one at {address}: give one of them another name",
            id.name
        );
        self.actions.push(Action::Warn(text.clone()));
        Verdict::refuse(CloseCode::Name, text)
    }

    pub(super) fn refuse_earlier(&self, name: &NodeName, later: Incarnation) -> Verdict {
        let peer = self.peers.get(name);
        let up = peer.and_then(|peer| peer.up.as_ref());
        Refusal::stale(name, later, up.map(|session| session.address)).into()
    }

    /// Closes the connections with earlier incarnations of this node.
    pub(super) fn replace(
        &mut self,
        now: Duration,
        id: &NodeId,
        address: SocketAddr,
    ) -> Result<(), Verdict> {
        let is_older = |other: &PeerConnection| other.id.incarnation < id.incarnation;
        let Some(peer) = self.peers.get(&id.name) else {
            return Ok(());
        };
        let old = peer.up.clone().filter(is_older);
        if let Some(old) = &old
            && old.address != address
        {
            self.conflict_count(&id.name, [old.address, address])?;
        }
        let Some(peer) = self.peers.get_mut(&id.name) else {
            return Ok(());
        };
        let (older, rest) = peer.offers.drain(..).partition(is_older);
        peer.offers = rest;
        let older: Vec<PeerConnection> = older;
        if old.is_some() {
            peer.up = None;
        }
        let refusal = Refusal::stale(&id.name, id.incarnation, Some(address));
        for session in older.iter().chain(&old) {
            self.close(session.conn, refusal.code(), refusal.text());
        }
        if let Some(session) = old {
            self.down(now, session, DownReason::Restarted);
        }
        Ok(())
    }

    /// Handles two addresses with one name: a restart on another port, or two nodes.
    fn conflict_count(
        &mut self,
        name: &NodeName,
        [old, new]: [SocketAddr; 2],
    ) -> Result<(), Verdict> {
        let times = self.incarnations.conflict_count(name);
        if times <= REPLACEMENTS {
            self.actions.push(Action::Warn(format!(
                "`{name}` at {new} replaces `{name}` at {old}, which was still connected: if both run, give one of them another name ({times} of {REPLACEMENTS} times, then it is refused)"
            )));
            return Ok(());
        }
        let text = format!(
            "two nodes are called `{name}`, one at {old} and one at {new}: the one at {old} is connected and stays; give one of them another name"
        );
        if times == REPLACEMENTS + 1 {
            self.actions.push(Action::Warn(text.clone()));
        }
        Err(Verdict::refuse(CloseCode::Name, text))
    }
}
