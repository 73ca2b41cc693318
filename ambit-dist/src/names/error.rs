//! The errors of names.

use ambit::message::EncodeError;

use crate::node::id::NodeId;

/// The reason why a name of the cluster was not registered. The process keeps running, and no claim is left.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterNameError {
    /// A process holds the name, or the name is reserved, or another claim at the same time came first. The holder may
    /// be the same process.
    #[error(
        "the name is held by a process on {node}: choose another name, or stop that process first"
    )]
    Taken {
        /// The node of the holder.
        node: NodeId,
    },
    /// The process has another name already, and the registration requires that it has none.
    #[error(
        "the process already has a name: remove that name first, or register without `only_name()`"
    )]
    AlreadyNamed,
    /// The process to be registered has ended, or the handle follows a name without a process.
    #[error("there is no such process to register: it has ended")]
    NoProcess,
    /// `unregister` or `re_register` withdrew the claim before all members had acknowledged it.
    #[error(
        "the name was unregistered or taken over before all members knew it: register again if the process must hold it"
    )]
    Withdrawn,
    /// The process is on another node. A node registers only its own processes.
    #[error("the process is on another node: register it there")]
    Elsewhere,
    /// The key, the handle or the value cannot be sent to other nodes.
    #[error("the name cannot be sent to other nodes: {0}")]
    Unsendable(#[from] EncodeError),
    /// A limit of replicated entries is reached.
    #[error("{text}")]
    Limit {
        /// The limit, and how to proceed.
        text: String,
    },
    /// The node has left the cluster. Whether other members saw the name for a moment is unknown; it is gone now.
    #[error("the node has left the cluster: start a new node")]
    Left,
}

/// The reason why the value of a name was not updated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateValueError {
    /// No process of this node is registered under the key with a value of this type. Only the node of the process can
    /// update its value.
    #[error(
        "no process of this node is registered under the key: update the value on the node of the process"
    )]
    NotFound,
    /// The value cannot be sent to other nodes.
    #[error("the value cannot be sent to other nodes: {0}")]
    Unsendable(#[from] EncodeError),
    /// A limit of replicated entries is reached.
    #[error("{text}")]
    Limit {
        /// The limit, and how to proceed.
        text: String,
    },
}
