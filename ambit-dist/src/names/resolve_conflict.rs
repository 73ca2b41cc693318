//! The decision on claims that rank below another one. The node of the lower claim decides.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::names::claim::{self, Claim, ClaimHeader, ClaimState, Overtaken};
use crate::names::conflict::{ConflictChoice, ConflictPolicy, NameConflict, NameConflictError};
use crate::names::directory::Directory;
use crate::names::event::NameEvent;
use crate::names::key::Key;
use crate::names::key::{self, NameKey};
use crate::names::own_claims::OwnClaim;
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
        if self.is_own(first) && self.withdraw_if_overtaken(key, first, first.overtaken.get()) {
            // The change resolves the others.
            return;
        }
        for claim in others.iter().filter(|claim| self.is_own(claim)) {
            let by_first = first.overtakes(claim);
            let overtaken = claim.overtaken.get().or(by_first.as_ref());
            if self.withdraw_if_overtaken(key, claim, overtaken) {
                continue;
            }
            if is_veto {
                self.withdraw(claim.id);
                // The process of a veto has lost the name already, with an event.
                if claim.header.state != ClaimState::Vetoed {
                    self.emit_conflict(key, None);
                }
            } else if self.own.is_held(claim.id) {
                self.decide(key, first, claim);
            }
        }
    }

    /// Withdraws a claim of this node if its name was moved from it. Returns whether it was.
    fn withdraw_if_overtaken(
        &self,
        key: &Key,
        claim: &Claim,
        overtaken: Option<&Overtaken>,
    ) -> bool {
        let Some(overtaken) = overtaken else {
            return false;
        };
        let withdrawn = self.withdraw(claim.id);
        // The process of a veto has lost the name already, with an event.
        let is_new = claim.header.state != ClaimState::Vetoed && withdrawn.is_some();
        if overtaken.is_verdict && is_new {
            self.emit_conflict(key, overtaken.kept.as_ref());
        }
        true
    }

    /// Applies the policy. `second` is a claim of this node. Does nothing if the conflict has ended while the policy
    /// decided, because the task resolves the name again after each change.
    fn decide(&self, key: &Key, first: &Claim, second: &Claim) {
        let Some(name) = key::decode::<K>(key) else {
            return;
        };
        tracing::warn!(table = self.table, first = %first.origin, second = %second.origin, "two processes hold one name after a partition");
        let conflict = NameConflict {
            name,
            first: first.origin.clone(),
            second: second.origin.clone(),
            first_pid: self.pid_of(first),
            second_pid: self.pid_of(second),
        };
        match self.choice(&conflict) {
            None => self.end_second(conflict, key, first, second),
            Some(choice) => self.apply(choice, key, first, second),
        }
    }

    /// Returns the choice of the policy; `None` if the second process is to end.
    fn choice(&self, conflict: &NameConflict<K>) -> Option<ConflictChoice> {
        let policy = self.policy.lock().clone();
        match &policy {
            ConflictPolicy::EndSecond => None,
            ConflictPolicy::NotifySecond => Some(ConflictChoice::First),
            ConflictPolicy::NotifyBoth => Some(ConflictChoice::Neither),
            ConflictPolicy::Choose(choose) => {
                let chosen = catch_unwind(AssertUnwindSafe(|| choose(conflict)));
                chosen.ok()
            }
        }
    }

    /// Ends the second process, unless the conflict has ended.
    fn end_second(&self, conflict: NameConflict<K>, key: &Key, first: &Claim, second: &Claim) {
        let Some(own) = self.withdraw_second(first, second) else {
            return;
        };
        self.emit_conflict(key, Some(&first.origin));
        if let Some(process) = own.process {
            let error = NameConflictError::from(conflict);
            ambit::exit(&process, ambit::distribution::error_reason(error));
        }
    }

    /// Applies a choice, unless the conflict has ended.
    fn apply(&self, choice: ConflictChoice, key: &Key, first: &Claim, second: &Claim) {
        match choice {
            ConflictChoice::First => {
                if self.withdraw_second(first, second).is_some() {
                    self.emit_conflict(key, Some(&first.origin));
                }
            }
            ConflictChoice::Second => {
                self.overtake(first, second, |now| {
                    (now.header.state, now.payload().to_vec())
                });
            }
            ConflictChoice::Neither => {
                if self.overtake(first, second, |_| (ClaimState::Vetoed, Vec::new())) {
                    drop(self.own.empty(second.id));
                    self.emit_conflict(key, None);
                }
            }
        }
    }

    /// Withdraws the second claim of a conflict. Returns `None` if the conflict has ended.
    fn withdraw_second(&self, first: &Claim, second: &Claim) -> Option<OwnClaim> {
        let mut withdrawn = None;
        // Under the lock that claims are written under.
        self.replication.remove_if(second.id, || {
            if self.second_now(first, second).is_some() {
                withdrawn = self.own.remove(second.id);
            }
            withdrawn.is_some()
        });
        withdrawn
    }

    /// Returns the second claim of a conflict as it is now, or `None` if the conflict has ended.
    fn second_now(&self, first: &Claim, second: &Claim) -> Option<Arc<Claim>> {
        let key = &second.header.key;
        let is_first = self
            .index
            .look(key, |now| now.position() == first.position());
        let now = self.own_claim(key, second.id);
        now.filter(|_| is_first == Some(true))
    }

    /// Ranks the second claim above the first one. `content` returns its state and its payload. A change of the claim
    /// by another task is kept. Returns false if the conflict has ended. If the claim cannot be written, the first one
    /// keeps the name.
    fn overtake(
        &self,
        first: &Claim,
        second: &Claim,
        content: impl Fn(&Claim) -> (ClaimState, Vec<u8>),
    ) -> bool {
        while let Some(now) = self.second_now(first, second) {
            let (state, payload) = content(&now);
            let header = ClaimHeader {
                key: now.header.key.clone(),
                rank: first.header.rank.moved(),
                state,
                is_verdict: true,
                predecessors: first.and_predecessors(),
            };
            let body = claim::body(&header, &payload);
            let is_unchanged = || {
                let again = self.second_now(first, second);
                again.is_some_and(|again| Arc::ptr_eq(&again, &now))
            };
            match self.replication.update_if(second.id, body, is_unchanged) {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(table = self.table, %error, "a claim cannot be updated, so it is withdrawn");
                    if self.withdraw_second(first, second).is_some() {
                        self.emit_conflict(&second.header.key, Some(&first.origin));
                    }
                    return false;
                }
            }
        }
        false
    }

    fn emit_conflict(&self, key: &Key, kept: Option<&NodeId>) {
        if let Some(name) = key::decode::<K>(key) {
            let kept = kept.cloned();
            self.subscribers.emit(&NameEvent::Conflict { name, kept });
        }
    }
}
