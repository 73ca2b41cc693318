//! The processes of this node that others may name, and how each is spoken to.

use std::fmt;
use std::sync::Arc;

use ambit::Pid;
use ambit::message::Exposed;
use ambit::node::{Local, Spoken, Theirs};
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

/// Who may be named by other nodes: whoever was sent to one, as a pid or as a handle. Nobody else can be reached.
pub(crate) struct Exports {
    local: Local,
    /// Told when one of them has ended.
    ended: Arc<dyn Fn(Address) + Send + Sync>,
    /// The doors of each. Without one a process takes signals only; a recipient is a door of its own.
    all: Arc<DashMap<Address, Vec<Door>>>,
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
        let is_known = |doors: &Vec<Door>| {
            door.as_ref().is_none_or(|Door { spoken, .. }| {
                let (name, fingerprint) = (spoken.name(), spoken.fingerprint());
                doors.iter().any(|known| known.speaks(name, fingerprint))
            })
        };
        if self.all.get(&address).is_some_and(|known| is_known(&known)) {
            return;
        }
        match self.all.entry(address) {
            Entry::Occupied(mut known) => {
                if !is_known(known.get()) {
                    known.get_mut().extend(door);
                }
                return;
            }
            Entry::Vacant(place) => {
                place.insert(door.into_iter().collect());
            }
        }
        let (all, ended) = (self.all.clone(), self.ended.clone());
        self.local.on_exit(pid, move |_| {
            all.remove(&address);
            ended(address);
        });
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
        let doors = self.all.get(&address)?;
        let same = |door: &&Door| door.is_of(theirs);
        let named = |door: &&Door| door.spoken.name() == theirs.name();
        let found = doors.iter().find(same);
        found.or_else(|| doors.iter().find(named)).cloned()
    }
}

impl fmt::Debug for Exports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.all.iter().map(|entry| *entry.key()))
            .finish()
    }
}
