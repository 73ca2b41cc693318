//! Random choices for tests, determined by a seed.

use fastrand::Rng;

/// A generator that makes the same choices for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct TestRng(Rng);

impl TestRng {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    pub(crate) fn next_u64(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Returns a random number below `limit`.
    pub(crate) fn below<N: TryInto<u64> + TryFrom<u64>>(&mut self, limit: N) -> N {
        let Ok(limit) = limit.try_into() else {
            panic!("a limit is not negative");
        };
        match N::try_from(self.0.u64(..limit)) {
            Ok(number) => number,
            Err(_) => unreachable!("it is below a number of its type"),
        }
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Returns a random item of `all`; `None` if it is empty.
    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        self.0.choice(all).copied()
    }
}
