//! The JSON form of the results: field names and units are stable across versions.

use std::time::Duration;

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::inspect::finding::Finding;
use crate::inspect::process::ProcessInfo;
use crate::inspect::snapshot::Snapshot;
use crate::inspect::tree::Tree;
use crate::pid::Pid;

/// Serializes a pid as it is printed: `"#3"`.
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

/// Serializes the processes in printing order, each with its depth: so a deep tree is not deeply nested.
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
    /// Returns the JSON form, on one line. Times are in nanoseconds, with names ending in `_ns`; pids are as printed.
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl ProcessInfo {
    /// Returns the JSON form, as in a [`Snapshot`].
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl Finding {
    /// Returns the JSON form, as in a [`Snapshot`].
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl Tree {
    /// Returns the JSON form: a list of processes in printing order, each with its `depth`, and whether it is
    /// `detached`.
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}
