//! Clusters under faults, and what must hold in them.

mod board;
mod breaks;
mod lives;
mod messages;
mod names;

use ambit_dist::sim::Scenario;

/// All of them.
pub(crate) const ALL: &[Scenario] = &[
    breaks::MESH,
    breaks::PARTITION,
    breaks::ONE_WAY_CUT,
    breaks::HOLD,
    breaks::OVERLAPPING_CUT,
    breaks::CHAOS,
    breaks::PINGS,
    lives::BOUNCE,
    lives::RESTART_STORM,
    lives::CLOCK_BACK,
    lives::LEAVE,
    lives::DISCONNECT,
    messages::ORDER,
    messages::DEADLINES,
    messages::MONITORS,
    names::SAME_NAME,
    names::STRANGERS,
];
