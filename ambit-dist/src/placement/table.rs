//! Where placed servers run: one entry per id, and the number of servers per member.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ambit::distribution::KeyChanges;
use ambit::process::Pid;
use ambit::server::{Protocol, Subject};
use parking_lot::Mutex;

use crate::membership::member::Member;
use crate::node::id::NodeName;
use crate::placement::strategy::Placement;
use crate::transport::BoxFuture;

/// The entries of one [`PlacedServers`](crate::PlacedServers).
pub(super) struct PlacedTable<P: Protocol + ?Sized> {
    entries: Mutex<Entries<P>>,
    /// Those that wait until the server of an id runs, or until the id is free.
    waiters: KeyChanges,
}

struct Entries<P: Protocol + ?Sized> {
    by_id: BTreeMap<String, Owned<P>>,
    /// The number of servers per member. A member without one has no entry.
    load: BTreeMap<NodeName, usize>,
}

/// The entry of a child process.
struct Owned<P: Protocol + ?Sized> {
    /// The parent of the child process.
    parent: Option<Pid>,
    placed: Placed<P>,
}

/// A server that runs on a member or is being started there; without a member, it waits for one.
struct Placed<P: Protocol + ?Sized> {
    node: Option<NodeName>,
    subject: Option<Subject<P>>,
}

impl<P: Protocol + ?Sized> Placed<P> {
    const WAITING: Self = Self {
        node: None,
        subject: None,
    };

    /// Returns the member, if the server runs.
    fn running_on(&self) -> Option<NodeName> {
        self.subject.as_ref()?;
        self.node.clone()
    }
}

impl<P: Protocol + ?Sized> Entries<P> {
    /// Replaces the entry of an id, and returns the former one, to be dropped outside the lock.
    fn set(&mut self, id: &str, placed: Placed<P>) -> Option<Placed<P>> {
        let entry = &mut self.by_id.get_mut(id)?.placed;
        if let Some(node) = &placed.node {
            *self.load.entry(node.clone()).or_default() += 1;
        }
        let before = std::mem::replace(entry, placed);
        self.unload(&before);
        Some(before)
    }

    fn unload(&mut self, before: &Placed<P>) {
        let Some(node) = &before.node else { return };
        if let Some(load) = self.load.get_mut(node) {
            *load -= 1;
            if *load == 0 {
                self.load.remove(node);
            }
        }
    }

    fn load(&self, node: &NodeName) -> usize {
        self.load.get(node).copied().unwrap_or_default()
    }
}

impl<P: Protocol + ?Sized> PlacedTable<P> {
    pub(super) fn new() -> Arc<Self> {
        let entries = Entries {
            by_id: BTreeMap::new(),
            load: BTreeMap::new(),
        };
        Arc::new(Self {
            entries: Mutex::new(entries),
            waiters: KeyChanges::default(),
        })
    }

    /// Adds an id without a member, for a child of `parent`. If the id is in use, returns the parent of the child that
    /// uses it.
    pub(super) fn claim(
        self: &Arc<Self>,
        id: &str,
        parent: Option<Pid>,
    ) -> Result<PlacedEntry<P>, Option<Pid>> {
        let mut entries = self.entries.lock();
        if let Some(entry) = entries.by_id.get(id) {
            return Err(entry.parent);
        }
        let entry = Owned {
            parent,
            placed: Placed::WAITING,
        };
        entries.by_id.insert(id.to_owned(), entry);
        drop(entries);
        Ok(PlacedEntry {
            table: self.clone(),
            id: id.to_owned(),
        })
    }

    pub(super) fn subject(&self, id: &str) -> Option<Subject<P>> {
        self.entries.lock().by_id.get(id)?.placed.subject.clone()
    }

    /// Returns a future that is ready at the next start of a server, or when its id is free again.
    pub(super) fn next_change(&self, id: &str) -> BoxFuture<'static, ()> {
        Box::pin(self.waiters.wait(id))
    }

    /// Returns the member on which a server runs.
    pub(super) fn node_of(&self, id: &str) -> Option<NodeName> {
        let entries = self.entries.lock();
        let entry = entries.by_id.get(id)?;
        entry.placed.running_on()
    }

    /// Returns the ids of all servers, sorted, each with the member on which it runs.
    pub(super) fn all(&self) -> Vec<(String, Option<NodeName>)> {
        let entries = self.entries.lock();
        let all = entries.by_id.iter();
        all.map(|(id, entry)| (id.clone(), entry.placed.running_on()))
            .collect()
    }
}

/// The entry of one id, removed when this is dropped.
pub(super) struct PlacedEntry<P: Protocol + ?Sized> {
    table: Arc<PlacedTable<P>>,
    id: String,
}

impl<P: Protocol + ?Sized> PlacedEntry<P> {
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// Chooses a member, and counts the server there from now on, so that concurrent starts are spread.
    pub(super) fn reserve(
        &self,
        placement: &Placement,
        mut members: Vec<Member>,
        failed: &BTreeSet<NodeName>,
    ) -> Option<NodeName> {
        members.retain(|member| !failed.contains(member.name()));
        let mut entries = self.table.entries.lock();
        // The member of a failed start does not count.
        let before = entries.set(&self.id, Placed::WAITING);
        let chosen = placement.choose(&self.id, &members, |node| entries.load(node));
        let chosen = chosen.cloned();
        let placed = Placed {
            node: chosen.clone(),
            subject: None,
        };
        entries.set(&self.id, placed);
        drop(entries);
        drop(before);
        chosen
    }

    /// Records the server that was started.
    pub(super) fn started(&self, subject: Subject<P>) {
        let mut entries = self.table.entries.lock();
        if let Some(entry) = entries.by_id.get_mut(&self.id) {
            entry.placed.subject = Some(subject);
        }
        drop(entries);
        self.table.waiters.notify(self.id.as_str());
    }

    /// Records that the server is lost.
    pub(super) fn lost(&self) {
        let before = self.table.entries.lock().set(&self.id, Placed::WAITING);
        drop(before);
    }
}

impl<P: Protocol + ?Sized> Drop for PlacedEntry<P> {
    fn drop(&mut self) {
        let mut entries = self.table.entries.lock();
        let before = entries.by_id.remove(&self.id);
        if let Some(before) = &before {
            entries.unload(&before.placed);
        }
        drop(entries);
        drop(before);
        self.table.waiters.notify(self.id.as_str());
    }
}
