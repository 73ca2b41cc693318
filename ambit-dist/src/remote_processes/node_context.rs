//! The state shared by all sessions of one node.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use ambit::distribution::{Attachment, LocalProcesses, QueuedSignals};
use ambit::process::Pid;
use ambit::system::System;
use parking_lot::RwLock;

use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::node::identity::Identity;
use crate::remote_processes::exports::Exports;
use crate::remote_processes::node_services::NodeServices;
use crate::remote_processes::peer_incarnation::PeerIncarnation;
use crate::remote_processes::protocol_cache::ProtocolCache;
use crate::wire::ProcessAddress as Address;

/// The maximum number of remembered incarnations of other nodes.
const MAX_INCARNATIONS: usize = 4_096;

/// The shared state of a node.
pub(crate) struct NodeContext {
    pub(crate) identity: Identity,
    pub(crate) system: System,
    pub(crate) local: LocalProcesses,
    pub(crate) exports: Exports,
    pub(crate) protocol_cache: ProtocolCache,
    incarnations: RwLock<PeerIncarnations>,
    /// The incarnations with a session, which are notified when a process ends.
    connected: RwLock<BTreeMap<NodeId, Arc<PeerIncarnation>>>,
    /// The methods of the node itself, by protocol and method.
    pub(crate) services: NodeServices,
    /// The attachment of the node to itself, for local requests.
    itself: OnceLock<Attachment>,
}

struct PeerIncarnations {
    /// The known incarnations of other nodes. A pid of one stays valid.
    known: BTreeMap<NodeId, Arc<PeerIncarnation>>,
    /// The same incarnations, by the node number in their pids.
    by_number: HashMap<u64, Arc<PeerIncarnation>>,
    /// The number of entries at which idle ones are removed. It exceeds [`MAX_INCARNATIONS`] only while more than that
    /// are in use.
    full: usize,
    /// The latest connected incarnation of each node; earlier ones have ended.
    latest: BTreeMap<NodeName, Incarnation>,
    /// The signals of each node that wait in mailboxes here. The next incarnation does not start from zero.
    queued_signals: BTreeMap<NodeName, QueuedSignals>,
}

impl Default for PeerIncarnations {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            by_number: HashMap::new(),
            full: MAX_INCARNATIONS,
            latest: BTreeMap::new(),
            queued_signals: BTreeMap::new(),
        }
    }
}

impl PeerIncarnations {
    /// Removes the oldest quarter of the incarnations without a connection or a handle, and returns them, to be dropped
    /// without the lock. Other nodes can invent any number of them; messages to a pid of a removed one are
    /// undeliverable.
    fn forget(&mut self) -> Vec<Arc<PeerIncarnation>> {
        let mut forgotten = Vec::new();
        let idle = self
            .known
            .values()
            .filter(|peer_incarnation| peer_incarnation.is_idle());
        let mut idle: Vec<NodeId> = idle
            .map(|peer_incarnation| peer_incarnation.id.clone())
            .collect();
        idle.sort_by_key(|id| id.incarnation);
        idle.truncate(idle.len().div_ceil(4));
        for id in idle {
            if let Some(peer_incarnation) = self.known.remove(&id) {
                self.by_number.remove(&peer_incarnation.number());
                forgotten.push(peer_incarnation);
            }
        }
        // If most are in use, the next scan waits until their number has doubled.
        self.full = match self.known.len() < MAX_INCARNATIONS {
            true => MAX_INCARNATIONS,
            false => self.known.len() * 2,
        };
        let known = &self.known;
        let is_known = |name: &NodeName| {
            let mut incarnations = known.range(&first(name)..);
            incarnations.next().is_some_and(|(id, _)| id.name == *name)
        };
        if self.latest.len() > MAX_INCARNATIONS {
            self.latest.retain(|name, _| is_known(name));
        }
        self.queued_signals.retain(|_, queued| queued.is_used());
        forgotten
    }

    /// Returns the count of a node's signals that wait in mailboxes.
    fn queued_signals(&mut self, name: &NodeName) -> QueuedSignals {
        if let Some(queued) = self.queued_signals.get(name) {
            return queued.clone();
        }
        let queued = QueuedSignals::default();
        self.queued_signals.insert(name.clone(), queued.clone());
        queued
    }
}

