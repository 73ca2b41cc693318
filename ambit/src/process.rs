//! Processes: identity, mailbox, relations to other processes, and the exit path.

pub(crate) mod body;
pub(crate) mod clock;
pub(crate) mod core;
pub(crate) mod crash;
pub(crate) mod crashes;
pub(crate) mod current;
pub(crate) mod dead_letter;
pub(crate) mod drive;
pub(crate) mod exit_hook;
pub(crate) mod exit_notices;
pub(crate) mod exit_path;
pub(crate) mod exit_queue;
pub(crate) mod exit_task;
pub(crate) mod few;
pub(crate) mod handler_span;
pub(crate) mod histogram;
pub(crate) mod keeper;
pub(crate) mod kept;
pub(crate) mod lag;
pub(crate) mod link;
pub(crate) mod look;
pub(crate) mod measure;
pub(crate) mod monitor;
pub(crate) mod node_index;
pub(crate) mod observers;
pub(crate) mod offer;
pub(crate) mod panics;
pub(crate) mod place;
pub(crate) mod relation;
pub(crate) mod request;
pub(crate) mod resolved;
pub(crate) mod rest;
pub(crate) mod route;
pub(crate) mod shard;
pub(crate) mod signal;
pub(crate) mod stderr;
pub(crate) mod table;
pub(crate) mod tally;
pub(crate) mod tasks;
pub(crate) mod telemetry;
pub(crate) mod timer;
pub(crate) mod wait_edge;
pub(crate) mod wait_graph;
pub(crate) mod wait_scope;
pub(crate) mod world;
pub(crate) mod worlds;

/// Serializes a time for JSON: nanoseconds, as a number.
#[cfg(feature = "json")]
pub(crate) fn nanos<S: serde::Serializer>(
    time: &std::time::Duration,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX))
}
