//! Rules of the graph; every process here is blocked by its waits, unless a test overrides that.

mod checks;
mod ends;
mod visits;

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::search::{LOOKS, WAITS};
use super::shard::PRUNED;
use super::verdict::begin_at;
use super::*;
use crate::engine::reply::{self, OpenReply, ReplyReceiver};
use crate::error::CallError;

fn pid(n: u32) -> Pid {
    Pid::new(1, n, 0)
}

/// The answers to the queries of the graph: all processes are in their first poll.
#[derive(Default)]
struct Known {
    polls: BTreeMap<Pid, u32>,
    plain: Option<Pid>,
    /// True if no process is starting.
    started: bool,
    asked: RefCell<usize>,
    /// The process that is polled once more after so many queries about it.
    moves_on: Option<(Pid, usize)>,
    asked_about_it: Cell<usize>,
}

impl ProcessQueries for Known {
    fn polled(&self, pid: Pid) -> Option<u32> {
        *self.asked.borrow_mut() += 1;
        let polled = self.polls.get(&pid).copied().unwrap_or(1);
        match self.moves_on {
            Some((process, queries)) if process == pid => {
                let asked = self.asked_about_it.get();
                self.asked_about_it.set(asked + 1);
                Some(polled + u32::from(asked >= queries))
            }
            _ => Some(polled),
        }
    }

    fn can_block(&self, pid: Pid) -> bool {
        self.plain != Some(pid)
    }

    fn is_starting(&self, _pid: Pid) -> bool {
        !self.started
    }
}

/// Returns a wait for the start of a process in the first poll, to be renewed in each poll.
fn wait_for(to: u32) -> WaitRecord {
    WaitRecord {
        to: pid(to),
        polled: 1,
        began: 1,
        renewal: Renewal::EachPoll,
        awaited: Awaited::Start,
        is_sent: false,
        is_closing: false,
    }
}

/// Returns a wait for the end of a process.
fn end_of(to: u32) -> WaitRecord {
    WaitRecord {
        polled: 0,
        began: 0,
        renewal: Renewal::None,
        awaited: Awaited::End,
        ..wait_for(to)
    }
}

/// Returns a wait for the answer of a process.
fn answer_of(to: u32, asked: &ReplyReceiver<u8>) -> WaitRecord {
    WaitRecord {
        awaited: Awaited::Answer(asked.slot()),
        ..wait_for(to)
    }
}

/// Waits for starts, which are over only when a test ends them.
#[derive(Default)]
struct Setup {
    graph: WaitGraph,
    known: Known,
}

/// The kind of cycle, without its question.
#[derive(Debug, PartialEq, Eq)]
enum Closes {
    Nothing,
    Closed(Vec<Pid>),
    Possible(Vec<Pid>),
}

impl Setup {
    fn add(&self, from: u32, to: u32, polled: Option<u32>) -> (u64, Closes) {
        let wait = WaitRecord {
            polled: polled.unwrap_or(0),
            began: polled.unwrap_or(0),
            renewal: polled.map_or(Renewal::None, |_| Renewal::EachPoll),
            ..wait_for(to)
        };
        let (id, cycle) = self.graph.wait(&self.known, pid(from), None, wait, None);
        let closes = match cycle {
            Cycle::None | Cycle::Left => Closes::Nothing,
            Cycle::Rejected(path) | Cycle::Fails(path, _) => Closes::Closed(path),
            Cycle::Possible(path) => Closes::Possible(path),
            Cycle::Unchecked(_) => unreachable!("it has no checks"),
        };
        (id, closes)
    }

    fn wait(&self, from: u32, to: u32) -> Closes {
        self.add(from, to, Some(1)).1
    }

    /// Lets a process wait for the end of another one.
    fn end(&self, from: u32, to: u32) -> (u64, Cycle) {
        self.graph
            .wait(&self.known, pid(from), None, end_of(to), None)
    }
}

fn path(pids: &[u32]) -> Vec<Pid> {
    pids.iter().copied().map(pid).collect()
}

