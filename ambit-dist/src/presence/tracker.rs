//! The state of an open tracker, shared by its handles.

use std::sync::Arc;

use ambit::distribution::OnExit;
use ambit::message::Wire;
use ambit::process::{Pid, Process};
use parking_lot::Mutex;
use tokio::sync::mpsc::unbounded_channel;

use crate::presence::data::{PresenceEntry, PresenceRef};
use crate::presence::entry::{self, Header};
use crate::presence::error::{TrackError, UpdateError};
use crate::presence::hooks::Hooks;
use crate::presence::index::{BACKLOG, Index};
use crate::presence::local::{LocalPresence, LocalPresences, Removed};
use crate::presence::task::{self, CloseTopicsOnDrop};
use crate::presence::topics::Topics;
use crate::replication::entry_value::EntryError;
use crate::replication::shape_tag::shape_tag;
use crate::replication::shared::Replication;

/// The number of times that an update is computed again after concurrent ones.
const ATTEMPTS: usize = 16;

/// An open tracker.
pub(super) struct Tracker<M: Clone + Send + Sync + 'static> {
    replication: Arc<Replication>,
    table: String,
    index: Arc<Index>,
    local: Mutex<LocalPresences>,
    hooks: Arc<Hooks<M>>,
    pub(super) topics: Arc<Topics<M>>,
}

