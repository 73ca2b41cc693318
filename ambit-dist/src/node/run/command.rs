//! The requests that the node's task gets from its handles.

use std::net::SocketAddr;

use tokio::sync::oneshot;

use crate::node::error::ConnectError;
use crate::node::id::{NodeId, NodeName};

/// A request from a handle to the node.
#[derive(Debug)]
pub(crate) enum Command {
    Connect {
        address: SocketAddr,
        done: oneshot::Sender<Result<NodeId, ConnectError>>,
    },
    Disconnect {
        name: NodeName,
        done: oneshot::Sender<bool>,
    },
    Refuse {
        name: NodeName,
        done: oneshot::Sender<bool>,
    },
    Readmit {
        name: NodeName,
        done: oneshot::Sender<bool>,
    },
    Leave {
        done: oneshot::Sender<()>,
    },
}
