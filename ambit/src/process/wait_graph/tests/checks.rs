//! The checks of processes that may have given up a wait.

mod others;
mod verdicts;

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Wake, Waker};

use super::*;
use crate::engine::wake::ReaderWaker;

/// Counts its wakes.
#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Wakes {
    fn take(&self) -> usize {
        self.0.swap(0, Ordering::Relaxed)
    }
}

/// The process 1, which waits for the process 2.
#[derive(Default)]
struct Waiting {
    setup: Setup,
    polled: u32,
    /// The poll in which its last wait began.
    began: Cell<u32>,
    is_checked: AtomicBool,
    id: u64,
    /// Those of the task of the process 1, of its set, and of the wait of the process 2.
    task: Arc<Wakes>,
    set: Arc<Wakes>,
    other: Arc<Wakes>,
}

impl Waiting {
    fn new(is_in_set: bool) -> Self {
        let mut this = Self::default();
        this.count();
        this.id = this.wait(is_in_set, None);
        this
    }

    fn count(&mut self) {
        self.polled += 1;
        self.setup.known.polls.insert(pid(1), self.polled);
    }

    /// Polls the wait.
    fn wait(&self, is_in_set: bool, known: Option<u64>) -> u64 {
        self.wait_with(is_in_set, known, false, &[]).0
    }

    /// Polls the wait, which has requested these checks; returns the cycle.
    fn renew(&self, is_in_set: bool, id: u64, checks: &[Arc<WaitCheck>]) -> Cycle {
        self.wait_with(is_in_set, Some(id), false, checks).1
    }

    /// Polls the wait of a call that is not sent yet.
    fn call_of_one(&self, id: u64, checks: &[Arc<WaitCheck>]) -> Cycle {
        self.wait_with(false, Some(id), true, checks).1
    }

    fn wait_with(
        &self,
        is_in_set: bool,
        known: Option<u64>,
        is_closing: bool,
        checks: &[Arc<WaitCheck>],
    ) -> (u64, Cycle) {
        let waker = Waker::from(self.set.clone());
        let wait = WaitRecord {
            polled: self.polled,
            began: known.map_or(self.polled, |_| self.began.get()),
            renewal: match is_in_set {
                true => Renewal::WhenWoken(ReaderWaker::new(&waker)),
                false => Renewal::EachPoll,
            },
            is_closing,
            ..wait_for(2)
        };
        self.began.set(wait.began);
        let graph = &self.setup.graph;
        graph.wait(&self.setup.known, pid(1), known, wait, Some(checks))
    }

    /// Polls the process 1, and its wait if `renews`.
    fn poll(&mut self, renews: Option<bool>) {
        self.poll_beside(renews, Some(false));
    }

    /// The same, beside other waits: `None` if the poll does not show whether there are any.
    fn poll_beside(&mut self, renews: Option<bool>, others: Option<bool>) {
        self.count();
        if let Some(is_in_set) = renews {
            self.wait(is_in_set, Some(self.id));
        }
        self.poll_is_over(others);
    }

    fn poll_is_over(&self, others: Option<bool>) {
        if self.is_checked.load(Ordering::Relaxed) {
            let task = Waker::from(self.task.clone());
            let Setup { graph, known } = &self.setup;
            graph.polled(known, &self.is_checked, pid(1), &task, others);
        }
    }

    /// Lets the process 2 wait for the process 1.
    fn close(&self, checks: &[Arc<WaitCheck>]) -> (u64, Cycle) {
        self.call(None, false, checks)
    }

    /// Polls a wait of the process 2 for the process 1, in its first poll.
    fn call(
        &self,
        known: Option<u64>,
        is_closing: bool,
        checks: &[Arc<WaitCheck>],
    ) -> (u64, Cycle) {
        let wait = WaitRecord {
            is_closing,
            ..wait_for(1)
        };
        let graph = &self.setup.graph;
        graph.wait(&self.setup.known, pid(2), known, wait, Some(checks))
    }

    /// Closes the cycle, and requests the check of the process 1.
    fn check(&self) -> Arc<WaitCheck> {
        let (id, cycle) = self.close(&[]);
        self.setup.graph.remove(pid(2), id);
        self.request(&cycle)
    }

    /// Requests the check of the process 1, the only one that the cycle needs.
    fn request(&self, cycle: &Cycle) -> Arc<WaitCheck> {
        let Cycle::Unchecked(unchecked) = cycle else {
            panic!("a wait can be given up");
        };
        let [unchecked] = &**unchecked else {
            panic!("only one process is in question");
        };
        assert_eq!(unchecked.process, pid(1));
        let waker = Waker::from(self.other.clone());
        let check = WaitCheck::new(pid(1), unchecked.rounds + 1, &waker);
        let Setup { graph, known } = &self.setup;
        let apart = graph.check(known, &self.is_checked, check.clone());
        apart.into_iter().map(Waker::from).for_each(Waker::wake);
        check
    }
}

