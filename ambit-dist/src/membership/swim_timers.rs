//! The timers of `foca`, in the order of their due times.

use std::collections::BTreeMap;
use std::time::Duration;

use foca::Timer;

use crate::membership::member_id::MemberId;
use crate::node::id::NodeName;

/// A due time and a number.
type Key = (Duration, u64);

/// The timers of `foca`. A member has at most one timer that removes it, so another node cannot add timers without
/// bound by claiming the loss of ever later incarnations.
#[derive(Default)]
pub(super) struct SwimTimers {
    by_due: BTreeMap<Key, Timer<MemberId>>,
    /// The timers that remove a member that is down, by its name.
    removals: BTreeMap<NodeName, Key>,
    last: u64,
}

impl SwimTimers {
    /// Adds a timer. A later one that removes a member replaces the earlier one, which would have no effect.
    pub(super) fn add(&mut self, due: Duration, timer: Timer<MemberId>) {
        self.last += 1;
        let key = (due, self.last);
        if let Timer::RemoveDown(id) = &timer
            && let Some(earlier) = self.removals.insert(id.id.name.clone(), key)
        {
            self.by_due.remove(&earlier);
        }
        self.by_due.insert(key, timer);
    }

    /// Returns the time at which the next timer is due.
    pub(super) fn deadline(&self) -> Option<Duration> {
        self.by_due.keys().next().map(|(due, _)| *due)
    }

    /// Removes the timers that are due, in the order in which `foca` wants them.
    pub(super) fn take_due(&mut self, now: Duration) -> Vec<Timer<MemberId>> {
        let rest = self.by_due.split_off(&(now, u64::MAX));
        let due = std::mem::replace(&mut self.by_due, rest);
        let mut due: Vec<_> = due.into_values().collect();
        for timer in &due {
            if let Timer::RemoveDown(id) = timer {
                self.removals.remove(&id.id.name);
            }
        }
        due.sort();
        due
    }

    /// Takes the timer that would remove the member that has been gone longest, and returns the member. One that
    /// `is_preferred` by its due time and its name comes before the others.
    pub(super) fn take_first_removal(
        &mut self,
        is_preferred: impl Fn(Duration, &NodeName) -> bool,
    ) -> Option<MemberId> {
        let timers = self.by_due.iter();
        let mut removals = timers.filter_map(|(key, timer)| match timer {
            Timer::RemoveDown(id) => Some((*key, id)),
            _ => None,
        });
        let preferred = removals
            .clone()
            .find(|((due, _), id)| is_preferred(*due, &id.id.name));
        let (key, id) = preferred.or_else(|| removals.next())?;
        let id = id.clone();
        self.by_due.remove(&key);
        self.removals.remove(&id.id.name);
        Some(id)
    }

    /// Postpones all timers.
    pub(super) fn postpone(&mut self, by: Duration) {
        let all = std::mem::take(&mut self.by_due).into_iter();
        let later = |((due, number), timer)| ((due + by, number), timer);
        self.by_due = all.map(later).collect();
        for (due, _) in self.removals.values_mut() {
            *due += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::membership::member_id::Profile;
    use crate::node::id::id;

    const SECOND: Duration = Duration::from_secs(1);

    fn removal(name: &str, incarnation: u64) -> Timer<MemberId> {
        Timer::RemoveDown(MemberId {
            id: id(name, incarnation),
            renewal: 0,
            profile: Profile::default().into(),
        })
    }

    #[test]
    fn a_member_has_one_timer_that_removes_it() {
        let mut timers = SwimTimers::default();
        timers.add(SECOND, removal("other", 1));
        for incarnation in 0..10_000 {
            timers.add(2 * SECOND, removal("a", incarnation));
        }
        assert_eq!(timers.by_due.len(), 2);
        timers.postpone(SECOND);
        timers.add(9 * SECOND, removal("a", 10_000));
        assert_eq!(timers.deadline(), Some(2 * SECOND));
        let first = timers.take_first_removal(|_, _| false);
        assert_eq!(first.map(Timer::RemoveDown), Some(removal("other", 1)));
        timers.add(2 * SECOND, removal("other", 1));
        assert_eq!(timers.take_due(3 * SECOND), [removal("other", 1)]);
        assert_eq!(timers.take_due(9 * SECOND), [removal("a", 10_000)]);
        assert!(timers.by_due.is_empty() && timers.removals.is_empty());
    }

    #[test]
    fn a_preferred_member_is_removed_first() {
        let mut timers = SwimTimers::default();
        for (at, name) in ["a", "b", "c"].into_iter().enumerate() {
            timers.add(SECOND * u32::try_from(at).unwrap(), removal(name, 1));
        }
        let mut order = Vec::new();
        let is_preferred = |due, name: &NodeName| due < 2 * SECOND && name.as_str() != "a";
        while let Some(id) = timers.take_first_removal(is_preferred) {
            order.push(id.id.name.to_string());
        }
        assert_eq!(order, ["b", "a", "c"]);
    }
}
