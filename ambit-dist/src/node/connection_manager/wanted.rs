//! Dials that the membership requests, so that each pair of members has a connection.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::Peers;
use crate::node::connection_manager::target::{DialState, DialTarget};
use crate::node::error::ConnectError;
use crate::node::id::NodeName;
use crate::node::reconnect::Reconnect;

impl Peers {
    /// Dials a member at its addresses until it is connected. Does nothing if the node never reconnects, was asked
    /// to disconnect from the member, or is out of addresses.
    pub(crate) fn want(
        &mut self,
        now: Duration,
        name: &NodeName,
        addresses: impl IntoIterator<Item = SocketAddr>,
    ) {
        let is_wanted = self.rules.reconnect == Reconnect::Always
            && !self.is_leaving
            && !self.refused.contains(name)
            && !self.disconnected.contains(name);
        if !is_wanted || self.up(name).is_some() {
            return;
        }
        for address in addresses {
            let is_known = self.targets.contains_key(&address);
            if !is_known && self.targets.len() >= self.rules.peers {
                return;
            }
            let target = self
                .targets
                .entry(address)
                .or_insert_with(|| DialTarget::new(address, false, DialState::Waiting(now)));
            target.name = Some(name.clone());
            if target.progress == DialState::Held {
                target.progress = DialState::Waiting(now);
            }
        }
    }

    /// Stops dialling a member, except at the addresses of seeds and candidates.
    pub(crate) fn forget_wanted(&mut self, name: &NodeName) {
        self.disconnected.remove(name);
        if self.up(name).is_some() {
            return;
        }
        let targets = self.targets.values();
        let idle = targets.filter(|target| {
            target.leads_to(name) && !target.is_listed() && target.callers.is_empty()
        });
        let idle: Vec<SocketAddr> = idle.map(|target| target.address).collect();
        for address in idle {
            self.give_up(address, &ConnectError::Disconnected { address });
        }
    }
}
