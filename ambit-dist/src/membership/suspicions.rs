//! The members that this node suspects because of a lost session. `foca` has timers for suspicions by its own probes
//! only.

use std::collections::BTreeMap;
use std::time::Duration;

use foca::{Incarnation, Member, State};

use crate::membership::member_id::MemberId;

/// Suspected members with the incarnation to refute, by the time at which they count as down, and by number.
#[derive(Default)]
pub(super) struct Suspicions {
    by_due: BTreeMap<(Duration, u64), (MemberId, Incarnation)>,
    last: u64,
}

impl Suspicions {
    /// Suspects a member until `due`. Returns the claim to apply.
    pub(super) fn add(&mut self, due: Duration, member: &Member<MemberId>) -> Member<MemberId> {
        let (id, incarnation) = (member.id().clone(), member.incarnation());
        self.last += 1;
        let suspicion = (id.clone(), incarnation);
        self.by_due.insert((due, self.last), suspicion);
        Member::new(id, incarnation, State::Suspect)
    }

    /// Returns the time at which the next suspicion is due.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.by_due.keys().next().map(|(due, _)| *due)
    }

    /// Removes a suspicion that is due. Returns the claim that the member is down, to apply if the suspicion stands.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<Member<MemberId>> {
        let next = self.by_due.first_entry();
        let next = next.filter(|next| next.key().0 <= now)?;
        let (id, incarnation) = next.remove();
        Some(Member::new(id, incarnation, State::Down))
    }

    /// Postpones all suspicions.
    pub(super) fn postpone(&mut self, by: Duration) {
        let all = std::mem::take(&mut self.by_due).into_iter();
        let later = |((due, number), suspicion)| ((due + by, number), suspicion);
        self.by_due = all.map(later).collect();
    }
}
