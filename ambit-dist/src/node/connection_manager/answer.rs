//! Results of the connections that this node dials.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::target::{DialState, DialTarget};
use crate::node::connection_manager::{
    Action, ConnectionId, DialFailure, PeerConnection, Peers, Verdict,
};
use crate::node::error::ConnectError;
use crate::node::id::{NodeId, NodeName};
use crate::node::reconnect::Reconnect;
use crate::wire::CloseCode;

/// The maximum number of redials for waiting callers, after a refusal as a duplicate of an unknown connection or as an
/// outdated incarnation.
const DUPLICATES: u32 = 8;

/// The maximum number of redials for waiting callers of a node that answers with an earlier incarnation. It may take a
/// later one after the refusal.
const STALE: u32 = 3;

impl Peers {
    /// Handles the answer of a dialled node. Accepting it confirms the connection, which is used from now on.
    pub(crate) fn received_answer(
        &mut self,
        now: Duration,
        conn: ConnectionId,
        id: &NodeId,
    ) -> Verdict {
        let Some(address) = self.dials.remove(&conn) else {
            return Verdict::refuse(CloseCode::Normal, "the connection is no longer needed");
        };
        if let Err(refusal) = self.is_welcome(now, id, address) {
            let tried = self.targets.get(&address).map(|target| target.failures);
            let is_stale = matches!(&refusal, Verdict::Refuse { code, .. } if *code == CloseCode::StaleIncarnation);
            if is_stale && tried.is_some_and(|times| times < STALE) {
                self.wait(now, address);
                return refusal;
            }
            let error = self.unwelcome(address, id, &refusal);
            self.ended(now, address, &error);
            return refusal;
        }
        let Some(target) = self.targets.get_mut(&address) else {
            return Verdict::refuse(CloseCode::Normal, "the connection is no longer needed");
        };
        target.name = Some(id.name.clone());
        if self.up(&id.name).is_some() {
            self.connected_already(address, id);
            return Verdict::refuse(CloseCode::Duplicate, "there is another connection");
        }
        let peer = self.peers.get(&id.name);
        if peer.is_some_and(|peer| !peer.offers.is_empty()) && id.name < self.own.name {
            self.wait(now, address);
            return Verdict::refuse(
                CloseCode::Duplicate,
                "the other of two simultaneous dials stays",
            );
        }
        if let Some(target) = self.targets.get_mut(&address) {
            target.progress = DialState::Held;
        }
        self.rise(PeerConnection {
            id: id.clone(),
            conn,
            address,
        });
        Verdict::Accept
    }

    /// Handles a failed dial.
    pub(crate) fn dial_failed(&mut self, now: Duration, conn: ConnectionId, failure: DialFailure) {
        let Some(address) = self.dials.remove(&conn) else {
            return;
        };
        match failure {
            DialFailure::Duplicate(Some(name)) => self.duplicate(now, address, name),
            DialFailure::Duplicate(None) => {
                let repeated = self.targets.get(&address).map(|target| target.failures);
                if repeated.is_some_and(|times| times < DUPLICATES) {
                    return self.wait(now, address);
                }
                self.ended(now, address, &ConnectError::Duplicate { address });
            }
            DialFailure::Outdated(later, error) => {
                let tried = self.targets.get(&address).map(|target| target.failures);
                if self.outdated(now, later) && tried.is_some_and(|times| times < DUPLICATES) {
                    return self.wait(now, address);
                }
                self.ended(now, address, &error);
            }
            DialFailure::Failed(error) => {
                match self.known_at(address).filter(|_| is_silent(&error)) {
                    Some(id) => self.connected_already(address, &id),
                    None => self.ended(now, address, &error),
                }
            }
        }
    }

    /// Returns the connected node that answered last at the address.
    fn known_at(&self, address: SocketAddr) -> Option<NodeId> {
        self.up(self.targets.get(&address)?.name.as_ref()?)
    }

