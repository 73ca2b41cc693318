//! Refused operations.

use ambit::message::EncodeError;

use crate::replica::error::PutError;

/// The error of [`Presence::open`](crate::Presence::open) and [`PresenceBuilder::open`](crate::PresenceBuilder::open).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenPresenceError {
    /// The tracker is already open on this node with another type of metadata.
    #[error(
        "the tracker `{name}` is open with another type of metadata; use that type, or another name"
    )]
    OtherType {
        /// The name of the tracker.
        name: String,
    },
    /// The tracker is already open on this node, so its hooks can no longer be set.
    #[error(
        "the tracker `{name}` is already open, so its hooks cannot be set; set them where it is opened first"
    )]
    AlreadyOpen {
        /// The name of the tracker.
        name: String,
    },
}

/// The error of [`Presence::track`](crate::Presence::track).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrackError {
    /// The process is already tracked under this topic and key.
    #[error("the process is already tracked under this topic and key; use `update`")]
    AlreadyTracked,
    /// The process runs on another node.
    #[error("the process runs on another node; track it there")]
    Elsewhere,
    /// The process has ended, or no process is registered under the name that the handle follows.
    #[error("the process has ended; track its successor")]
    Ended,
    /// This node has left the cluster.
    #[error("this node has left the cluster; start a new node")]
    Left,
    /// The metadata cannot be encoded.
    #[error("the metadata cannot be encoded")]
    Encode(#[from] EncodeError),
    /// The presence exceeds a limit on replicated entries. The text names the limit.
    #[error("{0}")]
    Limit(String),
}

/// The error of [`Presence::update`](crate::Presence::update).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The process is not tracked under this topic and key.
    #[error("the process is not tracked under this topic and key; use `track`")]
    NoPresence,
    /// Other tasks updated the presence at the same time, 16 times in a row.
    #[error("the presence was updated at the same time; update it again")]
    Conflict,
    /// This node has left the cluster.
    #[error("this node has left the cluster; start a new node")]
    Left,
    /// The metadata cannot be encoded.
    #[error("the metadata cannot be encoded")]
    Encode(#[from] EncodeError),
    /// The presence exceeds a limit on replicated entries. The text names the limit.
    #[error("{0}")]
    Limit(String),
}

impl From<PutError> for TrackError {
    fn from(error: PutError) -> Self {
        Self::Limit(error.to_string())
    }
}

impl From<PutError> for UpdateError {
    fn from(error: PutError) -> Self {
        Self::Limit(error.to_string())
    }
}
