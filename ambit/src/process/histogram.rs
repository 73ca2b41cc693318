//! A histogram of durations: counts per range, each range an eighth of a power of two wide.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Ranges per power of two. A reported time is too long by one eighth at most.
const PARTS: u64 = 8;
const PART_BITS: u32 = PARTS.trailing_zeros();

/// The last range begins at about a quarter of an hour, and is unbounded.
const RANGES: usize = 304;

/// Counters that many threads update; they get only a sample of the events.
#[derive(Debug)]
pub(crate) struct Histogram {
    ranges: Box<[AtomicU64; RANGES]>,
    longest: AtomicU64,
}

impl Default for Histogram {
    fn default() -> Self {
        Self {
            ranges: Box::new([const { AtomicU64::new(0) }; RANGES]),
            longest: AtomicU64::new(0),
        }
    }
}

impl Histogram {
    pub(crate) fn add(&self, time: Duration) {
        let nanos = nanos(time);
        self.ranges[range_of(nanos)].fetch_add(1, Ordering::Relaxed);
        self.longest.fetch_max(nanos, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Times {
        let counts = self
            .ranges
            .iter()
            .map(|count| count.load(Ordering::Relaxed));
        Times::of(
            counts.enumerate().filter(|(_, count)| *count > 0),
            self.longest.load(Ordering::Relaxed),
        )
    }
}

/// The distribution of the durations of timed messages. A reported percentile may be up to one eighth longer than the
/// real duration.
///
/// ```
/// # use ambit::inspect;
/// # use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server(in_place = never)]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let _measuring = inspect::measure_every(1).unwrap();
///     let counter = Counter(40).start().await.unwrap();
///     counter.add(2).await.unwrap();
///     counter.stop().await.unwrap();
///     let times = inspect::snapshot().methods[0].times.clone();
///     assert_eq!((times.timed, times.ranges[0].count), (1, 1));
///     assert!(times.p50 <= times.p99 && times.p99 <= times.max);
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Times {
    /// The number of timed messages.
    pub timed: u64,
    /// The median duration.
    #[cfg_attr(
        feature = "json",
        serde(rename = "p50_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub p50: Duration,
    /// The 90th percentile of the durations.
    #[cfg_attr(
        feature = "json",
        serde(rename = "p90_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub p90: Duration,
    /// The 99th percentile of the durations.
    #[cfg_attr(
        feature = "json",
        serde(rename = "p99_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub p99: Duration,
    /// The longest duration; exact.
    #[cfg_attr(
        feature = "json",
        serde(rename = "max_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub max: Duration,
    /// The histogram, shortest range first, without empty ranges.
    pub ranges: Vec<Range>,
}

/// One range of a histogram.
///
/// [`Times`] has an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Range {
    /// The longest duration in the range.
    #[cfg_attr(
        feature = "json",
        serde(rename = "up_to_ns", serialize_with = "crate::process::nanos::nanos")
    )]
    pub up_to: Duration,
    /// The number of messages in the range.
    pub count: u64,
}

impl Times {
    fn of(counts: impl Iterator<Item = (usize, u64)>, longest: u64) -> Self {
        let ranges: Vec<_> = counts
            .map(|(range, count)| Range {
                up_to: Duration::from_nanos(last_of(range).min(longest)),
                count,
            })
            .collect();
        let timed = ranges.iter().map(|range| range.count).sum();
        let share = |percent: u64| percentile(&ranges, timed, percent);
        Self {
            timed,
            p50: share(50),
            p90: share(90),
            p99: share(99),
            max: Duration::from_nanos(longest),
            ranges,
        }
    }
}

/// Returns the end of the range that this percentage does not exceed.
fn percentile(ranges: &[Range], timed: u64, percent: u64) -> Duration {
    let wanted = (u128::from(timed) * u128::from(percent)).div_ceil(100);
    let mut seen = 0;
    let reached = ranges.iter().find(|range| {
        seen += u128::from(range.count);
        seen >= wanted
    });
    reached.map_or(Duration::ZERO, |range| range.up_to)
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// Returns the range of a time. Each time up to 8 ns has a range of its own; above, the four highest bits determine it.
fn range_of(nanos: u64) -> usize {
    let Some(above) = (nanos.max(1).ilog2()).checked_sub(PART_BITS) else {
        return usize::try_from(nanos).unwrap_or(0);
    };
    let part = (nanos >> above) - PARTS;
    let range = u64::from(above + 1) * PARTS + part;
    usize::try_from(range).unwrap_or(RANGES).min(RANGES - 1)
}

/// Returns the longest time of a range.
fn last_of(range: usize) -> u64 {
    let range = range as u64;
    if range < PARTS {
        return range;
    }
    if range == RANGES as u64 - 1 {
        return u64::MAX;
    }
    let (power, part) = (range / PARTS - 1, range % PARTS);
    ((PARTS + part + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_rng::TestRng;

    #[test]
    fn each_range_begins_where_the_one_before_it_ends() {
        for range in 1..RANGES {
            let before = last_of(range - 1);
            assert_eq!(range_of(before), range - 1, "the last of its range");
            assert_eq!(range_of(before + 1), range, "the first of the next");
        }
        assert_eq!(range_of(u64::MAX), RANGES - 1);
    }

    /// Compared with a sorted list, which has the exact times.
    #[test]
    fn a_percentile_is_at_most_an_eighth_too_long() {
        let mut rng = TestRng::new(7);
        for round in 0..200 {
            let histogram = Histogram::default();
            let count = 1 + rng.next_u64() % 500;
            let mut all: Vec<u64> = (0..count)
                .map(|_| {
                    let bits = rng.next_u64() % 39;
                    rng.next_u64() % (2 << bits)
                })
                .collect();
            all.iter()
                .for_each(|nanos| histogram.add(Duration::from_nanos(*nanos)));
            all.sort_unstable();
            let times = histogram.read();
            assert_eq!(times.timed, count);
            assert_eq!(times.max.as_nanos(), u128::from(*all.last().unwrap()));
            for (percent, reported) in [(50, times.p50), (90, times.p90), (99, times.p99)] {
                let at = (all.len() * percent).div_ceil(100) - 1;
                let (exact, reported) = (all[at], u64::try_from(reported.as_nanos()).unwrap());
                let wrong =
                    format!("round {round}, {percent} %: {exact} is reported as {reported}");
                assert!(
                    exact <= reported && reported <= exact + exact / 8,
                    "{wrong}"
                );
            }
        }
    }

    #[test]
    fn a_histogram_without_a_time_is_all_zero() {
        assert_eq!(Histogram::default().read(), Times::default());
    }
}
