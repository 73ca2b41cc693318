//! Who waits for each other's answers, in a circle: a pure look at who waits for whom.

use std::collections::{BTreeMap, BTreeSet};

use crate::pid::Pid;

/// The circles among those who wait, each from its lowest pid on. Who is in several is told in one of them.
pub(super) fn circles(waits: &[(Pid, Vec<Pid>)]) -> Vec<Vec<Pid>> {
    let mut open: BTreeMap<Pid, BTreeSet<Pid>> = waits
        .iter()
        .map(|(from, to)| (*from, to.iter().copied().collect()))
        .collect();
    let mut circles = Vec::new();
    loop {
        let_free(&mut open);
        let Some(first) = open.keys().next().copied() else {
            return circles;
        };
        let circle = follow(&open, first);
        for pid in &circle {
            open.remove(pid);
        }
        circles.push(circle);
    }
}

/// Forgets who waits for somebody that waits for nobody, until everybody who is left leads into a circle.
fn let_free(open: &mut BTreeMap<Pid, BTreeSet<Pid>>) {
    loop {
        let waiting: BTreeSet<Pid> = open.keys().copied().collect();
        let before = waiting.len();
        open.retain(|_, to| {
            to.retain(|pid| waiting.contains(pid));
            !to.is_empty()
        });
        if open.len() == before {
            return;
        }
    }
}

/// Goes from one to the next until somebody comes up again: from there on it is a circle.
fn follow(open: &BTreeMap<Pid, BTreeSet<Pid>>, from: Pid) -> Vec<Pid> {
    let mut path = vec![from];
    let mut at = from;
    while let Some(&next) = open.get(&at).and_then(BTreeSet::first) {
        if let Some(begin) = path.iter().position(|pid| *pid == next) {
            let mut circle = path.split_off(begin);
            let lowest = circle.iter().min().copied();
            let turn = circle.iter().position(|pid| Some(*pid) == lowest);
            circle.rotate_left(turn.unwrap_or(0));
            return circle;
        }
        path.push(next);
        at = next;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pid(n: u32) -> Pid {
        Pid::new(1, n, 0)
    }

    fn waits(all: &[(u32, &[u32])]) -> Vec<(Pid, Vec<Pid>)> {
        all.iter()
            .map(|(from, to)| (pid(*from), to.iter().copied().map(pid).collect()))
            .collect()
    }

    #[test]
    fn a_chain_is_no_circle() {
        let chain: &[(u32, &[u32])] = &[(1, &[2]), (2, &[3, 4]), (3, &[4])];
        assert!(circles(&waits(chain)).is_empty());
    }

    #[test]
    fn each_circle_is_told_once_without_those_who_only_lead_to_it() {
        let two: &[(u32, &[u32])] = &[
            (9, &[2]),
            (4, &[2, 7]),
            (2, &[5]),
            (5, &[4]),
            (6, &[8]),
            (8, &[6]),
            (1, &[1]),
        ];
        let found = circles(&waits(two));
        let wanted = [vec![1], vec![2, 5, 4], vec![6, 8]];
        let wanted: Vec<Vec<Pid>> = wanted
            .into_iter()
            .map(|circle| circle.into_iter().map(pid).collect())
            .collect();
        assert_eq!(found, wanted);
    }
}