/// Returns the lower bound of all incarnations of a node.
fn first(name: &NodeName) -> NodeId {
    NodeId {
        name: name.clone(),
        incarnation: Incarnation(0),
    }
}

impl NodeContext {
    pub(crate) fn new(id: NodeId, system: &System) -> Arc<Self> {
        let local = LocalProcesses::new(system);
        let node_context = Arc::new_cyclic(|node_context: &Weak<Self>| Self {
            identity: Identity::new(id),
            system: system.clone(),
            exports: Exports::new(local.clone(), {
                let node_context = node_context.clone();
                move |address| {
                    if let Some(node_context) = node_context.upgrade() {
                        node_context.over(address);
                    }
                }
            }),
            local,
            protocol_cache: ProtocolCache::default(),
            incarnations: RwLock::default(),
            connected: RwLock::default(),
            services: NodeServices::default(),
            itself: OnceLock::new(),
        });
        #[cfg(feature = "sim")]
        {
            let node: Weak<Self> = Arc::downgrade(&node_context);
            crate::sim::made(node);
        }
        node_context
    }

    /// Returns the name and incarnation of this node.
    pub(crate) fn id(&self) -> &NodeId {
        self.identity.id()
    }

    /// Returns the attachment of the node to itself.
    pub(crate) fn itself(&self) -> &Attachment {
        self.itself.get_or_init(|| Attachment::new(&self.system))
    }

    /// Returns an incarnation of another node, adding it if necessary.
    pub(crate) fn peer_incarnation(&self, id: &NodeId) -> Arc<PeerIncarnation> {
        if let Some(known) = self.incarnations.read().known.get(id) {
            return known.clone();
        }
        // Declared first, so that it is dropped after the lock.
        let _forgotten;
        let mut incarnations = self.incarnations.write();
        if let Some(known) = incarnations.known.get(id) {
            return known.clone();
        }
        if incarnations.known.len() >= incarnations.full {
            _forgotten = incarnations.forget();
        }
        let latest = incarnations.latest.get(&id.name);
        let is_over = latest.is_some_and(|latest| *latest > id.incarnation);
        let queued = incarnations.queued_signals(&id.name);
        let peer_incarnation = PeerIncarnation::new(id.clone(), &self.system, queued);
        if is_over {
            peer_incarnation.over();
        }
        incarnations
            .by_number
            .insert(peer_incarnation.number(), peer_incarnation.clone());
        incarnations
            .known
            .insert(id.clone(), peer_incarnation.clone());
        peer_incarnation
    }

    /// Records that an incarnation of another node is connected. Earlier ones have ended, and so have their
    /// connections.
    pub(crate) fn record_connected(&self, id: &NodeId) -> Arc<PeerIncarnation> {
        let earlier: Vec<_> = {
            let mut incarnations = self.incarnations.write();
            let latest = incarnations.latest.entry(id.name.clone());
            let latest = latest.or_insert(id.incarnation);
            if *latest < id.incarnation {
                *latest = id.incarnation;
            }
            let earlier = incarnations.known.range(&first(&id.name)..id);
            earlier
                .map(|(_, peer_incarnation)| peer_incarnation.clone())
                .collect()
        };
        for peer_incarnation in earlier {
            peer_incarnation.over();
        }
        self.peer_incarnation(id)
    }

    /// Returns the incarnation that a process belongs to.
    pub(crate) fn incarnation_of(&self, pid: Pid) -> Option<Arc<PeerIncarnation>> {
        let incarnations = self.incarnations.read();
        incarnations
            .by_number
            .get(&Attachment::number_of(pid))
            .cloned()
    }

    /// Returns true for a process of another node that can be written for a third one.
    pub(crate) fn is_elsewhere(&self, pid: Pid) -> bool {
        let incarnation = self.incarnation_of(pid);
        let address = incarnation.and_then(|incarnation| incarnation.address(pid));
        address.flatten().is_some()
    }

    /// Notifies all sessions of the end of an exported process.
    fn over(&self, address: Address) {
        // Outside of the lock, because a session may be closed meanwhile.
        let sessions: Vec<_> = {
            let connected = self.connected.read();
            connected
                .values()
                .filter_map(|peer_incarnation| peer_incarnation.session())
                .collect()
        };
        for session in sessions {
            session.over(address);
        }
    }

