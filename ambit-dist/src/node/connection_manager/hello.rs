//! Identification of peers: nodes that dial and nodes that answer.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::{ConnectionId, PeerConnection, Peers, Verdict};
use crate::node::id::NodeId;
use crate::wire::CloseCode;

/// The maximum number of unconfirmed connections of one node.
const OFFERS: usize = 4;

impl Peers {
    /// Handles the hello of a dialler at this address.
    pub(crate) fn hello(
        &mut self,
        now: Duration,
        conn: ConnectionId,
        id: &NodeId,
        from: SocketAddr,
    ) -> Verdict {
        if let Err(refusal) = self.is_welcome(now, id, from) {
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
        peer.offers.push(PeerConnection {
            id: id.clone(),
            conn,
            address: from,
        });
        Verdict::Accept
    }

    /// Handles the confirmation of an offered connection.
    pub(crate) fn confirmed(&mut self, conn: ConnectionId) {
        let mut offered = self.peers.values().flat_map(|peer| &peer.offers);
        let offer = offered.find(|offer| offer.conn == conn).cloned();
        if let Some(offer) = offer {
            self.rise(offer);
        }
    }

    /// Checks the conditions for any connection, and closes those with earlier incarnations of the node.
    pub(super) fn is_welcome(
        &mut self,
        now: Duration,
        id: &NodeId,
        address: SocketAddr,
    ) -> Result<(), Verdict> {
        if self.is_leaving {
            let text = format!("`{}` leaves", self.own.name);
            return Err(Verdict::refuse(CloseCode::GoAway, text));
        }
        if id.name == self.own.name {
            return Err(self.refuse_namesake(id, address));
        }
        self.refuse_name(&id.name)?;
        self.refuse_future(now, id)?;
        if let Some(later) = self.incarnations.later_than(id) {
            return Err(self.refuse_earlier(&id.name, later));
        }
        if !self.peers.contains_key(&id.name) && self.peers.len() >= self.rules.peers {
            let text = format!("`{}` has reached its limit of connections", self.own.name);
            return Err(Verdict::refuse(CloseCode::Overloaded, text));
        }
        self.replace(now, id, address)?;
        self.incarnations.saw(id);
        Ok(())
    }
}
