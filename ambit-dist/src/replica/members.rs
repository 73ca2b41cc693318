//! The members other than this node, with their entries.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::node::id::{NodeId, NodeName};
use crate::replica::log::Log;
use crate::replica::origin::Origin;
use crate::replica::transfer::Transfer;

/// A member, or a node that was a member a short time ago.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) origin: Origin,
    /// The end of its grace, if it is down. Its entries are hidden until then.
    pub(super) hidden_until: Option<Duration>,
    pub(super) log: Log,
    pub(super) transfer: Option<Transfer>,
    /// No relay is asked for the entries before this time, because they exceed a limit of this node.
    pub(super) ask_after: Duration,
    /// This node could not hold all of its entries when it received them last.
    pub(super) exceeds_limits: bool,
}

impl Member {
    pub(super) fn is_up(&self) -> bool {
        self.hidden_until.is_none()
    }

    /// Returns whether the last pull was sent to this peer.
    pub(super) fn awaits(&self, peer: &NodeName) -> bool {
        let transfer = self.transfer.as_ref();
        transfer.is_some_and(|transfer| transfer.source == *peer)
    }
}

/// All members by name, and the members that wait for a deadline or a session.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) all: BTreeMap<NodeName, Member>,
    /// The ends of the graces.
    pub(super) graces: BTreeSet<(Duration, NodeName)>,
    /// The members that are up, but have no session with this node.
    pub(super) without_session: BTreeSet<NodeName>,
    /// The members that are up and whose entries were received completely since they are, in an earlier session or by
    /// way of another node.
    pub(super) received: BTreeMap<NodeName, NodeId>,
    /// The members that are up and whose entries this node may not have received yet.
    pub(super) awaited: BTreeSet<NodeName>,
}

impl Members {
    /// Returns the member if it is this incarnation.
    pub(super) fn get(&self, id: &NodeId) -> Option<&Member> {
        let member = self.all.get(&id.name);
        member.filter(|member| member.origin.id == *id)
    }

    /// Returns the member if it is this incarnation.
    pub(super) fn get_mut(&mut self, id: &NodeId) -> Option<&mut Member> {
        let member = self.all.get_mut(&id.name);
        member.filter(|member| member.origin.id == *id)
    }
}
