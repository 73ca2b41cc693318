//! Events of names.

use ambit::Message;

use crate::node::id::NodeId;
use crate::node::subscribers::Event;

/// A name got or lost its process, as this node sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NameEvent<K> {
    /// The name belongs to a process on this node from now on. A name that moves has no `Unregistered` in between.
    Registered {
        /// The name.
        name: K,
        /// The node of the process.
        node: NodeId,
    },
    /// The name belongs to no process any more.
    Unregistered {
        /// The name.
        name: K,
    },
    /// A process of this node lost the name to one of another node after a partition, or both lost it.
    Conflict {
        /// The name.
        name: K,
        /// The node of the process that holds the name now; `None` if neither does.
        kept: Option<NodeId>,
    },
    /// The listener was too slow, and this many events before the next one were dropped. Read the registered names for
    /// the state.
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