    fn duplicate(&mut self, now: Duration, address: SocketAddr, name: NodeName) {
        let up = self.up(&name);
        if let Some(target) = self.targets.get_mut(&address) {
            target.name = Some(name);
        }
        match up {
            Some(id) => self.connected_already(address, &id),
            // The offer will be confirmed, or the next dial finds its end.
            None => self.wait(now, address),
        }
    }

    fn connected_already(&mut self, address: SocketAddr, id: &NodeId) {
        if let Some(target) = self.targets.get_mut(&address) {
            target.progress = DialState::Held;
        }
        self.satisfy(id);
    }

    /// Dials again after a while; the callers keep waiting.
    fn wait(&mut self, now: Duration, address: SocketAddr) {
        if let Some(target) = self.targets.get_mut(&address) {
            target.back_off(now, &mut self.rng);
        }
    }

    /// Answers the callers, and schedules another dial if the target is still wanted.
    pub(super) fn ended(&mut self, now: Duration, address: SocketAddr, error: &ConnectError) {
        let Some(target) = self.targets.get_mut(&address) else {
            return;
        };
        let callers = std::mem::take(&mut target.callers);
        let may_help = target.is_listed() || !has_left(error);
        if self.rules.is_wanted(target, &self.wanted) && may_help && !is_final(error) {
            let warns = target.is_worth_a_warning(is_silent(error));
            if is_refusal(error) && !target.is_listed() {
                target.back_off_refused(now, &mut self.rng);
            } else {
                target.back_off(now, &mut self.rng);
            }
            if warns {
                self.actions
                    .push(Action::Warn(format!("{error}; retrying")));
            }
        } else {
            if target.is_seed {
                self.actions.push(Action::Warn(error.to_string()));
            }
            self.targets.remove(&address);
            self.dial_candidates(now);
        }
        for caller in callers {
            self.answer(caller, Err(error.clone()));
        }
    }

    fn unwelcome(&self, address: SocketAddr, id: &NodeId, refusal: &Verdict) -> ConnectError {
        let Verdict::Refuse { code, text } = refusal else {
            return ConnectError::Left;
        };
        let reason = text.clone();
        let name = self.own.name.clone();
        match code {
            CloseCode::GoAway => ConnectError::Left,
            CloseCode::Quarantined => {
                let node = id.name.clone();
                ConnectError::NotAdmitted { node, reason }
            }
            CloseCode::StaleIncarnation => ConnectError::Stale { reason },
            CloseCode::Overloaded => ConnectError::TooMany {
                limit: self.rules.peers,
            },
            _ if *id == self.own => ConnectError::Itself { address },
            _ if id.name == name => ConnectError::NameRefused { name, reason },
            code => ConnectError::Refused {
                address,
                code: *code,
                reason,
            },
        }
    }
}

impl super::PeerSettings {
    /// Returns whether the policy wants a connection to a target without a caller. `members` are those that the
    /// membership wants.
    pub(super) fn is_wanted(&self, target: &DialTarget, members: &BTreeSet<NodeName>) -> bool {
        match self.reconnect {
            Reconnect::Always => target.is_listed() || target.is_remembered(members),
            // An address that has answered once is not dialled again.
            Reconnect::Once => target.is_listed() && target.name.is_none(),
            Reconnect::Never => false,
        }
    }
}

/// Returns whether nothing answered at the address: its node may be starting, or have moved.
fn is_silent(error: &ConnectError) -> bool {
    matches!(
        error,
        ConnectError::Unreachable { .. } | ConnectError::TimedOut { .. }
    )
}

/// Returns whether the other node is leaving. A seed may come back at its address, and is dialled all the same.
fn has_left(error: &ConnectError) -> bool {
    matches!(
        error,
        ConnectError::Refused {
            code: CloseCode::GoAway,
            ..
        }
    )
}

/// Returns whether one of the nodes does not admit the other. Refusals can be revoked, and certificates renewed.
fn is_refusal(error: &ConnectError) -> bool {
    matches!(
        error,
        ConnectError::Quarantined { .. } | ConnectError::NotAdmitted { .. }
    )
}

/// Returns whether a retry can never succeed.
fn is_final(error: &ConnectError) -> bool {
    matches!(error, ConnectError::Itself { .. } | ConnectError::Left)
}
