//! Random numbers for tests that are known by their seed (splitmix64).

/// The same numbers for the same seed.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// One of the numbers below `limit`.
    pub(crate) fn below<N: TryInto<u64> + TryFrom<u64>>(&mut self, limit: N) -> N {
        let Ok(limit) = limit.try_into() else {
            panic!("a limit is not negative");
        };
        match N::try_from(self.roll() % limit) {
            Ok(number) => number,
            Err(_) => unreachable!("it is below a number of its type"),
        }
    }

    pub(crate) fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// One of these, if there is any.
    pub(crate) fn pick<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        (!all.is_empty()).then(|| all[self.below(all.len())])
    }
}
