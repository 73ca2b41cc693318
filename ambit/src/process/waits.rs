//! Who waits for whom: finds the circle in which nobody could ever answer.

use std::collections::BTreeMap;

use parking_lot::Mutex;

use crate::pid::Pid;

/// How many waits are followed before a chain counts as open.
const HOPS: usize = 16;

#[derive(Default)]
pub(crate) struct Waits {
    edges: Mutex<BTreeMap<Pid, Vec<Pid>>>,
}

/// What a new wait closes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Circle {
    None,
    /// Every process in it waits for nothing else: nobody can go on.
    Closed(Vec<Pid>),
    /// Somebody in it waits for something else too, and may go on.
    Possible(Vec<Pid>),
}

impl Waits {
    /// Notes that `from` waits for an answer of `to`. A wait that closes a circle is not noted.
    pub(crate) fn add(&self, from: Pid, to: Pid) -> Circle {
        let mut edges = self.edges.lock();
        let circle = follow(&edges, from, to);
        if !matches!(circle, Circle::Closed(_)) {
            edges.entry(from).or_default().push(to);
        }
        circle
    }

    pub(crate) fn remove(&self, from: Pid, to: Pid) {
        let mut edges = self.edges.lock();
        let Some(targets) = edges.get_mut(&from) else {
            return;
        };
        if let Some(at) = targets.iter().position(|pid| *pid == to) {
            targets.swap_remove(at);
        }
        if targets.is_empty() {
            edges.remove(&from);
        }
    }

    /// For whose answers `from` waits.
    pub(crate) fn of(&self, from: Pid) -> Vec<Pid> {
        self.edges.lock().get(&from).cloned().unwrap_or_default()
    }

    /// Everybody who waits, and for whom.
    pub(crate) fn all(&self) -> Vec<(Pid, Vec<Pid>)> {
        self.edges
            .lock()
            .iter()
            .map(|(from, to)| (*from, to.clone()))
            .collect()
    }
}

fn follow(edges: &BTreeMap<Pid, Vec<Pid>>, from: Pid, to: Pid) -> Circle {
    let mut sole = !edges.contains_key(&from);
    let mut path = vec![from];
    let mut at = to;
    for _ in 0..HOPS {
        path.push(at);
        if at == from {
            return if sole {
                Circle::Closed(path)
            } else {
                Circle::Possible(path)
            };
        }
        let Some(next) = edges.get(&at) else {
            return Circle::None;
        };
        sole &= next.len() == 1;
        // With several waits the newest is followed: the others are at least as old as the circle.
        let Some(&target) = next.last() else {
            return Circle::None;
        };
        at = target;
    }
    Circle::None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(n: u32) -> Pid {
        Pid::new(1, n, 0)
    }

    #[test]
    fn the_wait_that_closes_a_circle_is_named_and_not_noted() {
        let waits = Waits::default();
        assert_eq!(waits.add(pid(1), pid(2)), Circle::None);
        assert_eq!(waits.add(pid(2), pid(3)), Circle::None);
        let circle = vec![pid(3), pid(1), pid(2), pid(3)];
        assert_eq!(waits.add(pid(3), pid(1)), Circle::Closed(circle));
        assert!(waits.of(pid(3)).is_empty());
        waits.remove(pid(2), pid(3));
        assert_eq!(waits.add(pid(3), pid(1)), Circle::None);
    }

    #[test]
    fn a_circle_through_a_process_with_several_waits_is_only_possible() {
        let waits = Waits::default();
        waits.add(pid(1), pid(9));
        waits.add(pid(1), pid(2));
        assert!(matches!(waits.add(pid(2), pid(1)), Circle::Possible(_)));
        assert_eq!(waits.of(pid(2)), [pid(1)]);
    }

    #[test]
    fn seventeen_hops_are_not_followed() {
        let waits = Waits::default();
        for n in 1..=17 {
            waits.add(pid(n), pid(n + 1));
        }
        assert_eq!(waits.add(pid(18), pid(1)), Circle::None);
    }
}