    /// Records that an incarnation has a session.
    pub(crate) fn opened(&self, peer_incarnation: &Arc<PeerIncarnation>) {
        self.connected
            .write()
            .insert(peer_incarnation.id.clone(), peer_incarnation.clone());
    }

    /// Records the end of a session, unless the next one is already open.
    pub(crate) fn closed(&self, peer_incarnation: &PeerIncarnation) {
        let mut connected = self.connected.write();
        if peer_incarnation.session().is_none() {
            connected.remove(&peer_incarnation.id);
        }
    }
}

#[cfg(feature = "sim")]
impl crate::sim::CheckedNode for NodeContext {
    fn name(&self) -> &str {
        self.id().name.as_str()
    }

    fn system(&self) -> &System {
        &self.system
    }

    fn leftovers(&self) -> crate::sim::Leftovers {
        let mut left = crate::sim::Leftovers::default();
        left.count("exports", self.exports.len());
        let known: Vec<_> = self.incarnations.read().known.values().cloned().collect();
        for peer_incarnation in known {
            peer_incarnation.leftovers(&mut left);
        }
        left
    }
}

impl fmt::Debug for NodeContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NodeContext({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;
    use crate::wire::NODE;

    #[ambit::test]
    async fn a_pid_maps_to_the_incarnation_with_its_number() {
        let node_context = NodeContext::new(id("own", 1), &System::current().unwrap());
        let incarnations = ["a", "b", "c"].map(|name| node_context.peer_incarnation(&id(name, 1)));
        for peer_incarnation in &incarnations {
            let pid = peer_incarnation.pid(Some(NODE));
            assert!(Arc::ptr_eq(
                &node_context.incarnation_of(pid).unwrap(),
                peer_incarnation
            ));
        }
        let other = NodeContext::new(id("other", 1), &System::current().unwrap());
        let elsewhere = other.peer_incarnation(&id("a", 1)).pid(None);
        assert!(node_context.incarnation_of(elsewhere).is_none());
        assert!(
            node_context
                .incarnation_of(node_context.local.pid(1, 0))
                .is_none()
        );
    }

    #[ambit::test]
    async fn referenced_incarnations_are_not_rescanned_for_each_new_one() {
        let node_context = NodeContext::new(id("own", 1), &System::current().unwrap());
        let incarnations: Vec<_> = (0..MAX_INCARNATIONS as u64)
            .map(|incarnation| node_context.peer_incarnation(&id("held", incarnation)))
            .collect();
        let held: Vec<_> = incarnations
            .iter()
            .map(|peer_incarnation| peer_incarnation.node())
            .collect();
        node_context.peer_incarnation(&id("made-up", 1));
        assert_eq!(node_context.incarnations.read().full, 2 * MAX_INCARNATIONS);
        for incarnation in 2..MAX_INCARNATIONS as u64 + 100 {
            node_context.peer_incarnation(&id("made-up", incarnation));
        }
        let incarnations = node_context.incarnations.read();
        assert!(
            incarnations.known.len() <= 2 * MAX_INCARNATIONS,
            "{}",
            incarnations.known.len()
        );
        assert_eq!(incarnations.known.len(), incarnations.by_number.len());
        drop(held);
    }

    #[ambit::test]
    async fn made_up_nodes_are_forgotten_and_those_of_handles_are_not() {
        let node_context = NodeContext::new(id("own", 1), &System::current().unwrap());
        let held = node_context.peer_incarnation(&id("held", 1));
        let proxy = held.node();
        for incarnation in 0..3 * MAX_INCARNATIONS as u64 {
            node_context.peer_incarnation(&id("made-up", incarnation));
        }
        assert!(node_context.incarnations.read().known.len() <= MAX_INCARNATIONS);
        assert!(Arc::ptr_eq(
            &node_context.peer_incarnation(&id("held", 1)),
            &held
        ));
        let last = node_context.peer_incarnation(&id("made-up", 3 * MAX_INCARNATIONS as u64 - 1));
        assert!(
            node_context.incarnations.read().known.len() <= MAX_INCARNATIONS,
            "the last one is known"
        );
        assert!(last.is_idle() && !held.is_idle());
        drop(proxy);
        assert!(held.is_idle());
    }
}
