//! The processes of this node that others may name, and how each is spoken to.

use std::fmt;
use std::sync::Arc;

use ambit::Pid;
use ambit::message::Exposed;
use ambit::node::{Local, Spoken};
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
    /// Without a door a process takes signals only.
    all: Arc<DashMap<Address, Option<Door>>>,
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
        self.put(pid, || None);
    }

    /// From now on messages reach it too.
    pub(crate) fn open(&self, pid: Pid, door: impl FnOnce() -> Option<Door>) {
        let Some(address) = self.address(pid) else {
            return;
        };
        if self.all.get(&address).is_some_and(|known| known.is_some()) {
            return;
        }
        self.put(pid, door);
    }

    fn put(&self, pid: Pid, door: impl FnOnce() -> Option<Door>) {
        let Some(address) = self.address(pid) else {
            return;
        };
        match self.all.entry(address) {
            Entry::Occupied(mut known) => {
                if known.get().is_none() {
                    known.insert(door());
                }
                return;
            }
            Entry::Vacant(place) => {
                place.insert(door());
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

    /// Whether other nodes may name it, and how it is spoken to.
    pub(crate) fn find(&self, address: Address) -> Option<Option<Door>> {
        self.all.get(&address).map(|found| found.clone())
    }
}

impl fmt::Debug for Exports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.all.iter().map(|entry| *entry.key()))
            .finish()
    }
}
