//! Reasons for the loss of a connection.

use std::fmt;

use crate::wire::CloseCode;

/// The reason for the loss of a node. Only `Restarted` implies that the node has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownReason {
    /// One of the two nodes left the cluster and announced it. (Erlang: the node was stopped.)
    Left,
    /// This node was asked to disconnect. (Erlang: `disconnect`.)
    Disconnected,
    /// The other node closed the connection on request. (Erlang: `connection_closed`.)
    Closed,
    /// The other node did not answer in time, or reports that this node did not. It may still run. (Erlang:
    /// `net_tick_timeout`.)
    TimedOut,
    /// A later incarnation of the node connected; this one has ended.
    Restarted,
    /// The other node knows a later incarnation of this one: it reports that another node has this name. Nodes that
    /// know the later incarnation refuse connections to this one.
    Replaced(String),
    /// The connection broke, or the other node's program ended without a close.
    Reset(String),
    /// One node closed the connection because of data that the other sent or, with [`CloseCode::Quarantined`], because
    /// it no longer [admits](crate::NodeBuilder::admit) the other.
    Refused {
        /// The code of the close.
        code: CloseCode,
        /// The text of the close.
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
