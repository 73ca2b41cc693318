//! The errors of names.

use ambit::message::EncodeError;

use crate::node::id::NodeId;
use crate::replication::entry_value::EntryError;

/// The reason why a name of the cluster was not registered. The process keeps running, and nothing remains registered
/// or reserved.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::RegisterNameError;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let first = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let second = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// node.names().register("visits", &first).await?;
/// match node.names().register("visits", &second).await {
///     Err(RegisterNameError::Taken { node: holder }) => assert_eq!(holder, *node.id()),
///     other => panic!("the name is held: {other:?}"),
/// }
/// let refused = node.names().register("other", &first).only_name().await;
/// assert_eq!(refused, Err(RegisterNameError::AlreadyNamed));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterNameError {
    /// The name is held or reserved, or a simultaneous registration or reservation ranks first. The holder may be the
    /// same process.
    #[error(
        "the name is held or reserved on {node}: choose another name, or release it there first"
    )]
    Taken {
        /// The node that holds or has reserved the name.
        node: NodeId,
    },
    /// The process already has another name, and the registration used `only_name()`.
    #[error(
        "the process already has a name: remove that name first, or register without `only_name()`"
    )]
    AlreadyNamed,
    /// The process to be registered has ended, or the handle follows a name without a process.
    #[error("there is no such process to register, because it has ended: register one that runs")]
    NoProcess,
    /// A call of `unregister` or `re_register` withdrew the registration before all members had acknowledged it.
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
    /// A limit on replicated entries is reached.
    #[error("{text}")]
    Limit {
        /// The limit and the remedy.
        text: String,
    },
    /// This node has left the cluster. Other members may have seen the name briefly, but it is no longer registered.
    #[error("the node has left the cluster: start a new node")]
    Left,
}

/// The reason why the value of a name was not updated.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::{ClusterRegistry, UpdateValueError};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// let carts = ClusterRegistry::<u64, u8, u32>::open(&node, "carts");
/// let add_one = |items: &u32| items + 1;
/// assert_eq!(carts.update_value(&17, add_one), Err(UpdateValueError::NotFound));
///
/// let cart = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// carts.register(17, &cart, 2).await?;
/// assert_eq!(carts.update_value(&17, add_one), Ok(3));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateValueError {
    /// No process of this node is registered under the key with a value of this type. Only the node of the process can
    /// update its value.
    #[error(
        "no process of this node is registered under the key: update the value on the node of the process"
    )]
    NotFound,
    /// Other tasks updated the value or moved the key at the same time, 16 times in a row.
    #[error("other tasks updated the value at the same time, 16 times in a row: update it again")]
    Conflict,
    /// This node has left the cluster.
    #[error("the node has left the cluster: start a new node")]
    Left,
    /// The key or the new value cannot be sent to other nodes.
    #[error("the value cannot be sent to other nodes: {0}")]
    Unsendable(#[from] EncodeError),
    /// A limit on replicated entries is reached.
    #[error("{text}")]
    Limit {
        /// The limit and the remedy.
        text: String,
    },
}

impl From<EntryError> for RegisterNameError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Encode(error) => Self::Unsendable(error),
            EntryError::Limit(error) => Self::Limit {
                text: error.to_string(),
            },
        }
    }
}

impl From<EntryError> for UpdateValueError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Encode(error) => Self::Unsendable(error),
            EntryError::Limit(error) => Self::Limit {
                text: error.to_string(),
            },
        }
    }
}
