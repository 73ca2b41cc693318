//! Renewal of this node's incarnation when others have seen a later one: its clock was set back, or another node has
//! its name.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::{Action, Peers};
use crate::node::id::Incarnation;
use crate::wire::CloseCode;

/// The maximum number of renewals of a node.
const RENEWALS: u32 = 3;

impl Peers {
    /// Handles a refusal by a node that has seen this later incarnation. A node that no peer has accepted takes a still
    /// later one; otherwise it keeps the incarnation that its peers know. Returns true if a retry may succeed.
    pub(crate) fn outdated(&mut self, now: Duration, later: Incarnation) -> bool {
        if later < self.own.incarnation {
            // The other node refers to an incarnation from before a renewal.
            return true;
        }
        // Every other node would refuse an incarnation so far in the future.
        let is_remote = self.too_late(now, later).is_some();
        if is_remote || self.is_known || self.is_leaving || self.renewals >= RENEWALS {
            return false;
        }
        if !self.peers.is_empty() {
            // A peer has received the current identity and has not yet confirmed. Resolve that first.
            return true;
        }
        let [low, high, ..] = self.rng.u64(..).to_le_bytes();
        let Some(incarnation) = later.after(u16::from_le_bytes([low, high])) else {
            return false;
        };
        self.renewals += 1;
        self.own.incarnation = incarnation;
        self.actions.push(Action::Renew(self.own.clone()));
        self.dial_anew();
        true
    }

    /// Dials again all nodes that received the previous identity.
    fn dial_anew(&mut self) {
        let under_way = std::mem::take(&mut self.dials);
        for conn in under_way.keys() {
            self.close(*conn, CloseCode::Normal, "dialled anew");
        }
        let addresses: Vec<SocketAddr> = under_way.into_values().collect();
        for address in addresses {
            self.dial(address);
        }
    }
}
