//! The state shared by all sessions of one node.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock, Weak};

use ambit::node::{Attachment, LocalProcesses};
use ambit::process::Pid;
use ambit::system::System;
use parking_lot::RwLock;

use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::node::identity::Identity;
use crate::remote::exports::{ExportedSink, Exports};
use crate::remote::peer_incarnation::PeerIncarnation;
use crate::remote::protocol_cache::ProtocolCache;
use crate::wire::ProcessAddress as Address;

/// The maximum number of remembered incarnations of other nodes.
const LIVES: usize = 4_096;

/// The shared state of a node.
pub(crate) struct NodeState {
    pub(crate) identity: Identity,
    pub(crate) system: System,
    pub(crate) local: LocalProcesses,
    pub(crate) exports: Exports,
    pub(crate) heard: ProtocolCache,
    lives: RwLock<PeerIncarnations>,
    /// The incarnations with a session, which are notified when a process ends.
    connected: RwLock<BTreeMap<NodeId, Arc<PeerIncarnation>>>,
    /// The methods of the node itself, by protocol and method.
    services: RwLock<BTreeMap<(String, u32), ExportedSink>>,
    /// The attachment of the node to itself, for local requests.
    itself: OnceLock<Attachment>,
}

struct PeerIncarnations {
    /// The known incarnations of other nodes. A pid of one stays valid.
    known: BTreeMap<NodeId, Arc<PeerIncarnation>>,
    /// The same incarnations, by the node number in their pids.
    by_number: HashMap<u32, Arc<PeerIncarnation>>,
    /// The number of entries at which idle ones are removed. It exceeds [`LIVES`] only while more than that are in use.
    full: usize,
    /// The latest connected incarnation of each node; earlier ones have ended.
    latest: BTreeMap<NodeName, Incarnation>,
}

impl Default for PeerIncarnations {
    fn default() -> Self {
        Self {
            known: BTreeMap::new(),
            by_number: HashMap::new(),
            full: LIVES,
            latest: BTreeMap::new(),
        }
    }
}

impl PeerIncarnations {
    /// Removes the oldest quarter of the incarnations without a connection or a handle. Other nodes can invent any
    /// number of them; messages to a pid of a removed one are undeliverable.
    fn forget(&mut self) {
        let idle = self.known.values().filter(|life| life.is_idle());
        let mut idle: Vec<NodeId> = idle.map(|life| life.id.clone()).collect();
        idle.sort_by_key(|id| id.incarnation);
        idle.truncate(idle.len().div_ceil(4));
        for id in idle {
            if let Some(life) = self.known.remove(&id) {
                self.by_number.remove(&life.number());
            }
        }
        // If most are in use, the next scan waits until their number has doubled.
        self.full = match self.known.len() < LIVES {
            true => LIVES,
            false => self.known.len() * 2,
        };
        let known = &self.known;
        let is_known = |name: &NodeName| {
            let mut lives = known.range(&first(name)..);
            lives.next().is_some_and(|(id, _)| id.name == *name)
        };
        if self.latest.len() > LIVES {
            self.latest.retain(|name, _| is_known(name));
        }
    }
}

/// Returns the lower bound of all incarnations of a node.
fn first(name: &NodeName) -> NodeId {
    NodeId {
        name: name.clone(),
        incarnation: Incarnation(0),
    }
}

impl NodeState {
    pub(crate) fn new(id: NodeId, system: &System) -> Arc<Self> {
        let local = LocalProcesses::new(system);
        let own = Arc::new_cyclic(|own: &Weak<Self>| Self {
            identity: Identity::new(id),
            system: system.clone(),
            exports: Exports::new(local.clone(), {
                let own = own.clone();
                move |address| {
                    if let Some(own) = own.upgrade() {
                        own.over(address);
                    }
                }
            }),
            local,
            heard: ProtocolCache::default(),
            lives: RwLock::default(),
            connected: RwLock::default(),
            services: RwLock::new(BTreeMap::new()),
            itself: OnceLock::new(),
        });
        #[cfg(feature = "sim")]
        crate::sim::made(&own);
        own
    }

