//! The random source of a run, derived from one seed.

use std::time::Duration;

use fastrand::Rng;

/// A random number generator that is determined by its seed.
///
/// ```
/// use ambit_dist::sim::SimRng;
/// let (mut one, mut other) = (SimRng::new(7), SimRng::new(7));
/// assert_eq!(one.next_u64(), other.next_u64());
/// ```
#[derive(Clone, Debug)]
pub struct SimRng(Rng);

/// Derives a seed for one purpose: the same for the same seed and name, and different for every other name.
pub(crate) fn child(seed: u64, name: &str) -> u64 {
    let mixed = |seed| Rng::with_seed(seed).u64(..);
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
    mixed(name.bytes().fold(0xcbf2_9ce4_8422_2325 ^ mixed(seed), step))
}

impl SimRng {
    /// Creates a generator with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Rng::with_seed(seed))
    }

    /// The earlier name of [`next_u64`](Self::next_u64).
    #[doc(hidden)]
    pub fn roll(&mut self) -> u64 {
        self.next_u64()
    }

    /// Returns a random 64-bit number.
    pub fn next_u64(&mut self) -> u64 {
        self.0.u64(..)
    }

    /// Returns a random number below `limit`, or 0 if `limit` is 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0.u64(..limit.max(1))
    }

    /// Returns true with this probability: never at 0, and always at 1 or more.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }

    /// Returns a random element, or `None` if the slice is empty.
    pub fn pick<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        self.0.choice(all)
    }

    /// Returns a random time in whole milliseconds from `least` to `most`, both inclusive, or `least` if `most` is
    /// smaller.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 2);
        let (least, most) = (millis(least), millis(most));
        Duration::from_millis(least + self.below(most.saturating_sub(least) + 1))
    }

    /// Returns 32 random bytes, for example as a seed.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.0.fill(&mut bytes);
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_of_different_purposes_differ() {
        let names = ["a", "b", "ab", "ba", ""];
        let seeds: std::collections::BTreeSet<u64> = (0..100)
            .flat_map(|seed| names.map(|name| child(seed, name)))
            .collect();
        assert_eq!(seeds.len(), 500);
        assert_eq!(child(3, "a"), child(3, "a"));
    }

    #[test]
    fn chances_occur_with_their_configured_probability() {
        let mut rng = SimRng::new(1);
        let often = (0..10_000).filter(|_| rng.chance(0.2)).count();
        assert!((1_800..2_200).contains(&often), "{often}");
        assert!((0..1_000).all(|_| !rng.chance(0.0) && rng.chance(1.0)));
    }

    #[test]
    fn picked_values_are_within_the_bounds() {
        let mut rng = SimRng::new(2);
        let (least, most) = (Duration::from_millis(3), Duration::from_millis(5));
        let picked: std::collections::BTreeSet<Duration> =
            (0..200).map(|_| rng.between(least, most)).collect();
        assert_eq!(picked, [3, 4, 5].map(Duration::from_millis).into());
        assert_eq!(rng.pick::<u8>(&[]), None);
        assert_eq!(rng.below(0), 0);
    }
}
