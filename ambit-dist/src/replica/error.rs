//! The error of a refused write.

use bytes::Bytes;

use crate::replica::change::EntryId;

/// The error for a write that this node refuses. It contains the body.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PutError {
    #[error(
        "this node already has {limit} replicated entries: remove unused ones, or raise `Limits::entries` on all nodes"
    )]
    TooManyEntries { limit: usize, body: Bytes },
    #[error(
        "the replicated entries of this node would exceed {limit} bytes: remove unused ones, or raise `Limits::entry_bytes` on all nodes"
    )]
    TooManyBytes { limit: usize, body: Bytes },
    #[error(
        "this node already uses {limit} replicated tables: remove all entries of one, or use fewer registries and trackers"
    )]
    TooManyTables { limit: usize, body: Bytes },
    #[error(
        "the body of an entry has {length} bytes, above the limit of {limit}: replicate a key to the data instead"
    )]
    BodyTooLong {
        length: usize,
        limit: usize,
        body: Bytes,
    },
    #[error("the name of a table has {length} bytes: use 1 to {limit} bytes")]
    TableName {
        length: usize,
        limit: usize,
        body: Bytes,
    },
    #[error("this node has no entry {}: insert one instead", id.0)]
    NoEntry { id: EntryId, body: Bytes },
}

impl PutError {
    /// Returns the body that was not written.
    pub(crate) fn into_body(self) -> Bytes {
        match self {
            Self::TooManyEntries { body, .. }
            | Self::TooManyBytes { body, .. }
            | Self::TooManyTables { body, .. }
            | Self::BodyTooLong { body, .. }
            | Self::TableName { body, .. }
            | Self::NoEntry { body, .. } => body,
        }
    }
}