    /// Returns all known incarnations of other nodes.
    #[cfg(feature = "sim")]
    pub(crate) fn lives(&self) -> Vec<Arc<PeerIncarnation>> {
        self.lives.read().known.values().cloned().collect()
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
    pub(crate) fn life(&self, id: &NodeId) -> Arc<PeerIncarnation> {
        if let Some(known) = self.lives.read().known.get(id) {
            return known.clone();
        }
        let mut lives = self.lives.write();
        if let Some(known) = lives.known.get(id) {
            return known.clone();
        }
        if lives.known.len() >= lives.full {
            lives.forget();
        }
        let latest = lives.latest.get(&id.name);
        let is_over = latest.is_some_and(|latest| *latest > id.incarnation);
        let life = PeerIncarnation::new(id.clone(), &self.system);
        if is_over {
            life.over();
        }
        lives.by_number.insert(life.number(), life.clone());
        lives.known.insert(id.clone(), life.clone());
        life
    }

    /// Records that an incarnation of another node is connected. Earlier ones have ended, and so have their
    /// connections.
    pub(crate) fn rises(&self, id: &NodeId) -> Arc<PeerIncarnation> {
        let earlier: Vec<_> = {
            let mut lives = self.lives.write();
            let latest = lives.latest.entry(id.name.clone());
            let latest = latest.or_insert(id.incarnation);
            if *latest < id.incarnation {
                *latest = id.incarnation;
            }
            let earlier = lives.known.range(&first(&id.name)..id);
            earlier.map(|(_, life)| life.clone()).collect()
        };
        for life in earlier {
            life.over();
        }
        self.life(id)
    }

    /// Returns the incarnation that a process belongs to.
    pub(crate) fn life_of(&self, pid: Pid) -> Option<Arc<PeerIncarnation>> {
        let lives = self.lives.read();
        lives.by_number.get(&Attachment::number_of(pid)).cloned()
    }

    /// Notifies all sessions of the end of an exported process.
    fn over(&self, address: Address) {
        // Outside of the lock, because a session may be closed meanwhile.
        let sessions: Vec<_> = {
            let connected = self.connected.read();
            connected
                .values()
                .filter_map(|life| life.session())
                .collect()
        };
        for session in sessions {
            session.over(address);
        }
    }

    /// Records that an incarnation has a session.
    pub(crate) fn opened(&self, life: &Arc<PeerIncarnation>) {
        self.connected.write().insert(life.id.clone(), life.clone());
    }

    /// Records the end of a session, unless the next one is already open.
    pub(crate) fn closed(&self, life: &PeerIncarnation) {
        let mut connected = self.connected.write();
        if life.session().is_none() {
            connected.remove(&life.id);
        }
    }

    /// Exposes a method of the node itself to other nodes.
    pub(crate) fn serve(&self, method: u32, sink: ExportedSink) {
        let protocol = sink.binding.name().to_owned();
        self.services.write().insert((protocol, method), sink);
    }

    pub(crate) fn service(&self, protocol: &str, method: u32) -> Option<ExportedSink> {
        let key = (protocol.to_owned(), method);
        self.services.read().get(&key).cloned()
    }
}

impl fmt::Debug for NodeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Own({})", self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::id;
    use crate::session::outgoing::NODE;

    #[ambit::test]
    async fn a_pid_is_of_the_life_whose_number_it_has() {
        let own = NodeState::new(id("own", 1), &System::current().unwrap());
        let lives = ["a", "b", "c"].map(|name| own.life(&id(name, 1)));
        for life in &lives {
            let pid = life.pid(Some(NODE));
            assert!(Arc::ptr_eq(&own.life_of(pid).unwrap(), life));
        }
        let other = NodeState::new(id("other", 1), &System::current().unwrap());
        let elsewhere = other.life(&id("a", 1)).pid(None);
        assert!(own.life_of(elsewhere).is_none());
        assert!(own.life_of(own.local.pid(1, 0)).is_none());
    }

    #[ambit::test]
    async fn lives_that_are_held_are_not_looked_at_with_each_new_one() {
        let own = NodeState::new(id("own", 1), &System::current().unwrap());
        let lives: Vec<_> = (0..LIVES as u64)
            .map(|incarnation| own.life(&id("held", incarnation)))
            .collect();
        let held: Vec<_> = lives.iter().map(|life| life.node()).collect();
        own.life(&id("made-up", 1));
        assert_eq!(own.lives.read().full, 2 * LIVES);
        for incarnation in 2..LIVES as u64 + 100 {
            own.life(&id("made-up", incarnation));
        }
        let lives = own.lives.read();
        assert!(lives.known.len() <= 2 * LIVES, "{}", lives.known.len());
        assert_eq!(lives.known.len(), lives.by_number.len());
        drop(held);
    }

    #[ambit::test]
    async fn made_up_nodes_are_forgotten_and_those_of_handles_are_not() {
        let own = NodeState::new(id("own", 1), &System::current().unwrap());
        let held = own.life(&id("held", 1));
        let proxy = held.node();
        for incarnation in 0..3 * LIVES as u64 {
            own.life(&id("made-up", incarnation));
        }
        assert!(own.lives.read().known.len() <= LIVES);
        assert!(Arc::ptr_eq(&own.life(&id("held", 1)), &held));
        let last = own.life(&id("made-up", 3 * LIVES as u64 - 1));
        assert!(
            own.lives.read().known.len() <= LIVES,
            "the last one is known"
        );
        assert!(last.is_idle() && !held.is_idle());
        drop(proxy);
        assert!(held.is_idle());
    }
}
