//! Events of names.

use ambit::Message;

use crate::node::id::NodeId;
use crate::node::subscribers::Event;

/// An event of a name that got or lost its process, as seen by this node.
///
/// ```
/// # use ambit::prelude::*;
/// use ambit_dist::NameEvent;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let counter = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
/// let mut events = node.names().events();
/// let name = "visits".to_owned();
/// node.names().register("visits", &counter).await?;
/// let registered = NameEvent::Registered { name: name.clone(), node: node.id().clone() };
/// assert_eq!(events.next().await, Some(registered));
/// node.names().unregister("visits");
/// assert_eq!(events.next().await, Some(NameEvent::Unregistered { name }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameEvent<K> {
    /// The name now belongs to a process on `node`. If the name moves from one process to another, no `Unregistered`
    /// precedes this event.
    Registered {
        /// The name.
        name: K,
        /// The node of the process.
        node: NodeId,
    },
    /// The name no longer belongs to a process.
    Unregistered {
        /// The name.
        name: K,
    },
    /// A process of this node lost the name in a [conflict](crate::NameConflict) after a partition.
    Conflict {
        /// The name.
        name: K,
        /// The node of the process that keeps the name; `None` if neither process keeps it.
        kept: Option<NodeId>,
    },
    /// More than 1,024 events were queued, so the oldest ones were dropped. Read the registered names for the current
    /// state.
    Missed {
        /// The number of dropped events.
        events: u64,
    },
}

impl<K: Send + 'static> Message for NameEvent<K> {}

impl<K: Clone + Send + Sync + 'static> Event for NameEvent<K> {
    fn missed(events: u64) -> Self {
        Self::Missed { events }
    }
}
