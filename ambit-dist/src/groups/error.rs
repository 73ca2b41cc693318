//! The errors of joining a group.

use ambit::message::EncodeError;
use thiserror::Error;

use crate::replica::error::PutError;
use crate::replication::entry_value::EntryError;

/// The reason why a process was not added to a group or subscribed to a topic of the cluster. The group or topic is
/// unchanged.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{JoinGroupError, Node};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let reader = ambit::spawn(|mut inbox: Inbox<String>| async move { inbox.recv().await; });
/// let scope = node.groups().scope("chat");
/// scope.stop();
/// assert_eq!(scope.join("lobby", &reader), Err(JoinGroupError::Stopped));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum JoinGroupError {
    /// The scope was stopped on this node. (Erlang: `noproc`.)
    #[error("the scope of the group was stopped on this node: join again when it is started")]
    Stopped,
    /// The handle follows a name that is not registered, or the subscriber of a topic has ended.
    #[error("the process has ended, or its name is not registered: join when it runs")]
    NoProcess,
    /// The process runs on another node. (Erlang: `badarg`.)
    #[error("the process runs on another node: join on that node")]
    Elsewhere,
    /// This node has left the cluster.
    #[error("the node has left the cluster: join on a node that runs")]
    Left,
    /// A limit on replicated entries is reached.
    #[error("the membership cannot be replicated: {why}")]
    Limit {
        /// The limit and the remedy.
        why: String,
    },
    /// The handle cannot be sent to other nodes, or two types that its protocol uses have the same wire name.
    #[error("the handle cannot be sent to other nodes: {why}")]
    Unsendable {
        /// The reason why it cannot be sent.
        why: String,
    },
}

impl JoinGroupError {
    pub(super) fn of_put(error: &PutError) -> Self {
        let why = error.to_string();
        Self::Limit { why }
    }

    pub(super) fn of_entry(error: &EntryError) -> Self {
        match error {
            EntryError::Encode(EncodeError::NoHolder) => Self::NoProcess,
            EntryError::Encode(error) => Self::Unsendable {
                why: error.to_string(),
            },
            EntryError::Limit(error) => Self::of_put(error),
        }
    }
}
