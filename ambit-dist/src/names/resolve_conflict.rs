//! The decision on claims that rank below another one. The node of the lower claim decides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ambit::process::ExitReason;

use crate::names::claim::{self, Claim, ClaimHeader, ClaimState};
use crate::names::conflict::{ConflictChoice, ConflictPolicy, NameConflict};
use crate::names::directory::Directory;
use crate::names::event::NameEvent;
use crate::names::key::Key;
use crate::names::key::{self, NameKey};
use crate::node::id::NodeId;

impl<K: NameKey> Directory<K> {
    /// Resolves the conflicts of a name that this node decides, and completes those that other nodes have decided.
    pub(super) fn resolve(&self, key: &Key, claims: &[Arc<Claim>]) {
        let Some((first, others)) = claims.split_first() else {
            return;
        };
        let is_veto = first.header.state == ClaimState::Vetoed;
        if is_veto && others.is_empty() && self.is_own(first) {
            // All processes of the conflict have lost the name.
            self.withdraw(first.id);
        }
        for claim in others.iter().filter(|claim| self.is_own(claim)) {
            // The process of a veto has lost the name already, with an event.
            let is_new = claim.header.state != ClaimState::Vetoed;
            if first.header.rank.was_moved_from(claim.header.rank) {
                self.withdraw(claim.id);
                if first.header.is_verdict && is_new {
                    self.emit_conflict(key, (!is_veto).then_some(&first.origin));
                }
            } else if is_veto {
                self.withdraw(claim.id);
                if is_new {
                    self.emit_conflict(key, None);
                }
            } else if self.own.is_held(claim.id) {
                self.decide(key, first, claim);
            }
        }
    }

    /// Applies the policy. `second` is a claim of this node.
    fn decide(&self, key: &Key, first: &Claim, second: &Claim) {
        let Some(name) = key::decode::<K>(key) else {
            return;
        };
        tracing::warn!(table = self.table, first = %first.origin, second = %second.origin, "two processes hold one name after a partition");
        let policy = self.policy.lock().clone();
        let choice = match &policy {
            ConflictPolicy::EndSecond => None,
            ConflictPolicy::NotifySecond => Some(ConflictChoice::First),
            ConflictPolicy::NotifyBoth => Some(ConflictChoice::Neither),
            ConflictPolicy::Choose(choose) => {
                let conflict = NameConflict {
                    name,
                    first: first.origin.clone(),
                    second: second.origin.clone(),
                };
                let chosen = catch_unwind(AssertUnwindSafe(|| choose(&conflict)));
                chosen.ok()
            }
        };
        match choice {
            None => {
                let process = self.withdraw(second.id).and_then(|own| own.process);
                self.emit_conflict(key, Some(&first.origin));
                if let Some(process) = process {
                    let text = format!(
                        "name conflict: a process on {} holds the name",
                        first.origin
                    );
                    ambit::exit(&process, ExitReason::error(text));
                }
            }
            Some(ConflictChoice::First) => {
                self.withdraw(second.id);
                self.emit_conflict(key, Some(&first.origin));
            }
            Some(ConflictChoice::Second) => {
                self.overtake(first, second, second.header.state, second.payload());
            }
            Some(ConflictChoice::Neither) => {
                drop(self.own.empty(second.id));
                self.overtake(first, second, ClaimState::Vetoed, &[]);
                self.emit_conflict(key, None);
            }
        }
    }

    /// Ranks the second claim above the first one.
    fn overtake(&self, first: &Claim, second: &Claim, state: ClaimState, payload: &[u8]) {
        let header = ClaimHeader {
            key: second.header.key.clone(),
            rank: first.header.rank.moved(),
            state,
            is_verdict: true,
        };
        let body = claim::body(&header, payload);
        if let Err(error) = self.replication.update(second.id, body) {
            tracing::warn!(table = self.table, %error, "a claim cannot be updated, so it is withdrawn");
            self.withdraw(second.id);
        }
    }

    fn emit_conflict(&self, key: &Key, kept: Option<&NodeId>) {
        if let Some(name) = key::decode::<K>(key) {
            let kept = kept.cloned();
            self.subscribers.emit(&NameEvent::Conflict { name, kept });
        }
    }
}
