//! The groups and topics of a node, shared by its handles.

use std::fmt;
use std::sync::Arc;

use ambit::pubsub::PubSub;

use super::cast_protocol::CastProtocols;
use super::copies::Copies;
use super::index::GroupIndex;
use super::local::{GROUPS, LocalMembers};
use super::subscriptions::{Subscriptions, TOPICS};
use super::topic_index::TopicIndex;
use crate::replication::shared::Replication;

/// The groups and topics of a node.
pub(crate) struct ClusterGroups {
    pub(super) replication: Arc<Replication>,
    /// The runtime of the tasks of the node.
    pub(super) runtime: tokio::runtime::Handle,
    pub(super) index: Arc<GroupIndex>,
    pub(super) local: Arc<LocalMembers>,
    pub(super) protocols: CastProtocols,
    pub(super) copies: Copies,
    /// The nodes with subscribers of each topic.
    pub(super) topics: Arc<TopicIndex>,
    pub(super) subscriptions: Arc<Subscriptions>,
    /// The subscribers of this node.
    pub(super) pubsub: PubSub,
}

impl ClusterGroups {
    pub(crate) fn new(
        replication: &Arc<Replication>,
        runtime: tokio::runtime::Handle,
    ) -> Arc<Self> {
        let index = Arc::<GroupIndex>::default();
        replication.open(GROUPS, index.clone());
        let topics = Arc::<TopicIndex>::default();
        replication.open(TOPICS, topics.clone());
        let groups = Arc::new(Self {
            replication: replication.clone(),
            runtime,
            index,
            local: LocalMembers::new(replication.clone()),
            protocols: CastProtocols::default(),
            copies: Copies::default(),
            topics,
            subscriptions: Subscriptions::new(replication.clone()),
            pubsub: PubSub::new(),
        });
        #[cfg(feature = "sim")]
        replication.check(Arc::downgrade(&groups) as _);
        groups
    }
}

impl fmt::Debug for ClusterGroups {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterGroups").finish_non_exhaustive()
    }
}
