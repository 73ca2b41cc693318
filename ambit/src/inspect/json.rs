//! The text form of what is seen: field names and units do not change from version to version.

use std::time::Duration;

use serde::ser::{Serialize, SerializeSeq, Serializer};

use crate::inspect::lints::Finding;
use crate::inspect::process::ProcessInfo;
use crate::inspect::snapshot::Snapshot;
use crate::inspect::tree::Tree;
use crate::pid::Pid;

/// As it is printed: `"#3"`.
impl Serialize for Pid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Nanoseconds, or null.
pub(super) fn maybe_nanos<S: Serializer>(
    time: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match time {
        Some(time) => crate::process::nanos(time, serializer),
        None => serializer.serialize_none(),
    }
}

/// The processes in the order of the picture, each with its depth: a deep tree is no deep text.
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
    /// Its text form, on one line. Times are nanoseconds and their names end in `_ns`, pids are as they are printed.
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl ProcessInfo {
    /// Its text form, as in that of a [`Snapshot`].
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl Finding {
    /// Its text form, as in that of a [`Snapshot`].
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}

impl Tree {
    /// Its text form: a list of processes in the order in which the tree is printed, each with its `depth`, and whether
    /// it is `detached`.
    #[must_use]
    pub fn to_json(&self) -> String {
        text(self)
    }
}
