//! Refused operations.

use ambit::message::EncodeError;

use crate::replica::error::PutError;
use crate::replication::entry_value::EntryError;

/// The error of [`Presence::open`](crate::Presence::open) and [`PresenceBuilder::open`](crate::PresenceBuilder::open).
///
/// ```
/// use ambit_dist::{OpenPresenceError, Presence};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// Presence::<String>::open(&node, "rooms")?;
/// let name = "rooms".to_owned();
/// let refused = Presence::<u32>::open(&node, "rooms");
/// assert_eq!(refused.err(), Some(OpenPresenceError::OtherType { name: name.clone() }));
/// let refused = Presence::<String>::builder("rooms").on_diff(|_, _| {}).open(&node);
/// assert_eq!(refused.err(), Some(OpenPresenceError::AlreadyOpen { name }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenPresenceError {
    /// The tracker is already open on this node with another type of metadata.
    #[error(
        "the tracker `{name}` is open with another type of metadata: use that type, or another name"
    )]
    OtherType {
        /// The name of the tracker.
        name: String,
    },
    /// The tracker is already open on this node, so its hooks can no longer be set.
    #[error(
        "the tracker `{name}` is already open, so its hooks cannot be set: set them where it is opened first"
    )]
    AlreadyOpen {
        /// The name of the tracker.
        name: String,
    },
}

/// The error of [`Presence::track`](crate::Presence::track).
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, TrackError};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// match rooms.track(&client, "lobby", "ada", "tablet".to_owned()) {
///     Err(TrackError::AlreadyTracked) => drop(rooms.update(&client, "lobby", "ada", "tablet".to_owned())?),
///     other => panic!("the process is tracked: {other:?}"),
/// }
/// assert_eq!(rooms.get_by_key("lobby", "ada")[0].meta, "tablet");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TrackError {
    /// The process is already tracked under this topic and key.
    #[error("the process is already tracked under this topic and key: use `update`")]
    AlreadyTracked,
    /// The process runs on another node.
    #[error("the process runs on another node: track it there")]
    Elsewhere,
    /// The process has ended, or no process is registered under the name that the handle follows.
    #[error("the process has ended: track its successor")]
    Ended,
    /// This node has left the cluster.
    #[error("this node has left the cluster: start a new node")]
    Left,
    /// The metadata cannot be encoded. The source of this error says what to do.
    #[error("the metadata cannot be sent to other nodes: {0}")]
    Encode(#[from] EncodeError),
    /// The presence exceeds a limit on replicated entries. The text names the limit.
    #[error("{0}")]
    Limit(String),
}

/// The error of [`Presence::update`](crate::Presence::update) and
/// [`Presence::update_with`](crate::Presence::update_with).
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::{Presence, UpdateError};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let client = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let rooms = Presence::<String>::open(&node, "rooms")?;
/// let refused = rooms.update(&client, "lobby", "ada", "tablet".to_owned());
/// assert_eq!(refused, Err(UpdateError::NoPresence));
/// rooms.track(&client, "lobby", "ada", "phone".to_owned())?;
/// assert!(rooms.update(&client, "lobby", "ada", "tablet".to_owned()).is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The process is not tracked under this topic and key.
    #[error("the process is not tracked under this topic and key: use `track`")]
    NoPresence,
    /// Other tasks updated the presence at the same time, 16 times in a row.
    #[error("the presence was updated at the same time: update it again")]
    Conflict,
    /// The present metadata cannot be decoded, so that `update_with` cannot change it.
    #[error("the present metadata cannot be read: use `update` to replace it")]
    Unreadable,
    /// This node has left the cluster.
    #[error("this node has left the cluster: start a new node")]
    Left,
    /// The metadata cannot be encoded. The source of this error says what to do.
    #[error("the metadata cannot be sent to other nodes: {0}")]
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

impl From<EntryError> for TrackError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Encode(error) => Self::Encode(error),
            EntryError::Limit(error) => error.into(),
        }
    }
}

impl From<EntryError> for UpdateError {
    fn from(error: EntryError) -> Self {
        match error {
            EntryError::Encode(error) => Self::Encode(error),
            EntryError::Limit(error) => error.into(),
        }
    }
}
