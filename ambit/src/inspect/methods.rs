//! The cost of the methods of each server type.

use crate::process::histogram::Times;
use crate::process::system_inner::SystemInner;
use crate::server::latency;

/// The counts and times of one method, summed over all running and ended servers of one type.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::inspect;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let _measuring = inspect::measure_every(1).unwrap();
///     let counter = Counter(40).start().await.unwrap();
///     counter.add(2).await.unwrap();
///     let stats = &inspect::snapshot().methods[0];
///     assert_eq!((stats.type_name, stats.method), ("Counter", "add"));
///     assert_eq!((stats.handled, stats.panicked), (1, 0));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MethodStats {
    /// The name of the server's type.
    pub type_name: &'static str,
    /// The name of the method; empty for a hand-written server that does not name its methods.
    pub method: &'static str,
    /// The number of messages that the method handled while measuring was on.
    pub handled: u64,
    /// The number of messages on which the method panicked while measuring was on.
    pub panicked: u64,
    /// The time from the start of the handler to its end, including all awaits, by the clock of the system. On a
    /// virtual clock, synchronous code takes no time.
    pub times: Times,
}

/// Returns all counted methods, by type and name.
pub(super) fn all(system: &SystemInner) -> Vec<MethodStats> {
    let mut all = Vec::new();
    for (type_name, pace) in latency::all(system) {
        for (method, tally) in pace.tallies() {
            let (handled, panicked) = tally.counts();
            all.push(MethodStats {
                type_name,
                method,
                handled,
                panicked,
                times: tally.times(),
            });
        }
    }
    all.sort_by_key(|stats| (stats.type_name, stats.method));
    all
}
