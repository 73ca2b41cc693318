//! What the methods of each server type cost.

use crate::process::histogram::Times;
use crate::process::world::World;
use crate::server::pace;

/// One method of one server type, all its servers together: those that live and those that have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "json", derive(serde::Serialize))]
#[non_exhaustive]
pub struct MethodStats {
    /// The name of the server's type.
    pub type_name: &'static str,
    /// The method; empty for a server written by hand that does not name its methods.
    pub method: &'static str,
    /// How many messages it has handled to the end while somebody measured.
    pub handled: u64,
    /// How many runs of it ended in a panic meanwhile.
    pub panicked: u64,
    /// How long it takes, from the begin of a handler to its end, with everything it awaits. By the clock of the
    /// system: under a virtual one plain code takes no time.
    pub times: Times,
}

/// All that have been counted, by type and name.
pub(super) fn all(world: &World) -> Vec<MethodStats> {
    let mut all = Vec::new();
    for (type_name, pace) in pace::all(world) {
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
