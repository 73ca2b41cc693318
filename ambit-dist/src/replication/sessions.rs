//! Events of the node and of its membership.

use bytes::Bytes;

use crate::node::id::NodeId;
use crate::replica::origin::Origin;
use crate::replication::shared::Replication;

impl Replication {
    /// This node takes another incarnation, because no other node has accepted the present one. Its entries belong to the
    /// new incarnation.
    pub(crate) fn take_incarnation(&self, own: NodeId) {
        self.change(|tables, _| {
            tables.store.set_own(&own);
            self.node_context.identity.renew(own);
        });
    }

    /// A session with a node that replicates has opened. The incarnation of this node is fixed from now on.
    pub(crate) fn connected(&self, peer: &NodeId) {
        self.change(|tables, now| {
            tables.connected.insert(peer.name.clone(), peer.clone());
            tables.store.connected(now, peer);
        });
    }

    /// A session has ended.
    pub(crate) fn disconnected(&self, peer: &NodeId) {
        self.change(|tables, now| {
            if tables.connected.get(&peer.name) == Some(peer) {
                tables.connected.remove(&peer.name);
                tables.store.disconnected(now, &peer.name);
            }
        });
    }

    /// A node is a member, also after a renewal.
    pub(crate) fn member_up(&self, origin: Origin) {
        self.change(|tables, now| tables.store.member_up(now, origin));
    }

    /// A member is down, or has left for good.
    pub(crate) fn member_down(&self, origin: &Origin, has_left: bool) {
        self.change(|tables, now| tables.store.member_down(now, origin, has_left));
    }

    /// The membership of this node was renewed after a false report.
    pub(crate) fn renewed(&self, renewal: u32) {
        self.change(|tables, _| tables.store.renewed(renewal));
    }

    /// A frame has arrived. One of an earlier incarnation of the peer is ignored.
    pub(super) fn received(&self, from: &NodeId, frame: &Bytes) {
        self.apply(|tables, now| {
            if tables.connected.get(&from.name) == Some(from) {
                tables.store.received(now, &from.name, frame);
            }
        });
    }
}
