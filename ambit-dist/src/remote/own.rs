//! What all sessions of one node share.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use ambit::node::Local;
use ambit::{Pid, System};
use parking_lot::RwLock;

use crate::mistake::{Mistake, is_made};
use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::remote::exports::{Door, Exports};
use crate::remote::life::Life;

/// A node, as its sessions see it.
pub(crate) struct Own {
    pub(crate) id: NodeId,
    pub(crate) system: System,
    pub(crate) local: Local,
    pub(crate) exports: Exports,
    lives: RwLock<Lives>,
    /// What may be asked of the node itself, by protocol and method.
    services: RwLock<BTreeMap<(String, u32), Door>>,
}

#[derive(Default)]
struct Lives {
    /// Every life of another node that has been heard of; a pid of it stays what it is.
    known: BTreeMap<NodeId, Arc<Life>>,
    /// The latest life of each node that was connected: those before it are over.
    latest: BTreeMap<NodeName, Incarnation>,
}

impl Own {
    pub(crate) fn new(id: NodeId, system: &System) -> Arc<Self> {
        let local = Local::new(system);
        Arc::new(Self {
            id,
            system: system.clone(),
            exports: Exports::new(local.clone()),
            local,
            lives: RwLock::default(),
            services: RwLock::new(BTreeMap::new()),
        })
    }

    /// A life of another node.
    pub(crate) fn life(&self, id: &NodeId) -> Arc<Life> {
        if let Some(known) = self.lives.read().known.get(id) {
            return known.clone();
        }
        let mut lives = self.lives.write();
        let latest = lives.latest.get(&id.name);
        let is_over = latest.is_some_and(|latest| *latest > id.incarnation);
        let life = lives.known.entry(id.clone());
        let make = || {
            let life = Life::new(id.clone(), &self.system);
            if is_over {
                life.over();
            }
            life
        };
        life.or_insert_with(make).clone()
    }

    /// A life of another node that is connected now: those before it are over, and what they were connected by has ended.
    pub(crate) fn rises(&self, id: &NodeId) -> Arc<Life> {
        if is_made(Mistake::MixesLives)
            && let Some(earlier) = self.named(&id.name)
        {
            return earlier;
        }
        let earlier: Vec<_> = {
            let mut lives = self.lives.write();
            let latest = lives.latest.entry(id.name.clone());
            let latest = latest.or_insert(id.incarnation);
            if *latest < id.incarnation {
                *latest = id.incarnation;
            }
            let first = NodeId {
                name: id.name.clone(),
                incarnation: Incarnation(0),
            };
            let earlier = lives.known.range(&first..id);
            earlier.map(|(_, life)| life.clone()).collect()
        };
        for life in earlier {
            life.over();
        }
        self.life(id)
    }

    /// Any life of a node.
    fn named(&self, name: &NodeName) -> Option<Arc<Life>> {
        let lives = self.lives.read();
        let mut lives = lives.known.values();
        lives.find(|life| life.id.name == *name).cloned()
    }

    /// The life that a process belongs to.
    pub(crate) fn life_of(&self, pid: Pid) -> Option<Arc<Life>> {
        let lives = self.lives.read();
        let mut lives = lives.known.values();
        lives.find(|life| life.address(pid).is_some()).cloned()
    }

    /// Lets other nodes ask for a method of the node itself.
    pub(crate) fn serve(&self, method: u32, door: Door) {
        let protocol = door.spoken.name().to_owned();
        self.services.write().insert((protocol, method), door);
    }

    pub(crate) fn service(&self, protocol: &str, method: u32) -> Option<Door> {
        let key = (protocol.to_owned(), method);
        self.services.read().get(&key).cloned()
    }
}

impl fmt::Debug for Own {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Own({})", self.id)
    }
}
