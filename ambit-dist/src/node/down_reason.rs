//! Why a node is no longer connected.

use std::fmt;

use crate::wire::CloseCode;

/// Why a node is no longer connected. It says nothing of whether the node still runs, except for `Restarted`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownReason {
    /// One of the two left the cluster, as it had announced. (Erlang: the node was stopped.)
    Left,
    /// This node was asked to disconnect. (Erlang: `disconnect`.)
    Disconnected,
    /// The other node closed the connection, because it was asked to. (Erlang: `connection_closed`.)
    Closed,
    /// The other node did not answer in time, or says that this one did not. It may still run.
    /// (Erlang: `net_tick_timeout`.)
    TimedOut,
    /// A later life of the node is there: this one has ended.
    Restarted,
    /// The other node has heard of a later life of this one: another node has its name, as it says. Nobody connects to this
    /// one any more who knows the later.
    Replaced(String),
    /// The connection broke, or the other node's program ended without a word.
    Reset(String),
    /// One of the two closed it because of what the other sent, or, with [`CloseCode::Quarantined`], because it does not
    /// [admit](crate::NodeBuilder::admit) the other any more.
    Refused {
        /// What for.
        code: CloseCode,
        /// More of it.
        text: String,
    },
}

impl fmt::Display for DownReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left => f.write_str("left"),
            Self::Disconnected => f.write_str("disconnected"),
            Self::Closed => f.write_str("closed by the other node"),
            Self::TimedOut => f.write_str("no answer in time"),
            Self::Restarted => f.write_str("restarted"),
            Self::Replaced(text) => write!(f, "another node has the name: {text}"),
            Self::Reset(text) => write!(f, "the connection broke: {text}"),
            Self::Refused { code, text } => write!(f, "{code}: {text}"),
        }
    }
}
