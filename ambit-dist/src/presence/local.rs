//! The presences of the processes of this node.

use std::collections::BTreeMap;

use ambit::distribution::OnExit;
use ambit::process::Pid;

use crate::replica::change::EntryId;

/// A presence of this node.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalPresence {
    pub(super) id: EntryId,
    pub(super) reference: u64,
}

/// The tracked processes. The cost of a removal does not depend on the number of other processes.
#[derive(Default)]
pub(super) struct LocalPresences(BTreeMap<Pid, TrackedProcess>);

struct TrackedProcess {
    /// Removes the presences at the end of the process.
    on_exit: OnExit,
    presences: BTreeMap<(String, String), LocalPresence>,
}

/// The result of a removal: the entries to remove, and the hook of a process without presences, which is dropped
/// outside all locks.
pub(super) type Removed = (Vec<EntryId>, Option<OnExit>);

impl LocalPresences {
    /// Returns the number of tracked processes.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, pid: Pid, topic: &str, key: &str) -> Option<LocalPresence> {
        let process = self.0.get(&pid)?;
        let at = (topic.to_owned(), key.to_owned());
        process.presences.get(&at).copied()
    }

    pub(super) fn is_tracked(&self, pid: Pid) -> bool {
        self.0.contains_key(&pid)
    }

    /// Adds a presence. `on_exit` is the hook of a process that is not yet tracked.
    pub(super) fn insert(
        &mut self,
        pid: Pid,
        at: (String, String),
        presence: LocalPresence,
        on_exit: Option<OnExit>,
    ) {
        if let Some(on_exit) = on_exit {
            let presences = BTreeMap::new();
            let process = TrackedProcess { on_exit, presences };
            self.0.insert(pid, process);
        }
        if let Some(process) = self.0.get_mut(&pid) {
            process.presences.insert(at, presence);
        }
    }

    /// Records the update of a presence.
    pub(super) fn updated(&mut self, pid: Pid, at: &(String, String), reference: u64) {
        let process = self.0.get_mut(&pid);
        if let Some(presence) = process.and_then(|process| process.presences.get_mut(at)) {
            presence.reference = reference;
        }
    }

    /// Removes one presence.
    pub(super) fn remove(&mut self, pid: Pid, at: &(String, String)) -> Removed {
        let Some(process) = self.0.get_mut(&pid) else {
            return (Vec::new(), None);
        };
        let removed = process.presences.remove(at);
        let is_last = process.presences.is_empty();
        let process = is_last.then(|| self.0.remove(&pid)).flatten();
        let ids = removed.into_iter().map(|presence| presence.id).collect();
        (ids, process.map(|process| process.on_exit))
    }

    /// Removes all presences of a process.
    pub(super) fn remove_all(&mut self, pid: Pid) -> Removed {
        let Some(process) = self.0.remove(&pid) else {
            return (Vec::new(), None);
        };
        let presences = process.presences.into_values();
        let ids = presences.map(|presence| presence.id).collect();
        (ids, Some(process.on_exit))
    }
}
