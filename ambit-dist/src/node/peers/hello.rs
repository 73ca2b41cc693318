//! Other nodes say who they are: those that dial, and those that answer.

use std::time::Duration;

use crate::node::down_reason::DownReason;
use crate::node::id::NodeId;
use crate::node::peers::{Action, Conn, Peers, Verdict};
use crate::wire::CloseCode;

/// How many unconfirmed connections of one node there may be.
const OFFERS: usize = 4;

impl Peers {
    /// A node that has dialled this one says who it is.
    pub(crate) fn hello(&mut self, now: Duration, conn: Conn, id: &NodeId) -> Verdict {
        if let Err(refusal) = self.is_welcome(now, id) {
            return refusal;
        }
        if self.up(&id.name).is_some() {
            let text = format!("`{}` is connected already", self.own.name);
            return Verdict::refuse(CloseCode::Duplicate, text);
        }
        let peer = self.peers.entry(id.name.clone()).or_default();
        if peer.offers.len() >= OFFERS {
            return Verdict::refuse(CloseCode::Overloaded, "too many dials at once");
        }
        peer.offers.push((conn, id.clone()));
        Verdict::Accept
    }

    /// A node that has dialled this one uses the connection: it will stay.
    pub(crate) fn confirmed(&mut self, conn: Conn) {
        let offered = self.peers.values().flat_map(|peer| &peer.offers);
        let id = (offered.clone()).find_map(|(offer, id)| (*offer == conn).then(|| id.clone()));
        if let Some(id) = id {
            self.rise(&id, conn);
        }
    }

    /// What any node must fulfil. What was known of an earlier life of it ends here.
    pub(super) fn is_welcome(&mut self, now: Duration, id: &NodeId) -> Result<(), Verdict> {
        if self.is_leaving {
            let text = format!("`{}` leaves", self.own.name);
            return Err(Verdict::refuse(CloseCode::GoAway, text));
        }
        if id.name == self.own.name {
            return Err(self.refuse_namesake(id));
        }
        if let Some(later) = self.lives.later_than(id) {
            let text = format!("of `{}` the later life {later} is known", id.name);
            return Err(Verdict::refuse(CloseCode::StaleIncarnation, text));
        }
        if !self.peers.contains_key(&id.name) && self.peers.len() >= self.rules.peers {
            let text = format!("`{}` has all the connections it may have", self.own.name);
            return Err(Verdict::refuse(CloseCode::Overloaded, text));
        }
        self.replace(now, id)?;
        self.lives.saw(id);
        Ok(())
    }

    fn refuse_namesake(&mut self, id: &NodeId) -> Verdict {
        if *id == self.own {
            return Verdict::refuse(CloseCode::Name, "a node does not connect to itself");
        }
        let text = format!(
            "two nodes are called `{}`: give one of them another name",
            id.name
        );
        self.actions.push(Action::Warn(text.clone()));
        Verdict::refuse(CloseCode::Name, text)
    }

    /// Ends what there is with earlier lives of this node.
    fn replace(&mut self, now: Duration, id: &NodeId) -> Result<(), Verdict> {
        let Some(peer) = self.peers.get_mut(&id.name) else {
            return Ok(());
        };
        let is_older = |other: &NodeId| other.incarnation < id.incarnation;
        let old = peer.up.clone().filter(|session| is_older(&session.id));
        if old.is_some() && !self.lives.may_replace(now, id) {
            let text = format!(
                "two nodes seem to be called `{}`, each replaces the other: give one of them another name",
                id.name
            );
            self.actions.push(Action::Warn(text.clone()));
            return Err(Verdict::refuse(CloseCode::Name, text));
        }
        let (older, rest) = (peer.offers.drain(..)).partition(|(_, other)| is_older(other));
        peer.offers = rest;
        let older: Vec<(Conn, NodeId)> = older;
        if old.is_some() {
            peer.up = None;
        }
        let text = format!("the later life {} is here", id.incarnation);
        let closed = older.into_iter().map(|(conn, _)| conn);
        for conn in closed.chain(old.as_ref().map(|session| session.conn)) {
            self.close(conn, CloseCode::StaleIncarnation, text.clone());
        }
        if let Some(session) = old {
            self.down(now, session, DownReason::Restarted);
        }
        Ok(())
    }
}
