//! The cause of a start of a distributed application.

use std::fmt;

use crate::node::id::NodeName;

/// The reason for which a [`DistributedApplication`](crate::DistributedApplication) starts on a node. (Erlang: the
/// first argument of `Module:start/2`.)
///
/// ```
/// use ambit_dist::StartType;
/// assert_eq!(StartType::Normal.to_string(), "normal");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartType {
    /// No other node has run the application before, as far as this node knows.
    Normal,
    /// The node that ran the application was lost or has left, or its controller has ended.
    Failover {
        /// The node that ran the application before.
        from: NodeName,
    },
    /// This node precedes the node that ran the application. Unless
    /// [`overlapping_takeover`](crate::DistributedApplication::overlapping_takeover) is set, the application has
    /// already stopped on that node.
    Takeover {
        /// The node that ran the application before.
        from: NodeName,
    },
}

impl fmt::Display for StartType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Failover { from } => write!(f, "failover from {from}"),
            Self::Takeover { from } => write!(f, "takeover from {from}"),
        }
    }
}
