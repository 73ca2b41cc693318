//! The time that a process may take to end: a supervisor needs the time of its children.

use std::time::Duration;
use std::vec;

use crate::process::relation::{EndTime, EndTimes, Introspect};

/// A process whose parts are being added.
struct Level {
    parts: vec::IntoIter<EndTime>,
    at_once: bool,
    extra: Duration,
    needed: Duration,
    /// The fixed time of the part of the level above that this process is.
    fixed: Duration,
}

impl Level {
    fn new(times: EndTimes, fixed: Duration) -> Self {
        Self {
            parts: times.parts.into_iter(),
            at_once: times.at_once,
            extra: times.extra,
            needed: Duration::ZERO,
            fixed,
        }
    }

    fn add(&mut self, time: Duration) {
        self.needed = if self.at_once {
            self.needed.max(time)
        } else {
            self.needed.saturating_add(time)
        };
    }
}

/// Returns how long a process with this data may take to end when given `patience`, and each process that ends with it
/// too. Trees of any depth need the same stack.
pub(crate) fn of(introspection: &dyn Introspect, patience: Duration) -> Duration {
    let Some(times) = introspection.end_times(patience) else {
        return patience;
    };
    let mut above = Vec::new();
    let mut level = Level::new(times, Duration::ZERO);
    loop {
        while let Some(part) = level.parts.next() {
            let inner = part.introspection.map(|part| part.end_times(patience));
            match inner {
                None => level.add(part.fixed),
                Some(None) => level.add(patience.saturating_add(part.fixed)),
                Some(Some(times)) => {
                    above.push(std::mem::replace(&mut level, Level::new(times, part.fixed)));
                }
            }
        }
        let time = patience.max(level.needed.saturating_add(level.extra));
        let time = time.saturating_add(level.fixed);
        match above.pop() {
            Some(next) => level = next,
            None => return time,
        }
        level.add(time);
    }
}

#[cfg(test)]
mod tests {
    use std::any::Any;
    use std::sync::Arc;

    use super::*;

    struct Parts {
        at_once: bool,
        parts: Vec<(u64, Option<Arc<Self>>)>,
    }

    impl Introspect for Parts {
        fn end_times(&self, _: Duration) -> Option<EndTimes> {
            let part = |(fixed, part): &(u64, Option<Arc<Self>>)| EndTime {
                fixed: Duration::from_secs(*fixed),
                introspection: part.clone().map(|part| part as Arc<dyn Introspect>),
            };
            Some(EndTimes {
                parts: self.parts.iter().map(part).collect(),
                at_once: self.at_once,
                extra: Duration::from_secs(1),
            })
        }

        fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
            self
        }
    }

    fn node(at_once: bool, parts: Vec<(u64, Option<Arc<Parts>>)>) -> Arc<Parts> {
        Arc::new(Parts { at_once, parts })
    }

    fn seconds(of_node: &Arc<Parts>, patience: u64) -> u64 {
        of(&**of_node, Duration::from_secs(patience)).as_secs()
    }

    #[test]
    fn times_are_added_or_the_longest_counts() {
        let parts = || vec![(3, None), (10, None), (4, None)];
        assert_eq!(seconds(&node(false, parts()), 5), 18);
        assert_eq!(seconds(&node(true, parts()), 5), 11);
        assert_eq!(
            seconds(&node(false, vec![(1, None)]), 5),
            5,
            "it is given as long"
        );
    }

    #[test]
    fn the_time_of_a_part_is_that_of_its_own_parts() {
        let inner = node(false, vec![(7, None), (8, None)]);
        let outer = node(false, vec![(2, None), (3, Some(inner.clone())), (1, None)]);
        // 7 + 8 + 1 for the inner node; 2 + 3 + 16 + 1 + 1 for the outer one.
        assert_eq!((seconds(&inner, 5), seconds(&outer, 5)), (16, 23));
        let at_once = node(
            true,
            vec![(2, None), (0, Some(inner.clone())), (0, Some(inner))],
        );
        assert_eq!(seconds(&at_once, 5), 17);
    }
}
