//! Clusters under faults, with their invariants. For each invariant there are patches that break it in a copy of the
//! tree and that the scenarios must detect: `just planted`, with the table in `docs/planted.md`.
//!
//! | Invariant | Scenarios |
//! |---|---|
//! | messages of a pair arrive in order and never twice | order, slow-consumer |
//! | no gaps while a connection lasts | no-gaps |
//! | an end arrives after the last message, a leave after the last cast | last-words, last-casts |
//! | one `Down` per monitor, one `Exit` per link | monitors, links |
//! | signals and answers get through a saturated session | saturated, call-back |
//! | nothing reaches another incarnation | stale, clock-back |
//! | calls end by their deadline, or with the connection; waiting casts end with it too | deadlines, callers, waiting-casts |
//! | what waits is bounded, and nothing waits behind others | slow-consumer, large-and-small |
//! | every node finds every node, over one connection | partition and others, dial-race |
//! | no orphaned servers | starts |
//! | members see each other, each loss, and no false one; their events alternate | join-storm, loss-seen, split and others |
//! | a name of the cluster has one process that all see, and none that has ended | name-race, name-conflict, name-crash, name-bridge, name-chaos |
//! | all nodes see the members of a group that run, and a broadcast reaches each once | group-crash, group-chaos |
//! | all nodes list the processes that are present, also by the diffs | presence-bridge, presence-crash, presence-chaos |
//! | a placed server runs once, on a member, and a lost member is no restart | placement, placement-chaos |
//! | an application runs once, on the first node of its list that is up | application-crash, application-chaos |
//! | handles work at a third node | third-node |
//! | nodes keep no state for each other after all processes have ended | all of them, at their end |

mod agents;
mod applications;
mod board;
mod breaks;
mod cluster_groups;
mod cluster_names;
mod dials;
mod ends;
mod host_jobs;
mod journal;
mod large;
mod last_casts;
mod last_words;
mod lives;
mod members;
mod messages;
mod names;
mod placement;
mod presences;
mod queues;
mod rolling;
mod roster;
mod saturated;
mod service;
mod starts;
mod third_node;
mod waiting_casts;
mod workers;

use ambit_dist::sim::Scenario;

/// All scenarios.
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
    journal::NO_GAPS,
    last_words::LAST_WORDS,
    last_casts::LAST_CASTS,
    waiting_casts::WAITING_CASTS,
    third_node::THIRD_NODE,
    saturated::SATURATED,
    workers::CALL_BACK,
    names::SAME_NAME,
    names::STRANGERS,
    members::JOIN_STORM,
    members::SEEDS_LAST,
    members::LOSS_SEEN,
    members::SPLIT,
    members::OVERLAPPING_CUTS,
    members::FLAPPING,
    members::MEMBERS_LOSSY,
    members::SKEWED,
    members::MEMBERS_CHAOS,
    members::MEMBERS_LEAVE,
    cluster_names::NAME_RACE,
    cluster_names::NAME_CONFLICT,
    cluster_names::NAME_CRASH,
    cluster_names::NAME_BRIDGE,
    cluster_names::NAME_CHAOS,
    cluster_groups::GROUP_CRASH,
    cluster_groups::GROUP_CHAOS,
    presences::PRESENCE_BRIDGE,
    presences::PRESENCE_CRASH,
    presences::PRESENCE_CHAOS,
    placement::PLACEMENT,
    placement::PLACEMENT_CHAOS,
    applications::APPLICATION_CRASH,
    applications::APPLICATION_CHAOS,
];
