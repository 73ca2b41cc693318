//! The changes of visible entries, for the views.

use std::sync::Arc;

use bytes::Bytes;

use crate::node::id::NodeId;

/// The number of an entry, unique within the incarnation of its node and never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct EntryId(pub(crate) u64);

/// A change of the visible entries. Those of one node come in the order of its log.
///
/// For each origin and id, a `Put` with `is_new` and a `Removed` alternate, starting with the `Put`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// An entry is visible with this body.
    Put {
        origin: NodeId,
        id: EntryId,
        table: Arc<str>,
        body: Bytes,
        /// False if the entry was already visible with another body or version.
        is_new: bool,
    },
    /// An entry is no longer visible: its node removed it, is down, or has left.
    Removed {
        origin: NodeId,
        id: EntryId,
        table: Arc<str>,
    },
}

impl Change {
    /// Returns the table of the entry.
    pub(crate) fn table(&self) -> &str {
        match self {
            Self::Put { table, .. } | Self::Removed { table, .. } => table,
        }
    }
}
