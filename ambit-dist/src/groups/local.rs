//! The memberships of the processes of this node.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Weak};

use ambit::distribution::OnExit;
use ambit::process::Pid;
use bytes::Bytes;
use parking_lot::Mutex;

use super::error::JoinGroupError;
use super::key::GroupKey;
use crate::replica::change::EntryId;
use crate::replication::shared::Replication;

/// The table of the memberships.
pub(super) const GROUPS: &str = "groups";

/// The memberships of the processes of this node.
pub(super) struct LocalMembers {
    replication: Arc<Replication>,
    state: Mutex<LocalState>,
}

#[derive(Default)]
struct LocalState {
    processes: BTreeMap<Pid, JoinedProcess>,
    /// The scopes that accept no joins.
    stopped: BTreeSet<Arc<str>>,
}

/// A process of this node with memberships.
struct JoinedProcess {
    /// Removes the memberships when the process ends.
    _on_exit: OnExit,
    /// The entries of each group, oldest first; never empty.
    groups: BTreeMap<GroupKey, Vec<EntryId>>,
}

impl LocalMembers {
    pub(super) fn new(replication: Arc<Replication>) -> Arc<Self> {
        Arc::new(Self {
            replication,
            state: Mutex::default(),
        })
    }

    /// Returns the number of processes with memberships.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        self.state.lock().processes.len()
    }

    /// Adds memberships in this order, all or none. A process that has ended is skipped. Returns their entries.
    ///
    /// # Errors
    /// Fails if the scope is stopped or a limit is reached. Nothing has changed then.
    pub(super) fn join(
        self: &Arc<Self>,
        key: &GroupKey,
        members: Vec<(Pid, Bytes)>,
    ) -> Result<Vec<Option<EntryId>>, JoinGroupError> {
        let (joined, result) = {
            let mut state = self.state.lock();
            if state.stopped.contains(&key.scope) {
                return Err(JoinGroupError::Stopped);
            }
            let mut joined = Vec::with_capacity(members.len());
            let mut result = Ok(());
            for (pid, body) in members {
                match self.join_one(&mut state, key, pid, body) {
                    Ok(id) => joined.push((pid, id)),
                    Err(error) => {
                        result = Err(error);
                        break;
                    }
                }
            }
            (joined, result)
        };
        match result {
            Ok(()) => Ok(joined.into_iter().map(|(_, id)| id).collect()),
            Err(error) => {
                for (pid, id) in joined {
                    if id.is_some() {
                        self.leave(key, pid);
                    }
                }
                Err(error)
            }
        }
    }

    fn join_one(
        self: &Arc<Self>,
        state: &mut LocalState,
        key: &GroupKey,
        pid: Pid,
        body: Bytes,
    ) -> Result<Option<EntryId>, JoinGroupError> {
        if let Entry::Vacant(vacant) = state.processes.entry(pid) {
            // Registered under the lock that the hook takes, so the hook finds the membership.
            let members = Arc::downgrade(self);
            let local = &self.replication.node_context.local;
            let Some(on_exit) = local.on_exit(pid, move |pid| ended(&members, pid)) else {
                return Ok(None);
            };
            let process = JoinedProcess {
                _on_exit: on_exit,
                groups: BTreeMap::new(),
            };
            vacant.insert(process);
        }
        let inserted = self.replication.insert(GROUPS, body);
        let Some(process) = state.processes.get_mut(&pid) else {
            return Ok(None);
        };
        match inserted {
            Ok(id) => {
                process.groups.entry(key.clone()).or_default().push(id);
                Ok(Some(id))
            }
            Err(error) => {
                if process.groups.is_empty() {
                    state.processes.remove(&pid);
                }
                Err(JoinGroupError::of_put(&error))
            }
        }
    }

    /// Removes the newest membership of a process. Returns false if it has none.
    pub(super) fn leave(&self, key: &GroupKey, pid: Pid) -> bool {
        let (left, process) = {
            let mut state = self.state.lock();
            let Some(process) = state.processes.get_mut(&pid) else {
                return false;
            };
            let Some(entries) = process.groups.get_mut(key) else {
                return false;
            };
            let left = entries.pop();
            if entries.is_empty() {
                process.groups.remove(key);
            }
            let is_last = process.groups.is_empty();
            (left, is_last.then(|| state.processes.remove(&pid)))
        };
        // The exit hook is dropped without the lock.
        drop(process);
        left.is_some_and(|id| self.replication.remove(id))
    }

    /// Removes all memberships in a scope, which accepts no joins from now on.
    pub(super) fn stop(&self, scope: &Arc<str>) {
        let (left, idle) = {
            let mut state = self.state.lock();
            state.stopped.insert(scope.clone());
            let mut left = Vec::new();
            let mut idle = Vec::new();
            for (pid, process) in &mut state.processes {
                let keys = process.groups.keys().filter(|key| key.scope == *scope);
                for key in keys.cloned().collect::<Vec<_>>() {
                    left.extend(process.groups.remove(&key).into_iter().flatten());
                }
                if process.groups.is_empty() {
                    idle.push(*pid);
                }
            }
            let idle = idle.into_iter();
            let idle: Vec<_> = idle
                .filter_map(|pid| state.processes.remove(&pid))
                .collect();
            (left, idle)
        };
        drop(idle);
        self.remove(left);
    }

    /// Removes entries in the order in which they were written.
    fn remove(&self, mut entries: Vec<EntryId>) {
        entries.sort_unstable();
        for id in entries {
            self.replication.remove(id);
        }
    }

    /// Lets a scope accept joins again.
    pub(super) fn start(&self, scope: &Arc<str>) {
        self.state.lock().stopped.remove(scope);
    }

    /// Returns the number of processes with memberships.
    #[cfg(test)]
    pub(super) fn processes(&self) -> usize {
        self.state.lock().processes.len()
    }
}

/// Removes the memberships of an ended process.
fn ended(members: &Weak<LocalMembers>, pid: Pid) {
    let Some(members) = members.upgrade() else {
        return;
    };
    let process = members.state.lock().processes.remove(&pid);
    let groups = process.iter().flat_map(|process| process.groups.values());
    let left: Vec<EntryId> = groups.flatten().copied().collect();
    members.remove(left);
}

impl fmt::Debug for LocalMembers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalMembers").finish_non_exhaustive()
    }
}
