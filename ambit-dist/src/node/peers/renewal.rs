//! Others have seen a later life of this node than it says it is: its clock was set back, or another node has its name.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::id::Incarnation;
use crate::node::peers::{Action, Peers};
use crate::wire::CloseCode;

/// How often a node becomes a later life of itself, whatever others say.
const RENEWALS: u32 = 3;

impl Peers {
    /// Another node refuses this one, because it has seen this later life of it. A node that nobody is or was connected to
    /// becomes a still later one; one that is known somewhere stays what it is there. True if it may be welcome the next time.
    pub(crate) fn outdated(&mut self, now: Duration, later: Incarnation) -> bool {
        if later < self.own.incarnation {
            // That was said to whom it was before.
            return true;
        }
        // As a life that no other node welcomes it would be alone.
        let is_far = self.too_late(now, later).is_some();
        if is_far || self.is_known || self.is_leaving || self.renewals >= RENEWALS {
            return false;
        }
        if !self.peers.is_empty() {
            // Somebody has been told who this node is, and has not confirmed; what becomes of that comes first.
            return true;
        }
        let [low, high, ..] = self.dice.roll().to_le_bytes();
        let Some(incarnation) = later.after(u16::from_le_bytes([low, high])) else {
            return false;
        };
        self.renewals += 1;
        self.own.incarnation = incarnation;
        self.actions.push(Action::Renew(self.own.clone()));
        self.dial_anew();
        true
    }

    /// Those that are being dialled have been told who this node was.
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
