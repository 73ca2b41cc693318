//! The processes of this node that others may name, and how each is spoken to.

use std::fmt;
use std::sync::{Arc, Weak};

use ambit::Pid;
use ambit::message::Exposed;
use ambit::node::{Local, OnExit, Spoken, Theirs};
use dashmap::DashMap;
use dashmap::mapref::entry::Entry;

use crate::codec::any::AnyCodec;
use crate::wire::Local as Address;

/// How a process of this node is spoken to.
#[derive(Clone)]
pub(crate) struct Door {
    pub(crate) exposed: Arc<dyn Exposed<AnyCodec>>,
    pub(crate) spoken: Arc<Spoken>,
}

impl Door {
    /// Whether it is for the protocol as another node knows it.
    pub(crate) fn is_of(&self, theirs: &Theirs) -> bool {
        self.speaks(theirs.name(), theirs.fingerprint())
    }

    fn speaks(&self, name: &str, fingerprint: u64) -> bool {
        self.spoken.fingerprint() == fingerprint && self.spoken.name() == name
    }
}

impl fmt::Debug for Door {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Door({:?})", self.spoken)
    }
}

/// One process that other nodes may name.
#[derive(Default)]
struct Export {
    /// How it is spoken to. Without one it takes signals only; a recipient is a door of its own.
    doors: Vec<Door>,
    /// Removes this when the process ends.
    _on_exit: Option<OnExit>,
}

type All = DashMap<Address, Export>;

/// The processes that other nodes may name: those that were sent to one, as a pid or as a handle. No other process can be
/// reached. A process that has only linked or monitored one of another node is not among them.
///
/// An export lives as long as its process: any node of the cluster may hold the pid or the handle, or a copy of it from a third
/// one, and both are good in the next session too. With the node all of them go, and take their exit hooks back.
pub(crate) struct Exports {
    local: Local,
    /// Called when one of them has ended.
    ended: Arc<dyn Fn(Address) + Send + Sync>,
    all: Arc<All>,
}

impl Exports {
    pub(crate) fn new(local: Local, ended: impl Fn(Address) + Send + Sync + 'static) -> Self {
        Self {
            local,
            ended: Arc::new(ended),
            all: Arc::new(DashMap::new()),
        }
    }

    /// From now on signals reach it.
    pub(crate) fn name(&self, pid: Pid) {
        self.put(pid, None);
    }

    /// From now on messages of this protocol reach it too.
    pub(crate) fn open(&self, pid: Pid, door: Door) {
        self.put(pid, Some(door));
    }

    fn put(&self, pid: Pid, door: Option<Door>) {
        let Some(address) = self.address(pid) else {
            return;
        };
        let is_known = |export: &Export| {
            door.as_ref().is_none_or(|Door { spoken, .. }| {
                let (name, fingerprint) = (spoken.name(), spoken.fingerprint());
                let mut doors = export.doors.iter();
                doors.any(|known| known.speaks(name, fingerprint))
            })
        };
        if self.all.get(&address).is_some_and(|known| is_known(&known)) {
            return;
        }
        match self.all.entry(address) {
            Entry::Occupied(mut known) => {
                if !is_known(known.get()) {
                    known.get_mut().doors.extend(door);
                }
                return;
            }
            Entry::Vacant(place) => {
                place.insert(Export {
                    doors: door.into_iter().collect(),
                    _on_exit: None,
                });
            }
        }
        let (all, ended) = (Arc::downgrade(&self.all), self.ended.clone());
        let hook = self
            .local
            .on_exit(pid, move |_| over(&all, &*ended, address));
        if hook.is_none() {
            over(&Arc::downgrade(&self.all), &*self.ended, address);
        } else if let Some(mut export) = self.all.get_mut(&address) {
            export._on_exit = hook;
        }
    }

    /// How many there are.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.all.len()
    }

    fn address(&self, pid: Pid) -> Option<Address> {
        let (slot, generation) = self.local.parts(pid)?;
        Some(Address { slot, generation })
    }

    /// Whether other nodes may name it.
    pub(crate) fn is_named(&self, address: Address) -> bool {
        self.all.contains_key(&address)
    }

    /// How it is spoken to in a protocol: as another node knows it, or else one of the same name.
    pub(crate) fn door(&self, address: Address, theirs: &Theirs) -> Option<Door> {
        let export = self.all.get(&address)?;
        let doors = &export.doors;
        let same = |door: &&Door| door.is_of(theirs);
        let named = |door: &&Door| door.spoken.name() == theirs.name();
        let found = doors.iter().find(same);
        found.or_else(|| doors.iter().find(named)).cloned()
    }
}

/// A process that other nodes may name has ended.
fn over(all: &Weak<All>, ended: &(dyn Fn(Address) + Send + Sync), address: Address) {
    if let Some(all) = all.upgrade() {
        drop(all.remove(&address));
    }
    ended(address);
}

impl fmt::Debug for Exports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.all.iter().map(|entry| *entry.key()))
            .finish()
    }
}
