//! The frames of the sync channel.
//!
//! | frame | number | body |
//! |---|---|---|
//! | DELTA | 1 | origin, flags: u8 (1 full, 2 more, 4 answer, 8 complete), start: n if full, from: n, to - from: n, tables: list of text, operations: list |
//! | PULL | 2 | origin, flags: u8 (1 full), start: n if full, have: n |
//! | NOTHING | 3 | origin, flags: u8 (8 complete) |
//! | ACK | 4 | version: n, sender version: n |
//! | DIGEST | 5 | list of: origin, version: n, hash: u64 |
//!
//! - `n`, `u64` and `text` are those of the wire protocol. A list begins with its length, an `n`.
//! - An origin is `name: text, incarnation: u64, renewal: n`.
//! - An operation is `step: n, id: n`, where `step` is twice the distance to the version of the previous operation (for
//!   the first operation, to `from`), plus 1 for a removal. A put continues with `table: n`, an index into the list of
//!   tables, and with the body, encoded like a text.
//!
//! A frame begins with the number of its kind. A frame with bytes after its last field is malformed.

mod decode;
mod encode;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use bytes::Bytes;

use crate::node::id::InvalidName;
use crate::replica::change::EntryId;
use crate::replica::origin::Origin;
use crate::wire::WireError;

/// A frame of the sync channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Frame {
    Delta(Delta),
    /// Requests the changes after the version `have`.
    Pull {
        origin: Origin,
        have: u64,
        /// Continues the full transfer with this start, or starts one from 0.
        full: Option<u64>,
    },
    /// Answers a pull: there are no changes after the requested version here.
    Nothing {
        origin: Origin,
        coverage: Coverage,
    },
    /// Confirms that the sender has applied this version of the receiver's own log.
    Ack {
        version: u64,
        /// The version of the sender's own log at that time. Until the receiver has it, the sender may have entries
        /// that contradict those of the receiver, and that the receiver does not know yet.
        sender_version: u64,
    },
    Digest(Vec<Summary>),
}

/// All changes of one log after the version `from` up to the version `to`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Delta {
    pub(crate) origin: Origin,
    pub(crate) from: u64,
    pub(crate) to: u64,
    /// For a part of a full transfer: the version of the log when the transfer started. The removals after it are in
    /// the transfer, the earlier ones are not needed.
    pub(crate) full: Option<u64>,
    /// True if the sender has changes after `to`, for another pull.
    pub(crate) more: bool,
    /// For the answer to a pull.
    pub(crate) answer: Option<Coverage>,
    /// In ascending order of versions, with each id at most once.
    pub(crate) ops: Vec<Op>,
}

/// How much the sender of an answer knows of the entries of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// All entries that the node had when the sender last received from it, or from another node with all of them.
    Complete,
    /// Possibly not all: the sender waits for them too, cannot hold them, or does not know the node's last renewal.
    Partial,
}

/// A change of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Op {
    pub(crate) version: u64,
    pub(crate) id: EntryId,
    pub(crate) kind: OpKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum OpKind {
    /// After decoding, the body shares the memory of its frame.
    Put {
        table: Arc<str>,
        body: Bytes,
    },
    Remove,
}

/// The state of one log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    pub(crate) origin: Origin,
    pub(crate) version: u64,
    pub(crate) hash: u64,
}

/// The error for bytes that are not a frame.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FrameError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("the sync frame kind {kind:#04x} is unknown; update the older of the two nodes")]
    UnknownKind { kind: u8 },
    #[error(
        "a sync frame of kind {kind:#04x} cannot have the flags {flags:#04x}; update the older of the two nodes"
    )]
    WrongFlags { kind: u8, flags: u8 },
    #[error(transparent)]
    Name(#[from] InvalidName),
    #[error("a delta has versions outside its range, or out of order")]
    BadVersions,
    #[error("a delta has two operations on the entry {}", id.0)]
    RepeatedId { id: EntryId },
    #[error("a delta uses the table {index}, but defines {defined}")]
    UnknownTable { index: u64, defined: usize },
    #[error("the name of a table is empty")]
    EmptyTable,
    #[error("a delta announces more changes, but contains none")]
    NoProgress,
}
