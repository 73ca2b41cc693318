//! The tables of a node, shared by its handles and its task.

use std::collections::BTreeMap;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;
#[cfg(feature = "sim")]
use std::sync::Weak;
use std::time::Duration;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::node::id::{NodeId, NodeName};
use crate::remote_processes::node_context::NodeContext;
use crate::replica::change::EntryId;
use crate::replica::error::PutError;
use crate::replica::limits::{ReplicaLimits, ReplicaSettings};
use crate::replica::origin::Origin;
use crate::replica::store::Store;
use crate::replication::acknowledged::{Acknowledged, Ended};
use crate::replication::protocols::{PROTOCOLS, Protocols};
#[cfg(feature = "sim")]
use crate::replication::table_index::TableState;
use crate::replication::table_index::{Retired, TableIndex};
use crate::rt::{self, Instant};
use crate::session::channels::SessionNumber;
use crate::wire::Limits;

/// The replicated tables of a node.
pub(crate) struct Replication {
    pub(crate) node_context: Arc<NodeContext>,
    pub(super) tables: Mutex<Tables>,
    start: Instant,
    /// The time of `start` in milliseconds since 1970. A later incarnation of this node may lie in the future.
    started: u64,
    /// Wakes the task after a write.
    pub(super) wake: Notify,
    /// The version of this node's entries that every connected member has.
    acknowledged: Arc<Acknowledged>,
    /// Wakes those that wait for the entries of all members.
    received_all: Notify,
    /// The protocols of processes in entries.
    pub(super) protocols: Arc<Protocols>,
    #[cfg(feature = "sim")]
    pub(super) checked: Mutex<Vec<Weak<dyn TableState>>>,
}

/// The state under the lock.
pub(super) struct Tables {
    pub(super) store: Store,
    indexes: BTreeMap<Arc<str>, Vec<Arc<dyn TableIndex>>>,
    /// The connected nodes that replicate, with their sessions.
    pub(super) connected: BTreeMap<NodeName, (NodeId, SessionNumber)>,
    /// The entries that define the protocols of this node, by name and fingerprint.
    pub(super) defined: BTreeMap<(String, u64), EntryId>,
}

impl Replication {
    /// Creates empty tables. `seed` determines the random decisions.
    pub(crate) fn new(
        node_context: Arc<NodeContext>,
        grace: Duration,
        limits: &Limits,
        seed: u64,
    ) -> Self {
        let own = Origin {
            id: node_context.id().clone(),
            renewal: 0,
        };
        let settings = ReplicaSettings {
            grace,
            ..ReplicaSettings::default()
        };
        let protocols = Arc::new(Protocols::default());
        let indexes: Vec<Arc<dyn TableIndex>> = vec![protocols.clone()];
        let tables = Tables {
            store: Store::new(own, settings, ReplicaLimits::of(limits), seed),
            indexes: BTreeMap::from([(PROTOCOLS.into(), indexes)]),
            connected: BTreeMap::new(),
            defined: BTreeMap::new(),
        };
        let started = node_context.id().incarnation.millis();
        Self {
            node_context,
            tables: Mutex::new(tables),
            start: rt::now(),
            started,
            wake: Notify::new(),
            acknowledged: Arc::default(),
            received_all: Notify::new(),
            protocols,
            #[cfg(feature = "sim")]
            checked: Mutex::default(),
        }
    }

    /// Adds an index of a table, and fills it with the visible entries.
    pub(crate) fn open(&self, table: &str, index: Arc<dyn TableIndex>) {
        let mut retired = Vec::new();
        {
            let mut tables = self.tables.lock();
            // Every change so far has been passed to the indexes, so nothing is applied twice.
            for change in tables.store.open_table(table) {
                retired.extend(index.apply(&change));
            }
            tables.indexes.entry(table.into()).or_default().push(index);
        }
        drop(retired);
    }

    /// Includes the state of a table in the check at the end of a simulated run.
    #[cfg(feature = "sim")]
    pub(crate) fn check(&self, state: Weak<dyn TableState>) {
        self.checked.lock().push(state);
    }

    /// Adds an entry of this node if `may` allows it. `may` runs under the lock, so it can ask an index whether the entry
    /// is still wanted.
    ///
    /// # Errors
    /// Fails with the limit that the entry exceeds, or with `Ok(None)` if `may` returned false.
    pub(crate) fn insert_if(
        &self,
        table: &str,
        body: Bytes,
        may: impl FnOnce() -> bool,
    ) -> Result<Option<EntryId>, PutError> {
        self.change(|tables, _| match may() {
            true => tables.store.insert(table, body).map(Some),
            false => Ok(None),
        })
    }

    /// Adds an entry of this node.
    ///
    /// # Errors
    /// Fails with the limit that the entry exceeds.
    pub(crate) fn insert(&self, table: &str, body: Bytes) -> Result<EntryId, PutError> {
        self.change(|tables, _| tables.store.insert(table, body))
    }

    /// Replaces the body of an entry of this node.
    ///
    /// # Errors
    /// Fails if there is no such entry, or with the limit that it exceeds.
    pub(crate) fn update(&self, id: EntryId, body: Bytes) -> Result<(), PutError> {
        self.change(|tables, _| tables.store.update(id, body))
    }

