//! Reasons for the loss of a connection.

use std::fmt;

use crate::wire::CloseCode;

/// The reason why a node was disconnected. For every reason except `Restarted`, the node may still be running.
///
/// ```
/// use ambit_dist::{DownReason, NodeEvent};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// let mut events = a.events();
/// a.connect(b.local_addr()).await?;
/// a.disconnect("b").await;
/// while let Some(event) = events.next().await {
///     let NodeEvent::Down { reason, .. } = event else { continue };
///     assert_eq!(reason, DownReason::Disconnected);
///     assert_eq!(reason.to_string(), "disconnected");
///     break;
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DownReason {
    /// One of the two nodes left the cluster and announced it. (Erlang: the node was stopped.)
    Left,
    /// This node closed the connection in [`Node::disconnect`](crate::Node::disconnect). (Erlang: `disconnect`.)
    Disconnected,
    /// The other node closed the connection in its [`Node::disconnect`](crate::Node::disconnect). (Erlang:
    /// `connection_closed`.)
    Closed,
    /// The other node did not answer heartbeats in time, or reported that this node did not. (Erlang:
    /// `net_tick_timeout`.)
    TimedOut,
    /// A later incarnation of the node connected, so the earlier one has ended.
    Restarted,
    /// The other node has seen a later incarnation of this node: another node has this name. The text states the
    /// details. Nodes that have seen the later incarnation refuse connections to this one.
    Replaced(String),
    /// The connection broke, or the program of the other node ended without closing it. The text states the cause.
    Reset(String),
    /// One of the two nodes closed the connection because of an error, for example invalid data, or, with
    /// [`CloseCode::Quarantined`], because it no longer [admits](crate::NodeBuilder::admit) the other.
    Refused {
        /// The code with which the connection was closed.
        code: CloseCode,
        /// The reason that the closing node gave.
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
