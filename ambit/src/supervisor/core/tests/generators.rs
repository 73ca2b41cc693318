//! Random choices.

use std::time::Duration;

use fastrand::Rng;

use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildKind;
use crate::supervisor::backoff::Backoff;
use crate::supervisor::core::{Flags, Rules};
use crate::supervisor::policy::{AutoShutdown, Restart, Shutdown, Strategy};

pub(super) struct Random(Rng);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0.u64(..)
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0.usize(..limit)
    }

    /// Returns true once in `times`.
    pub(super) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(super) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())].clone()
    }
}

pub(super) const SECOND: Duration = Duration::from_secs(1);

pub(super) fn flags(random: &mut Random, strategy: Option<Strategy>) -> Flags {
    let auto_shutdown = match strategy {
        Some(_) => random.of(&[AutoShutdown::Never, AutoShutdown::Any, AutoShutdown::All]),
        None => AutoShutdown::Never,
    };
    Flags {
        strategy: strategy.unwrap_or_default(),
        restarts: random.of(&[0, 1, 2, 4, 16, 64]),
        within: random.of(&[SECOND, 5 * SECOND]),
        auto_shutdown,
    }
}

/// The parameters of a chosen backoff.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wait {
    pub(super) first: Duration,
    pub(super) max: Duration,
    pub(super) healthy_after: Duration,
}

pub(super) fn rules(
    random: &mut Random,
    id: String,
    auto_shutdown: AutoShutdown,
) -> (Rules, Option<Wait>) {
    let restart = random.of(&[Restart::Permanent, Restart::Transient, Restart::Temporary]);
    let may_matter = auto_shutdown != AutoShutdown::Never && restart != Restart::Permanent;
    let wait = random.once_in(4).then(|| Wait {
        first: Duration::from_millis(1 + random.next() % 2000),
        max: 5 * SECOND,
        healthy_after: random.of(&[SECOND, 7 * SECOND]),
    });
    let backoff = wait
        .map(|wait| Backoff::exponential(wait.first, wait.max).healthy_after(wait.healthy_after));
    let rules = Rules {
        id: id.into(),
        restart,
        shutdown: random.of(&[
            Shutdown::Brutal,
            Shutdown::After(Duration::ZERO),
            Shutdown::After(SECOND / 2),
            Shutdown::Infinity,
        ]),
        significant: may_matter && random.once_in(2),
        backoff: backoff.map(Box::new),
        kind: random.of(&[ChildKind::Worker, ChildKind::Worker, ChildKind::Supervisor]),
    };
    (rules, wait)
}

pub(super) fn reason(random: &mut Random) -> ExitReason {
    random.of(&[
        ExitReason::Normal,
        ExitReason::Shutdown,
        ExitReason::shutdown_with("done"),
        ExitReason::error("broken"),
        ExitReason::error("broken"),
        ExitReason::Killed,
    ])
}