    /// Replaces the body of an entry of this node if `may` allows it, and returns its answer. `may` runs under the lock,
    /// so it can ask an index whether the entry is still the expected one.
    ///
    /// # Errors
    /// Fails if there is no such entry, or with the limit that it exceeds.
    pub(crate) fn update_if(
        &self,
        id: EntryId,
        body: Bytes,
        may: impl FnOnce() -> bool,
    ) -> Result<bool, PutError> {
        self.change(|tables, _| match may() {
            true => tables.store.update(id, body).map(|()| true),
            false => Ok(false),
        })
    }

    /// Removes an entry of this node. Returns false if there is none.
    pub(crate) fn remove(&self, id: EntryId) -> bool {
        self.change(|tables, _| tables.store.remove(id))
    }

    /// Removes an entry of this node, if `may` returns true under the lock.
    pub(crate) fn remove_if(&self, id: EntryId, may: impl FnOnce() -> bool) {
        self.change(|tables, _| {
            if may() {
                tables.store.remove(id);
            }
        });
    }

    /// Returns the number of the entry that defines a protocol of this node, and adds it on first use.
    ///
    /// # Errors
    /// Fails with the limit that the entry exceeds.
    pub(super) fn define(
        &self,
        key: (String, u64),
        body: impl FnOnce() -> Bytes,
    ) -> Result<EntryId, PutError> {
        if let Some(id) = self.tables.lock().defined.get(&key) {
            return Ok(*id);
        }
        let body = body();
        self.change(|tables, _| {
            if let Some(id) = tables.defined.get(&key) {
                return Ok(*id);
            }
            let id = tables.store.insert(PROTOCOLS, body)?;
            tables.defined.insert(key, id);
            Ok(id)
        })
    }

    /// Waits until every connected member has all entries that this node has written so far, and this node has those
    /// that the members wrote before they knew them.
    ///
    /// # Errors
    /// Fails if the node has ended.
    ///
    /// # Cancel safety
    /// It only waits.
    pub(crate) async fn acknowledged(&self) -> Result<(), Ended> {
        let version = self.tables.lock().store.version();
        self.acknowledged.wait(version).await
    }

    /// Waits until this node has received the entries of all members that are up. A node that has them does not wait: it
    /// receives all later entries before their writers regard them as acknowledged.
    ///
    /// # Errors
    /// Fails if the node has ended.
    ///
    /// # Cancel safety
    /// It only waits.
    pub(crate) async fn all_received(&self) -> Result<(), Ended> {
        loop {
            let mut changed = pin!(self.received_all.notified());
            changed.as_mut().enable();
            if self.has_ended() {
                return Err(Ended);
            }
            if self.tables.lock().store.has_all_logs() {
                return Ok(());
            }
            changed.await;
        }
    }

    /// Returns the milliseconds since 1970: the start of the node by the clock of its first incarnation, and the time
    /// since by the clock of the runtime. Later changes of the system's clock have no effect.
    pub(crate) fn unix_millis(&self) -> u64 {
        let uptime = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.started.saturating_add(uptime)
    }

    /// Returns whether the node has ended.
    pub(crate) fn has_ended(&self) -> bool {
        self.acknowledged.has_ended()
    }

    /// Waits for the end of the node. The future does not keep the tables.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + use<> {
        let acknowledged = self.acknowledged.clone();
        async move {
            // No version is that high, so only the end ends the wait.
            acknowledged.wait(u64::MAX).await.ok();
        }
    }

    /// Changes the tables, applies the effect to the indexes, and wakes the task.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut Tables, Duration) -> T) -> T {
        let result = self.apply(change);
        self.wake.notify_one();
        result
    }

    /// Changes the tables and applies the effect to the indexes. The task calls it, which then looks at the result.
    pub(super) fn apply<T>(&self, change: impl FnOnce(&mut Tables, Duration) -> T) -> T {
        let now = self.start.elapsed();
        let (result, retired, has_all_logs) = {
            let mut tables = self.tables.lock();
            let result = change(&mut tables, now);
            (result, tables.apply(), tables.store.has_all_logs())
        };
        drop(retired);
        if has_all_logs {
            self.received_all.notify_waiters();
        }
        result
    }

    /// Returns the time of an instant of the store.
    pub(super) fn at(&self, time: Duration) -> Instant {
        let instant = self.start.checked_add(time);
        instant.unwrap_or_else(|| rt::after(Duration::MAX))
    }

    pub(super) fn reached(&self, version: u64) {
        self.acknowledged.reached(version);
    }

    /// Ends all waiting writers. The entries of other nodes disappear first, so that no waiter for the end finds any.
    pub(super) fn end(&self) {
        let forget = || self.apply(|tables, now| tables.store.forget_members(now));
        self.acknowledged.end(forget);
        self.received_all.notify_waiters();
    }
}

impl Tables {
    /// Passes the changes to the indexes. Returns what they no longer need.
    fn apply(&mut self) -> Vec<Retired> {
        let mut retired = Vec::new();
        for change in self.store.take_changes() {
            for index in self.indexes.get(change.table()).into_iter().flatten() {
                retired.extend(index.apply(&change));
            }
        }
        retired
    }
}

impl fmt::Debug for Replication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Replication").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::id::{Incarnation, NodeId};
    use ambit::System;

    #[ambit::test]
    async fn a_later_incarnation_does_not_move_the_clock() {
        let id = |millis| NodeId {
            name: "a".parse().unwrap(),
            incarnation: Incarnation::new(millis, 7),
        };
        let node_context = NodeContext::new(id(1_000), &System::current().unwrap());
        let replication = Replication::new(node_context, Duration::ZERO, &Limits::default(), 7);
        replication.take_incarnation(id(90_000));
        assert_eq!(replication.unix_millis(), 1_000, "time stands still");
    }
}
