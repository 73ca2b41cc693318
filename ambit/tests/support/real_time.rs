//! Tests that need real time.
//!
//! A busy machine makes a round slower and never quicker, so one good round is enough. Each bad one is printed with its
//! reason.

use std::time::{Duration, Instant};

/// The number of bad rounds at which a test fails.
const ROUNDS: usize = 5;

/// The rounds of one test.
pub(crate) struct Rounds {
    what: &'static str,
    bad: usize,
}

impl Rounds {
    pub(crate) fn of(what: &'static str) -> Self {
        Self { what, bad: 0 }
    }

    /// Returns true if the round was good; prints the reason of a bad one, and panics after [`ROUNDS`] of them.
    pub(crate) fn is_good(&mut self, round: Result<(), String>) -> bool {
        let Err(reason) = round else { return true };
        self.bad += 1;
        let what = self.what;
        eprintln!(
            "{what}, bad round {} of {ROUNDS}: {reason}; the machine may be busy",
            self.bad
        );
        assert!(self.bad < ROUNDS, "{what}: no round of {ROUNDS} was good");
        false
    }
}

/// Asserts linear time: ten times as many must take far less than a hundred times as long. Runs the round for `few` and
/// for `10 * few`.
pub(crate) async fn takes_linear_time(
    what: &'static str,
    few: usize,
    mut round: impl AsyncFnMut(usize) -> Duration,
) {
    let mut rounds = Rounds::of(what);
    loop {
        let (short, long) = (round(few).await, round(10 * few).await);
        let reason = format!("{few} took {short:?}, ten times as many {long:?}");
        let is_linear = long < short * 40;
        if rounds.is_good(is_linear.then_some(()).ok_or(reason)) {
            return;
        }
    }
}

/// Returns the output of a future and the time it took.
pub(crate) async fn time<T>(what: impl Future<Output = T>) -> (T, Duration) {
    let began = Instant::now();
    (what.await, began.elapsed())
}