#[test]
fn the_wait_that_closes_a_cycle_is_named_and_not_added() {
    let mut setup = Setup::default();
    assert_eq!(setup.wait(1, 2), Closes::Nothing);
    assert_eq!(setup.wait(2, 3), Closes::Nothing);
    let closed = Closes::Closed(path(&[3, 1, 2, 3]));
    assert_eq!(setup.wait(3, 1), closed);
    assert!(setup.graph.of(&setup.known, pid(3)).is_empty());
    setup.known.polls.insert(pid(2), 2);
    assert_eq!(setup.wait(3, 1), Closes::Nothing, "2 no longer waits");
}

#[test]
fn a_cycle_with_a_process_that_waits_for_another_one_too_is_only_possible() {
    let setup = Setup::default();
    setup.wait(1, 9);
    setup.wait(1, 2);
    assert!(matches!(setup.wait(2, 1), Closes::Possible(_)));
    assert_eq!(setup.graph.of(&setup.known, pid(2)), [pid(1)]);
}

#[test]
fn several_waits_of_which_each_leads_back_close_a_cycle() {
    let setup = Setup::default();
    for to in [2, 3, 4] {
        assert_eq!(setup.wait(1, to), Closes::Nothing);
    }
    assert!(matches!(setup.wait(2, 1), Closes::Possible(_)));
    assert!(matches!(setup.wait(3, 2), Closes::Possible(_)));
    assert_eq!(setup.wait(4, 3), Closes::Closed(path(&[4, 3, 2, 1, 4])));
}

#[test]
fn a_renewed_wait_finds_the_cycle_that_has_closed_since() {
    let mut setup = Setup::default();
    let (id, _) = setup.add(1, 2, Some(1));
    setup.known.polls.insert(pid(1), 2);
    assert_eq!(setup.wait(2, 1), Closes::Nothing, "1 is being polled");
    let again = WaitRecord {
        polled: 2,
        began: 2,
        ..wait_for(2)
    };
    let (same, cycle) = setup
        .graph
        .wait(&setup.known, pid(1), Some(id), again, None);
    assert_eq!(same, id);
    assert!(matches!(cycle, Cycle::Rejected(found) if found == path(&[1, 2, 1])));
}

#[test]
fn a_wait_of_no_poll_counts_until_it_is_removed() {
    let mut setup = Setup::default();
    let (id, _) = setup.add(1, 2, None);
    setup.known.polls.insert(pid(1), 7);
    assert!(matches!(setup.wait(2, 1), Closes::Closed(_)));
    setup.graph.remove(pid(1), id);
    assert_eq!(setup.wait(2, 1), Closes::Nothing);
    setup.graph.clear(pid(2));
    assert_eq!(setup.graph.edges(), 0);
}

#[test]
fn a_process_that_handles_requests_while_it_waits_is_in_no_cycle() {
    let mut setup = Setup::default();
    setup.known.plain = Some(pid(1));
    setup.wait(1, 2);
    assert_eq!(setup.wait(2, 1), Closes::Nothing);
}

#[test]
fn seventeen_hops_are_not_followed() {
    let setup = Setup::default();
    for n in 1..=17 {
        setup.wait(n, n + 1);
    }
    assert_eq!(setup.wait(18, 1), Closes::Nothing);
    let setup = Setup::default();
    for n in 1..=15 {
        setup.wait(n, n + 1);
    }
    assert!(matches!(setup.wait(16, 1), Closes::Closed(_)));
}

/// Every add and remove reads a bounded number of processes, whatever a process waits for.
#[test]
fn the_cost_of_a_wait_edge_does_not_grow_with_the_others() {
    let looks = |many: u32| {
        let setup = Setup::default();
        let ids: Vec<_> = (2..many).map(|to| setup.add(1, to, None).0).collect();
        *setup.known.asked.borrow_mut() = 0;
        assert!(matches!(setup.wait(2, 1), Closes::Possible(_)));
        let (id, _) = setup.add(1, many, None);
        setup.graph.remove(pid(1), id);
        for id in ids {
            setup.graph.remove(pid(1), id);
        }
        setup.graph.clear(pid(2));
        assert_eq!(setup.graph.edges(), 0);
        setup.known.asked.take()
    };
    assert!(looks(4000) <= looks(200));
}

