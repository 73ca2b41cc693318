//! Random numbers that are known by their seed (splitmix64): what a node chooses is chosen again by the same seed.

use std::time::Duration;

/// The same numbers for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A time up to `most`, each as likely as the other (full jitter).
    pub(crate) fn up_to(&mut self, most: Duration) -> Duration {
        let most = u64::try_from(most.as_micros()).unwrap_or(u64::MAX - 1);
        Duration::from_micros(self.roll() % most.saturating_add(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_times_stay_below_their_limit() {
        let (mut one, mut other) = (Dice::new(7), Dice::new(7));
        let most = Duration::from_millis(100);
        let mut times = Vec::new();
        for _ in 0..1_000 {
            let time = one.up_to(most);
            assert_eq!(time, other.up_to(most));
            assert!(time <= most);
            times.push(time);
        }
        assert!(times.iter().any(|time| *time < most / 10));
        assert!(times.iter().any(|time| *time > most * 9 / 10));
    }
}
