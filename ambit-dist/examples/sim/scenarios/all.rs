//! Clusters under faults, and what must hold in them.

mod board;
mod breaks;
mod dials;
mod ends;
mod large;
mod lives;
mod messages;
mod names;
mod queues;
mod rolling;
mod service;
mod starts;

use ambit_dist::sim::Scenario;

/// All of them.
pub(crate) const ALL: &[Scenario] = &[
    dials::MESH,
    dials::DIAL_RACE,
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
    rolling::ROLLING_RESTART,
    messages::ORDER,
    messages::DEADLINES,
    messages::CALLERS,
    messages::STALE,
    ends::MONITORS,
    ends::LINKS,
    queues::SLOW_CONSUMER,
    large::LARGE_AND_SMALL,
    starts::STARTS,
    names::SAME_NAME,
    names::STRANGERS,
];
