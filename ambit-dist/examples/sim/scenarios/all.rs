//! Clusters under faults, and what must hold in them. Each promise is broken by a mistake that nodes can be told to make, and
//! found then (`tests/simulator/planted.rs`):
//!
//! | What must hold | where | broken by |
//! |---|---|---|
//! | order per pair, nothing twice | order, slow-consumer | `MixesLanes` |
//! | one `Down` per monitor, one `Exit` per link | monitors, links | `ForgetsMonitors` |
//! | nothing reaches another life | stale, clock-back | `MixesLives`, `ForgetsLives` |
//! | calls end by their deadline, or with the connection | deadlines, callers | `ForgetsDeadlines`, `ForgetsCallers` |
//! | what waits is bounded, and nobody waits behind others | slow-consumer, large-and-small | `CreditsEarly`, `HoldsLanes` |
//! | everybody finds everybody, over one connection | partition and others, dial-race | `NeverRedials`, `KeepsBothDials` |
//! | no server that nobody knows of | starts | `KeepsOrphans` |

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
