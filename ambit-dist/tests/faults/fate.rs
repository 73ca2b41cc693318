//! The fate of a packet, decided by a seed, without sockets or a clock.

use std::time::Duration;

use crate::rng::TestRng;

/// The impairments of one direction of a network. All are off by default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Conditions {
    /// The delay of each packet.
    pub(crate) delay: Duration,
    /// The maximum additional delay, which also lets packets overtake each other.
    pub(crate) jitter: Duration,
    /// Lost packets per 1,000; 1,000 cuts the direction.
    pub(crate) lost: u32,
    /// Duplicated packets per 1,000.
    pub(crate) repeated: u32,
    /// Packets per 1,000 with one flipped bit.
    pub(crate) damaged: u32,
    /// Packets per 1,000 that arrive after later ones.
    pub(crate) late: u32,
    /// The rate in bytes a second; 0 for unlimited.
    pub(crate) rate: u64,
}

impl Conditions {
    /// All packets are lost.
    pub(crate) const CUT: Self = Self {
        lost: 1_000,
        ..Self::GOOD
    };
    /// No packet is impaired.
    pub(crate) const GOOD: Self = Self {
        delay: Duration::ZERO,
        jitter: Duration::ZERO,
        lost: 0,
        repeated: 0,
        damaged: 0,
        late: 0,
        rate: 0,
    };
}

/// The extra delay of a late packet.
const LATE: Duration = Duration::from_millis(20);
/// The maximum queueing delay of a packet before it is dropped.
const MOST_WAIT: Duration = Duration::from_millis(200);

/// One arrival of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    /// The time since the packet was sent.
    pub(crate) after: Duration,
    /// The index of the flipped bit, if any.
    pub(crate) turned: Option<usize>,
}

/// Decides the fates in one direction.
#[derive(Clone, Debug)]
pub(crate) struct Fate {
    rng: TestRng,
    /// The time at which the line becomes free, since the start.
    taken: Duration,
}

impl Fate {
    pub(crate) fn new(seed: u64) -> Self {
        let (rng, taken) = (TestRng::new(seed), Duration::ZERO);
        Self { rng, taken }
    }

    /// Returns the arrivals of a packet of `len` bytes sent at `now` since the start: none, one or two.
    pub(crate) fn of(&mut self, now: Duration, len: usize, bad: &Conditions) -> Vec<Arrival> {
        // Every packet draws the same numbers, so that the conditions are independent.
        let [lost, repeated, damaged, late] =
            [bad.lost, bad.repeated, bad.damaged, bad.late].map(|share| self.share(share));
        let bit = usize::try_from(self.rng.next_u64() % (len.max(1) as u64 * 8)).unwrap();
        let jitters = [self.up_to(bad.jitter), self.up_to(bad.jitter)];
        let Some(turn) = self.turn(now, len, bad.rate) else {
            return Vec::new();
        };
        if lost {
            return Vec::new();
        }
        let copies = if repeated { 2 } else { 1 };
        let later = if late { LATE } else { Duration::ZERO };
        jitters
            .into_iter()
            .take(copies)
            .map(|jitter| Arrival {
                after: turn + bad.delay + jitter + later,
                turned: damaged.then_some(bit),
            })
            .collect()
    }

    fn share(&mut self, of_a_thousand: u32) -> bool {
        self.rng.next_u64() % 1_000 < u64::from(of_a_thousand)
    }

    fn up_to(&mut self, most: Duration) -> Duration {
        let most = most.as_micros() as u64;
        Duration::from_micros(self.rng.below(most + 1))
    }

    /// Returns the transmission delay of a packet, or `None` if the queue is full.
    fn turn(&mut self, now: Duration, len: usize, rate: u64) -> Option<Duration> {
        if rate == 0 {
            return Some(Duration::ZERO);
        }
        let begin = self.taken.max(now);
        if begin - now > MOST_WAIT {
            return None;
        }
        let nanos = len as u64 * 1_000_000_000 / rate;
        self.taken = begin + Duration::from_nanos(nanos);
        Some(self.taken - now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: Conditions = Conditions {
        delay: Duration::from_millis(10),
        jitter: Duration::from_millis(5),
        lost: 100,
        repeated: 100,
        damaged: 100,
        late: 100,
        rate: 0,
    };

    fn fates(seed: u64, bad: &Conditions, packets: usize) -> Vec<Vec<Arrival>> {
        let mut fate = Fate::new(seed);
        (0..packets)
            .map(|at| fate.of(Duration::from_millis(at as u64), 1200, bad))
            .collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_decisions_and_another_makes_others() {
        assert_eq!(fates(7, &BAD, 1_000), fates(7, &BAD, 1_000));
        assert_ne!(fates(7, &BAD, 1_000), fates(8, &BAD, 1_000));
    }

    #[test]
    fn nothing_happens_to_packets_under_good_conditions() {
        let arrival = Arrival {
            after: Duration::ZERO,
            turned: None,
        };
        for fate in fates(7, &Conditions::default(), 100) {
            assert_eq!(fate, [arrival]);
        }
    }

    #[test]
    fn a_tenth_is_a_tenth() {
        let fates = fates(7, &BAD, 10_000);
        let share = |count: usize| (800..1_200).contains(&count);
        let lost = fates.iter().filter(|fate| fate.is_empty()).count();
        assert!(share(lost), "{lost} are lost");
        let twice = fates.iter().filter(|fate| fate.len() == 2).count();
        assert!(share(twice), "{twice} come twice");
        let of_first = |is: fn(&Arrival) -> bool| {
            let first = fates.iter().filter_map(|fate| fate.first());
            first.filter(|arrival| is(arrival)).count()
        };
        let damaged = of_first(|arrival| arrival.turned.is_some());
        assert!(share(damaged), "{damaged} are damaged");
        let late = of_first(|arrival| arrival.after >= LATE + Duration::from_millis(10));
        assert!(share(late), "{late} are late");
    }

    #[test]
    fn a_cut_drops_everything_and_does_not_change_later_decisions() {
        let cut = Conditions { lost: 1_000, ..BAD };
        let (mut cut_first, mut never_cut) = (Fate::new(3), Fate::new(3));
        for _ in 0..100 {
            assert_eq!(cut_first.of(Duration::ZERO, 100, &cut), []);
            never_cut.of(Duration::ZERO, 100, &BAD);
        }
        for _ in 0..100 {
            let now = Duration::ZERO;
            let expected = never_cut.of(now, 100, &BAD);
            assert_eq!(cut_first.of(now, 100, &BAD), expected);
        }
    }

    #[test]
    fn a_rate_holds_and_what_would_wait_too_long_is_lost() {
        let slow = Conditions {
            rate: 100_000,
            ..Conditions::default()
        };
        let mut fate = Fate::new(1);
        let arrivals: Vec<_> = (0..100)
            .flat_map(|_| fate.of(Duration::ZERO, 1_000, &slow))
            .map(|arrival| arrival.after.as_millis())
            .collect();
        let expected: Vec<u128> = (1..=21).map(|at| at * 10).collect();
        assert_eq!(arrivals, expected);
    }
}