/// The new metadata of a presence.
pub(super) enum NewMeta<'a, M> {
    Value(&'a M),
    /// A function of the present metadata.
    Change(&'a dyn Fn(&M) -> M),
}

impl<M: Wire + Clone + Send + Sync + 'static> Tracker<M> {
    /// Returns the name of a tracker's table. Metadata of another type is in another table. Runs user code.
    pub(super) fn table(tracker: &str) -> String {
        format!("presence/{tracker}/{:08x}", shape_tag::<M>())
    }

    /// Opens the table of a tracker, and returns the tracker with its task.
    pub(super) fn open(
        replication: &Arc<Replication>,
        table: String,
        hooks: Hooks<M>,
    ) -> (Arc<Self>, impl Future<Output = ()> + Send + use<M>) {
        let (sender, changes) = unbounded_channel();
        let index = Arc::new(Index::new(sender, BACKLOG));
        replication.open(&table, index.clone());
        let tracker = Arc::new(Self {
            replication: replication.clone(),
            table,
            index,
            local: Mutex::default(),
            hooks: Arc::new(hooks),
            topics: Arc::default(),
        });
        #[cfg(feature = "sim")]
        replication.check(Arc::downgrade(&tracker) as _);
        let index = Arc::downgrade(&tracker.index);
        let hooks = tracker.hooks.clone();
        let topics = CloseTopicsOnDrop(tracker.topics.clone());
        let task = task::run(replication.clone(), index, changes, hooks, topics);
        (tracker, task)
    }

    /// Adds a presence of a process.
    pub(super) fn track(
        self: &Arc<Self>,
        process: &Process,
        topic: &str,
        key: &str,
        meta: &M,
    ) -> Result<PresenceRef, TrackError> {
        let node_context = &self.replication.node_context;
        let pid = process.pid();
        // The pid of a handle that follows a name without a process.
        if pid == Pid::NOBODY {
            return Err(TrackError::Ended);
        }
        if !node_context.local.owns(pid) {
            return Err(TrackError::Elsewhere);
        }
        if self.replication.has_ended() {
            return Err(TrackError::Left);
        }
        let value = self.encode(pid, meta)?;
        let reference = node_context.local.next_number();
        let header = Header {
            topic,
            key,
            reference,
            previous: None,
        };
        // A hook that is not needed is dropped outside the lock.
        let mut on_exit = None;
        let result = {
            let mut local = self.local.lock();
            self.insert(&mut local, pid, &header, &value, &mut on_exit)
        };
        drop(on_exit);
        drop(self.index.undelivered());
        result.map(|()| self.reference(reference))
    }

    /// Adds a presence. `on_exit` receives the hook of a process that is not yet tracked, unless the presence keeps it.
    fn insert(
        self: &Arc<Self>,
        local: &mut LocalPresences,
        pid: Pid,
        header: &Header<'_>,
        value: &[u8],
        on_exit: &mut Option<OnExit>,
    ) -> Result<(), TrackError> {
        if local.get(pid, header.topic, header.key).is_some() {
            return Err(TrackError::AlreadyTracked);
        }
        if !local.is_tracked(pid) {
            // Registered before the entry is visible, and under the lock that the hook takes, so that the hook finds
            // the presence.
            let tracker = Arc::downgrade(self);
            let hook = move |pid| {
                if let Some(tracker) = tracker.upgrade() {
                    tracker.untrack_all(pid);
                }
            };
            *on_exit = self.replication.node_context.local.on_exit(pid, hook);
            if on_exit.is_none() {
                return Err(TrackError::Ended);
            }
        }
        let id = self.replication.insert(&self.table, header.body(value))?;
        let reference = header.reference;
        let at = (header.topic.to_owned(), header.key.to_owned());
        local.insert(pid, at, LocalPresence { id, reference }, on_exit.take());
        Ok(())
    }

    /// Replaces the metadata of a presence. The user's function runs outside all locks.
    pub(super) fn update(
        &self,
        pid: Pid,
        at: &(String, String),
        new: &NewMeta<'_, M>,
    ) -> Result<PresenceRef, UpdateError> {
        if self.replication.has_ended() {
            return Err(UpdateError::Left);
        }
        for _ in 0..ATTEMPTS {
            let known = self.local.lock().get(pid, &at.0, &at.1);
            let known = known.ok_or(UpdateError::NoPresence)?;
            let own = self.replication.node_context.id();
            let value = match new {
                NewMeta::Value(meta) => self.encode(pid, meta)?,
                NewMeta::Change(change) => {
                    let stored = self.index.get(own, known.id);
                    let Some(stored) = stored.filter(|stored| stored.is(known.reference)) else {
                        // It has just been updated or removed.
                        continue;
                    };
                    let old = stored.meta(&self.replication);
                    let old = old.ok_or(UpdateError::Unreadable)?;
                    self.encode(pid, &change(&old.meta))?
                }
            };
            let result = self.replace(pid, at, known.reference, &value);
            drop(self.index.undelivered());
            if let Some(number) = result? {
                return Ok(self.reference(number));
            }
        }
        Err(UpdateError::Conflict)
    }

    /// Writes an update, unless the presence no longer has the expected reference.
    fn replace(
        &self,
        pid: Pid,
        at: &(String, String),
        expected: u64,
        value: &[u8],
    ) -> Result<Option<u64>, UpdateError> {
        // Dropped after the lock, because it may be the last reference to metadata.
        let replaced;
        let mut local = self.local.lock();
        let known = local.get(pid, &at.0, &at.1);
        let known = known.ok_or(UpdateError::NoPresence)?;
        if expected != known.reference {
            return Ok(None);
        }
        replaced = self.index.get(self.replication.node_context.id(), known.id);
        let reference = self.replication.node_context.local.next_number();
        let header = Header {
            topic: &at.0,
            key: &at.1,
            reference,
            previous: Some(known.reference),
        };
        self.replication.update(known.id, header.body(value))?;
        local.updated(pid, at, reference);
        drop(local);
        drop(replaced);
        Ok(Some(reference))
    }

    pub(super) fn untrack(&self, pid: Pid, at: &(String, String)) -> bool {
        self.remove(|local| local.remove(pid, at))
    }

    pub(super) fn untrack_all(&self, pid: Pid) -> bool {
        self.remove(|local| local.remove_all(pid))
    }

    fn remove(&self, remove: impl FnOnce(&mut LocalPresences) -> Removed) -> bool {
        let own = self.replication.node_context.id();
        let (ids, on_exit, left) = {
            let mut local = self.local.lock();
            let (ids, on_exit) = remove(&mut local);
            // The last reference may be one to metadata that was read; it is dropped outside the lock.
            let left: Vec<_> = ids.iter().map(|id| self.index.get(own, *id)).collect();
            for id in &ids {
                self.replication.remove(*id);
            }
            (ids, on_exit, left)
        };
        drop((on_exit, left));
        drop(self.index.undelivered());
        !ids.is_empty()
    }

    /// Returns the presences of a topic, or those under one of its keys.
    pub(super) fn list(&self, topic: &str, key: Option<&str>) -> Vec<PresenceEntry<M>> {
        let stored = match key {
            Some(key) => self.index.key(topic, key),
            None => self.index.topic(topic),
        };
        let mut entries = entry::list(&self.replication, &stored);
        self.hooks.fetch(topic, &mut entries);
        entries
    }

    fn encode(&self, pid: Pid, meta: &M) -> Result<Vec<u8>, EntryError> {
        self.replication.encode(|out| {
            pid.put(out)?;
            meta.put(out)
        })
    }

    fn reference(&self, number: u64) -> PresenceRef {
        let node = self.replication.node_context.id().clone();
        PresenceRef { node, number }
    }
}

#[cfg(feature = "sim")]
impl<M: Clone + Send + Sync + 'static> crate::replication::table_index::TableState for Tracker<M> {
    fn count(&self, left: &mut crate::sim::Leftovers) {
        left.count("presences in the index", self.index.len());
        left.count("tracked processes", self.local.lock().len());
    }
}
