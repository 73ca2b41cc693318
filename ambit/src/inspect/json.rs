//! The JSON form of the results: field names and units are stable across versions.

use std::time::Duration;

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::inspect::finding::Finding;
use crate::inspect::process::ProcessInfo;
use crate::inspect::snapshot::Snapshot;
use crate::inspect::tree::Tree;
use crate::pid::Pid;

/// Serializes a pid as the text that `Display` writes, such as `"#3"`.
impl Serialize for Pid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Serializes nanoseconds, or null.
pub(super) fn maybe_nanos<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => crate::process::nanos::nanos(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// Serializes the processes as a flat list in printing order, each with its depth, so that a deep tree needs no
/// nesting.
impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(serde::Serialize)]
        struct Row<'a> {
            depth: usize,
            detached: bool,
            #[serde(flatten)]
            process: &'a ProcessInfo,
        }
        let rows = self.rows();
        let mut list = serializer.serialize_seq(Some(rows.len()))?;
        for row in rows {
            list.serialize_element(&Row {
                depth: row.depth,
                detached: row.is_detached,
                process: row.process,
            })?;
        }
        list.end()
    }
}

fn text(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain data with text keys has a text form")
}

impl Snapshot {
    /// Returns the snapshot as JSON, on one line. Times are in nanoseconds, in fields whose names end in `_ns`; pids
    /// are strings such as `"#3"`.
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl ProcessInfo {
    /// Returns this value as JSON, in the format of [`Snapshot::to_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl Finding {
    /// Returns this value as JSON, in the format of [`Snapshot::to_json`].
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl Tree {
    /// Returns the tree as JSON: a list of processes in printing order, each with the additional fields `depth` and
    /// `detached`.
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}
