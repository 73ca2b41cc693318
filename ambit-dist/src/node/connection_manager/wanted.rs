//! Dials that the membership requests, so that each pair of members has a connection.
//!
//! A member is dialled until the membership forgets it: an hour after the loss of the member, or earlier while more
//! members are known than the limit. The addresses of lost members must not fill the table meanwhile: if it is full, the
//! one that has failed most often is removed.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::Peers;
use crate::node::connection_manager::target::{DialState, DialTarget};
use crate::node::error::ConnectError;
use crate::node::id::NodeName;
use crate::node::reconnect::Reconnect;

impl Peers {
    /// Dials a member at its addresses until it is connected, and again after each loss of the connection, until
    /// [`forget_wanted`](Self::forget_wanted). Does nothing if the node never reconnects or was asked to disconnect
    /// from the member. Addresses beyond the limit are not dialled.
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
        if !is_wanted {
            return;
        }
        self.wanted.insert(name.clone());
        if self.up(name).is_some() {
            return;
        }
        let addresses: Vec<SocketAddr> = addresses.into_iter().collect();
        // A member that has moved is not dialled at its earlier addresses.
        self.targets.retain(|address, target| {
            !target.leads_to(name) || target.has_use() || addresses.contains(address)
        });
        for address in addresses {
            if !self.targets.contains_key(&address) && !self.make_capacity() {
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

    /// Stops dialling a member, except at the addresses of seeds, candidates and callers of `connect`.
    pub(crate) fn forget_wanted(&mut self, now: Duration, name: &NodeName) {
        self.disconnected.remove(name);
        self.wanted.remove(name);
        if self.up(name).is_some() {
            return;
        }
        let targets = self.targets.values();
        let idle = targets.filter(|target| {
            let is_asked = target.is_requested || !target.callers.is_empty();
            target.leads_to(name) && !target.is_listed() && !is_asked
        });
        let idle: Vec<SocketAddr> = idle.map(|target| target.address).collect();
        for address in idle {
            self.give_up(address, &ConnectError::Disconnected { address });
        }
        self.dial_candidates(now);
    }

    /// Stops dialling a node that is to stay disconnected, at the request of this node or of the other one: the
    /// membership does not dial it either.
    pub(super) fn keep_apart(&mut self, name: &NodeName, is_requested: bool) {
        self.wanted.remove(name);
        self.disconnected.add(name, is_requested);
    }

    /// Returns whether another address fits. If the table is full, the address of a member or a candidate that never
    /// answered gives way: the one that has failed most often. The candidate waits again, behind all others.
    pub(super) fn make_capacity(&mut self) -> bool {
        if self.targets.len() < self.rules.peers {
            return true;
        }
        let targets = self.targets.values().filter(|target| target.gives_way());
        let worst = targets.max_by_key(|target| target.failures);
        let worst = worst.map(|target| target.address);
        let removed = worst.and_then(|address| self.targets.remove(&address));
        if let Some(candidate) = removed.as_ref().filter(|removed| removed.is_candidate) {
            self.candidates.waiting.push(candidate.address);
        }
        removed.is_some()
    }
}