#[test]
fn all_waits_are_listed_in_order_and_those_that_are_over_only_counted() {
    let mut setup = Setup::default();
    for (from, to) in [(3, 1), (1, 5), (1, 2), (1, 9), (4, 1)] {
        setup.add(from, to, (to == 9).then_some(2));
    }
    setup.known.polls.insert(pid(4), 3);
    setup.add(4, 2, Some(2));
    let all = [
        (pid(1), path(&[2, 5])),
        (pid(3), path(&[1])),
        (pid(4), path(&[1])),
    ];
    assert_eq!(setup.graph.all(&setup.known), all);
    assert_eq!(setup.graph.edges(), 6);
}

#[test]
fn each_wait_is_renewed_by_its_own_number() {
    let mut setup = Setup::default();
    setup.add(1, 2, Some(1));
    let (second, _) = setup.add(1, 3, Some(1));
    setup.known.polls.insert(pid(1), 2);
    let again = WaitRecord {
        polled: 2,
        began: 2,
        ..wait_for(3)
    };
    setup
        .graph
        .wait(&setup.known, pid(1), Some(second), again, None);
    assert_eq!(setup.graph.of(&setup.known, pid(1)), [pid(3)]);
}

#[test]
fn waits_that_count_are_looked_through_when_their_number_has_doubled() {
    let mut setup = Setup::default();
    for to in 2..1000 {
        setup.add(1, to, None);
    }
    assert_eq!(setup.known.asked.take(), 6, "at 16, 32, .. 512");
    for to in 2..2 + PRUNED as u32 {
        setup.add(5000, to, Some(1));
    }
    setup.known.polls.insert(pid(5000), 2);
    setup.add(5000, 2, Some(2));
    setup.known.polls.insert(pid(5000), 3);
    let before = setup.graph.edges();
    assert_eq!(before, 998 + PRUNED + 1, "one poll ago they still counted");
    for to in 3..2 + PRUNED as u32 {
        setup.add(5000, to, Some(3));
    }
    let before = setup.graph.edges();
    setup.add(5000, 2, Some(3));
    let pruned = before + 1 - setup.graph.edges();
    assert_eq!(
        pruned,
        PRUNED - 1,
        "all but the first, which needs no memory"
    );
}

#[test]
fn waits_that_no_longer_count_are_forgotten() {
    let mut setup = Setup::default();
    for poll in 1..2000 {
        setup.known.polls.insert(pid(1), poll);
        setup.add(1, 2, Some(poll));
    }
    assert!(setup.graph.edges() <= 2 * PRUNED, "{}", setup.graph.edges());
}

#[test]
fn the_memory_of_many_that_waited_is_given_back() {
    let setup = Setup::default();
    let waits: Vec<_> = (1..100_000).map(|n| (n, setup.add(n, 0, None).0)).collect();
    for (n, id) in waits {
        setup.graph.remove(pid(n), id);
    }
    let shards = setup.graph.shards.iter();
    let kept: usize = shards.map(|line| line.0.lock().waiting.capacity()).sum();
    assert!(kept < 10_000, "memory for {kept} is kept");
}

#[test]
fn a_cycle_begins_at_any_of_its_processes() {
    let cycle = path(&[1, 2, 3, 1]);
    assert_eq!(begin_at(&cycle, 0), cycle);
    assert_eq!(begin_at(&cycle, 1), path(&[2, 3, 1, 2]));
    assert_eq!(begin_at(&cycle, 2), path(&[3, 1, 2, 3]));
}

#[test]
fn a_search_removes_the_outdated_waits_that_it_passes() {
    let mut setup = Setup::default();
    for to in 100..1100 {
        setup.add(2, to, Some(1));
    }
    setup.known.polls.insert(pid(2), 2);
    setup.add(2, 40, Some(2));
    assert_eq!(setup.wait(1, 2), Closes::Nothing);
    assert_eq!(setup.graph.edges(), 1002, "this poll may still poll them");
    setup.known.polls.insert(pid(2), 3);
    setup.add(2, 50, Some(3));
    assert_eq!(setup.wait(1, 2), Closes::Nothing);
    let left = setup.graph.edges();
    assert!(left < PRUNED, "{left} of 1000 are left");
    assert_eq!(setup.wait(50, 2), Closes::Closed(path(&[50, 2, 50])));
}
