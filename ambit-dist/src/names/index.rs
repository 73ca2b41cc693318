//! The claims of all visible members, by name.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry;
use foldhash::quality::RandomState;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::names::claim::Claim;
use crate::names::key::Key;
use crate::node::id::NodeId;
use crate::replica::change::{Change, EntryId};
use crate::replication::table_index::{Retired, TableIndex};

/// The number of claims of one name that a node may have. While a name moves from process to process of a node, each
/// thread there can write one before the earlier one is withdrawn.
const MAX_CLAIMS: usize = 256;

/// The number of queued names whose memory is kept.
const FEW: usize = 64;

/// A change that the task handles.
pub(super) enum IndexChange {
    /// The claims of this name have changed.
    Name(Key),
    /// Claims were ignored.
    Ignored,
}

/// An index of claims.
pub(super) struct NameIndex {
    /// The claims of each name, the holder first. Used only for look-ups, so that its order is never visible.
    claims: DashMap<Key, Vec<Arc<Claim>>, RandomState>,
    by_entry: Mutex<HashMap<NodeId, HashMap<EntryId, Arc<Claim>>>>,
    /// Notifies the task.
    changes: mpsc::UnboundedSender<IndexChange>,
    /// The names in the queue of the task: each is there once, so that a member that changes one name in a loop does not
    /// fill the queue.
    queued: Mutex<HashSet<Key>>,
    /// The numbers of claims that were ignored since the task has last logged them, by their nodes.
    ignored: Mutex<BTreeMap<NodeId, u64>>,
}

impl NameIndex {
    pub(super) fn new(changes: mpsc::UnboundedSender<IndexChange>) -> Self {
        Self {
            claims: DashMap::default(),
            by_entry: Mutex::default(),
            changes,
            queued: Mutex::default(),
            ignored: Mutex::default(),
        }
    }

    /// Returns the claim that ranks first.
    pub(super) fn first(&self, key: &[u8]) -> Option<Arc<Claim>> {
        self.look(key, Arc::clone)
    }

    /// Runs `look` on the claim that ranks first, under the lock.
    pub(super) fn look<R>(&self, key: &[u8], look: impl FnOnce(&Arc<Claim>) -> R) -> Option<R> {
        Some(look(self.claims.get(key)?.first()?))
    }

    /// Returns all claims of a name, the holder first.
    pub(super) fn all(&self, key: &[u8]) -> Vec<Arc<Claim>> {
        let claims = self.claims.get(key);
        claims.map_or_else(Vec::new, |claims| claims.clone())
    }

    /// Returns all names with a claim, sorted by their encoded form.
    pub(super) fn keys(&self) -> Vec<Key> {
        let mut keys: Vec<_> = self.claims.iter().map(|all| all.key().clone()).collect();
        keys.sort();
        keys
    }

    /// Returns the number of claims by name and by entry.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        let by_name: usize = self.claims.iter().map(|claims| claims.len()).sum();
        let by_entry = self.by_entry.lock();
        by_name + by_entry.values().map(HashMap::len).sum::<usize>() + by_entry.len()
    }

    /// Returns true if the node of a new claim has too many of the same name. Each change of a name costs as much as the
    /// name has claims.
    fn is_one_too_many(&self, new: &Claim) -> bool {
        let Some(claims) = self.claims.get(&new.header.key) else {
            return false;
        };
        let is_another = |claim: &&Arc<Claim>| claim.origin == new.origin && claim.id != new.id;
        claims.iter().filter(is_another).count() >= MAX_CLAIMS
    }

    fn add(&self, claim: Claim) -> Option<Retired> {
        let claim = Arc::new(claim);
        let earlier = {
            let mut by_entry = self.by_entry.lock();
            let of_node = by_entry.entry(claim.origin.clone()).or_default();
            of_node.insert(claim.id, claim.clone())
        };
        let moved = earlier.as_ref();
        let moved = moved.filter(|earlier| earlier.header.key != claim.header.key);
        if let Some(earlier) = moved {
            self.take(earlier);
            self.notify(earlier.header.key.clone());
        }
        let key = claim.header.key.clone();
        let mut claims = self.claims.entry(key.clone()).or_default();
        // Most names have one claim, and a vector would begin with room for four.
        if claims.is_empty() {
            claims.reserve_exact(1);
        }
        // Under one guard, so that the name is held throughout the update.
        if let Some(earlier) = &earlier {
            claims.retain(|other| !Arc::ptr_eq(other, earlier));
        }
        if let Some(earlier) = &earlier
            && earlier.header.rank == claim.header.rank
            && let Some(overtaken) = earlier.overtaken.get()
        {
            claim.overtaken.set(overtaken.clone()).ok();
        }
        let at = claims.partition_point(|other| other.position() < claim.position());
        for lower in &claims[at..] {
            if let Some(overtaken) = claim.overtakes(lower) {
                lower.overtaken.set(overtaken).ok();
            }
        }
        claims.insert(at, claim);
        drop(claims);
        self.notify(key);
        earlier.map(|earlier| earlier as Retired)
    }

    fn remove(&self, origin: &NodeId, id: EntryId) -> Option<Retired> {
        let removed = {
            let mut by_entry = self.by_entry.lock();
            let of_node = by_entry.get_mut(origin)?;
            let removed = of_node.remove(&id)?;
            if of_node.is_empty() {
                by_entry.remove(origin);
            }
            removed
        };
        self.take(&removed);
        self.notify(removed.header.key.clone());
        Some(removed)
    }

    fn take(&self, claim: &Arc<Claim>) {
        if let Entry::Occupied(mut claims) = self.claims.entry(claim.header.key.clone()) {
            claims.get_mut().retain(|other| !Arc::ptr_eq(other, claim));
            if claims.get().is_empty() {
                claims.remove();
            }
        }
    }

    /// Takes the numbers of claims that were ignored, by their nodes, to be logged outside the lock of the tables.
    pub(super) fn take_ignored(&self) -> BTreeMap<NodeId, u64> {
        std::mem::take(&mut *self.ignored.lock())
    }

    /// Ignores a claim that is invalid, or one too many. Its entry may have had a valid one.
    fn ignore(&self, origin: &NodeId, id: EntryId) -> Option<Retired> {
        let is_first = {
            let mut ignored = self.ignored.lock();
            let is_first = ignored.is_empty();
            *ignored.entry(origin.clone()).or_default() += 1;
            is_first
        };
        if is_first {
            self.changes.send(IndexChange::Ignored).ok();
        }
        self.remove(origin, id)
    }

    fn notify(&self, key: Key) {
        if self.queued.lock().insert(key.clone()) {
            // The send fails once no handle is left.
            self.changes.send(IndexChange::Name(key)).ok();
        }
    }

    /// Begins to handle a change: later ones of the same name are queued again.
    pub(super) fn begin(&self, key: &Key) {
        let mut queued = self.queued.lock();
        queued.remove(key);
        if queued.is_empty() {
            queued.shrink_to(FEW);
        }
    }
}

impl TableIndex for NameIndex {
    fn apply(&self, change: &Change) -> Option<Retired> {
        match change {
            Change::Put {
                origin, id, body, ..
            } => match Claim::read(origin, *id, body) {
                Some(claim) if !self.is_one_too_many(&claim) => self.add(claim),
                _ => self.ignore(origin, *id),
            },
            Change::Removed { origin, id, .. } => self.remove(origin, *id),
        }
    }
}
