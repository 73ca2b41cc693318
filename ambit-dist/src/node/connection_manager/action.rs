//! The actions that the connection manager returns.

use std::net::SocketAddr;

use crate::node::connection_manager::target::{CallerId, ConnectionId};
use crate::node::down_reason::DownReason;
use crate::node::error::ConnectError;
use crate::node::id::NodeId;
use crate::wire::CloseCode;

/// An action for the node's task.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// Open a connection and send the hello.
    Dial {
        conn: ConnectionId,
        address: SocketAddr,
    },
    /// Close a connection in any stage.
    Close {
        conn: ConnectionId,
        code: CloseCode,
        text: String,
    },
    /// Announce to the other node that this one leaves, and close the connection after all queued messages.
    GoAway { conn: ConnectionId },
    /// The node is connected through this connection. Follows the `Down` of its earlier connection.
    Up { id: NodeId, conn: ConnectionId },
    /// The node is disconnected, and its session has ended: no message of this connection is delivered after it.
    Down {
        id: NodeId,
        conn: ConnectionId,
        reason: DownReason,
    },
    /// Answer a waiting caller.
    Answer {
        caller: CallerId,
        result: Result<NodeId, ConnectError>,
    },
    /// Replace the identity of this node by a later incarnation.
    Renew(NodeId),
    /// Log an error for the operator.
    Warn(String),
}
