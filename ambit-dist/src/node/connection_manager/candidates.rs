//! Addresses that discovery has found: dialled like seeds while any source lists them.

use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::candidate_sets::SourceId;
use crate::node::connection_manager::target::{DialState, DialTarget};
use crate::node::connection_manager::{Action, Peers};
use crate::node::error::ConnectError;
use crate::node::reconnect::Reconnect;

impl Peers {
    /// Replaces the candidates of a source. New ones are dialled. Those that no source lists any more are forgotten,
    /// unless their node has been connected.
    pub(crate) fn candidates(&mut self, now: Duration, source: SourceId, set: Vec<SocketAddr>) {
        if self.rules.reconnect == Reconnect::Never || self.is_leaving {
            return;
        }
        for address in self.candidates.replace(source, set) {
            self.unlist(address);
        }
        self.dial_candidates(now);
    }

    fn unlist(&mut self, address: SocketAddr) {
        let Some(target) = self.targets.get_mut(&address) else {
            return;
        };
        target.is_candidate = false;
        let has_other_use = target.is_seed || target.name.is_some() || !target.callers.is_empty();
        if !has_other_use {
            // No caller waits for it.
            self.give_up(address, &ConnectError::Disconnected { address });
        }
    }

    /// Adds the waiting candidates to the targets, up to the limit of peers.
    pub(super) fn dial_candidates(&mut self, now: Duration) {
        if self.is_leaving {
            return;
        }
        let mut left = Vec::new();
        for address in std::mem::take(&mut self.candidates.waiting) {
            if !self.targets.contains_key(&address) && !self.make_capacity() {
                left.push(address);
                continue;
            }
            let new = || DialTarget::new(address, false, DialState::Waiting(now));
            let target = self.targets.entry(address).or_insert_with(new);
            target.is_candidate = true;
        }
        // Behind them are those that gave way.
        left.append(&mut self.candidates.waiting);
        self.candidates.waiting = left;
        self.warn_of_limit();
    }

    fn warn_of_limit(&mut self) {
        let (waiting, limit) = (self.candidates.waiting.len(), self.rules.peers);
        let is_over = waiting > 0;
        if is_over && !self.candidates.has_warned {
            self.actions.push(Action::Warn(format!(
                "{waiting} discovered addresses are not dialled, because the limit of {limit} peers is reached: raise `limits(..)`"
            )));
        }
        self.candidates.has_warned = is_over;
    }
}