#[test]
fn a_wait_that_is_polled_again_closes_the_cycle() {
    for is_in_set in [false, true] {
        let mut waiting = Waiting::new(is_in_set);
        let check = waiting.check();
        assert_eq!(waiting.set.take(), usize::from(is_in_set));
        waiting.poll(Some(is_in_set));
        assert!(!check.is_done(), "this poll may give it up");
        assert_eq!(
            (waiting.task.take(), waiting.set.take()),
            (1, usize::from(is_in_set))
        );
        let pending = waiting.close(std::slice::from_ref(&check));
        assert!(matches!(&pending.1, Cycle::Unchecked(more) if more.is_empty()));
        waiting.setup.graph.remove(pid(2), pending.0);
        waiting.poll(Some(is_in_set));
        assert!(check.is_done());
        assert_eq!((waiting.task.take(), waiting.other.take()), (0, 1));
        assert!(!waiting.is_checked.load(Ordering::Relaxed));
        assert_eq!(waiting.setup.graph.checks(), 0);
        assert!(matches!(waiting.close(&[check]).1, Cycle::Rejected(_)));
    }
}

#[test]
fn a_wait_that_is_given_up_in_the_first_poll_closes_no_cycle() {
    for is_in_set in [false, true] {
        let mut waiting = Waiting::new(is_in_set);
        let check = waiting.check();
        waiting.poll(Some(is_in_set));
        waiting.poll(None);
        assert!(check.is_done());
        assert!(matches!(waiting.close(&[check]).1, Cycle::None));
    }
}

#[test]
fn a_set_that_was_given_up_before_closes_no_cycle() {
    let mut waiting = Waiting::new(true);
    waiting.poll(None);
    let check = waiting.check();
    waiting.poll(None);
    waiting.poll(None);
    assert!(check.is_done());
    assert!(matches!(waiting.close(&[check]).1, Cycle::None));
}

#[test]
fn a_process_between_two_messages_needs_no_poll() {
    let waiting = Waiting::new(false);
    let check = waiting.check();
    let graph = &waiting.setup.graph;
    assert_eq!(graph.checks(), 1);
    graph.end_checks(&waiting.is_checked, pid(1));
    assert!(check.is_done() && !waiting.is_checked.load(Ordering::Relaxed));
    assert_eq!((waiting.other.take(), graph.checks()), (1, 0));
}

#[test]
fn a_check_wakes_the_waker_that_was_set_last() {
    let mut waiting = Waiting::new(false);
    let check = waiting.check();
    let later = Arc::new(Wakes::default());
    check.wake_with(&Waker::from(later.clone()));
    waiting.poll(Some(false));
    waiting.poll(Some(false));
    assert_eq!((waiting.other.take(), later.take()), (0, 1));
    check.wake_with(&Waker::from(later));
    assert!(
        check.is_done(),
        "the wait reads this after it has set its waker"
    );
}

#[test]
fn a_check_that_is_forgotten_needs_no_poll() {
    let mut waiting = Waiting::new(false);
    let (one, two) = (waiting.check(), waiting.check());
    waiting.setup.graph.forget(&one);
    waiting.poll(None);
    waiting.poll(None);
    assert_eq!((one.is_done(), two.is_done()), (false, true));
    waiting.setup.graph.forget(&two);
    assert_eq!(Arc::strong_count(&one), 1);
    assert_eq!(Arc::strong_count(&two), 1);
    assert_eq!(waiting.setup.graph.checks(), 0);
}

#[test]
fn each_wait_that_would_close_a_cycle_has_a_check_of_its_own() {
    let mut waiting = Waiting::new(false);
    let early = waiting.check();
    waiting.poll(Some(false));
    let late = waiting.check();
    waiting.poll(Some(false));
    assert_eq!((early.is_done(), late.is_done()), (true, false));
    assert_eq!(waiting.task.take(), 2);
    waiting.poll(Some(false));
    assert!(late.is_done());
    assert_eq!((waiting.task.take(), waiting.other.take()), (0, 2));
}

#[test]
fn a_check_wakes_as_many_waits_in_sets_as_a_search_follows() {
    let waiting = Waiting::new(true);
    for _ in 0..2 * WAITS {
        waiting.wait(true, None);
    }
    let waker = Waker::from(waiting.other.clone());
    let check = WaitCheck::new(pid(1), 1, &waker);
    let Setup { graph, known } = &waiting.setup;
    let apart = graph.check(known, &waiting.is_checked, check);
    assert_eq!(apart.len(), WAITS);
}
