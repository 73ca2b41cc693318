//! The store: the replicated entries of all members, and the decisions of one node about them.

mod deltas;
mod digests;
mod inspect;
mod membership;
mod pulls;
mod pushes;
mod sessions;
mod timers;
mod writes;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::node::id::NodeName;
use crate::replica::acks::Acks;
use crate::replica::change::Change;
use crate::replica::counts::Events;
use crate::replica::dropped_incarnations::DroppedIncarnations;
use crate::replica::frame::Frame;
use crate::replica::limits::{ReplicaLimits, ReplicaSettings};
use crate::replica::log::Log;
use crate::replica::members::Members;
use crate::replica::origin::Origin;
use crate::replica::peers::Peer;
use crate::rt::Rng;
use crate::wire::CloseCode;

/// An action for the task of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Action {
    /// Send a frame on the session with a node. Frames for several nodes share their bytes.
    Send { to: NodeName, bytes: Bytes },
    /// Close the session with a node that violated the protocol or does not keep up. The store ignores it until it
    /// connects again.
    Close {
        peer: NodeName,
        code: CloseCode,
        text: String,
    },
    /// Every connected member has the changes of this node up to this version, and this node has those that the members
    /// made before they acknowledged it.
    Acknowledged { version: u64 },
}

impl Action {
    /// Returns the node whose session the action is for.
    pub(crate) fn peer(&self) -> Option<&NodeName> {
        match self {
            Self::Send { to: peer, .. } | Self::Close { peer, .. } => Some(peer),
            Self::Acknowledged { .. } => None,
        }
    }
}

/// The replicated entries of all members. Times are durations since the start of the node.
///
/// After each event, the task performs the [actions](Self::take_actions), passes the [changes](Self::take_changes) to
/// the views, and calls [`timer`](Self::timer) at the [`deadline`](Self::deadline). It should read the next frame of a
/// peer only while the peer reads too, because a pull is shorter than its answer.
#[derive(Debug)]
pub(crate) struct Store {
    own: Origin,
    settings: ReplicaSettings,
    limits: ReplicaLimits,
    rng: Rng,
    /// The entries of this node.
    log: Log,
    next_id: u64,
    /// The version that was pushed last.
    flushed: u64,
    members: Members,
    dropped: DroppedIncarnations,
    peers: BTreeMap<NodeName, Peer>,
    acks: Acks,
    digest_at: Option<Duration>,
    relay_at: Option<Duration>,
    events: Events,
    actions: Vec<Action>,
    changes: Vec<Change>,
}

impl Store {
    /// Creates the store of a node. `seed` determines its random decisions.
    pub(crate) fn new(
        own: Origin,
        settings: ReplicaSettings,
        limits: ReplicaLimits,
        seed: u64,
    ) -> Self {
        Self {
            own,
            settings,
            rng: Rng::with_seed(seed),
            log: Log::new(limits.tombstones),
            next_id: 0,
            flushed: 0,
            members: Members::default(),
            dropped: DroppedIncarnations::new(limits.remembered),
            limits,
            peers: BTreeMap::new(),
            acks: Acks::default(),
            digest_at: None,
            relay_at: None,
            events: Events::default(),
            actions: Vec::new(),
            changes: Vec::new(),
        }
    }

    pub(crate) fn own(&self) -> &Origin {
        &self.own
    }

    /// Returns the pending actions in order.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Returns the changes of visible entries since the last call, in order.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    fn send(&mut self, to: &NodeName, frame: &Frame) {
        let (to, bytes) = (to.clone(), frame.encode());
        self.actions.push(Action::Send { to, bytes });
    }
}
