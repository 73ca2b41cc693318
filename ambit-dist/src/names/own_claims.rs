//! The claims of this node.

use std::collections::{BTreeMap, BTreeSet};

use ambit::distribution::OnExit;
use ambit::process::{Pid, Process};
use parking_lot::Mutex;

use crate::names::key::Key;
use crate::replica::change::EntryId;

/// A claim of this node.
pub(super) struct OwnClaim {
    pub(super) key: Key,
    /// The process; absent in a reservation and in a veto.
    pub(super) process: Option<Process>,
    /// Withdraws the claim when the process ends.
    pub(super) on_exit: Option<OnExit>,
    /// True once all connected members have acknowledged the claim and it still ranked first.
    pub(super) is_held: bool,
}

/// The claims of this node, by entry and by process.
#[derive(Default)]
pub(super) struct OwnClaims(Mutex<Claims>);

#[derive(Default)]
struct Claims {
    all: BTreeMap<EntryId, OwnClaim>,
    by_pid: BTreeMap<Pid, BTreeSet<(Key, EntryId)>>,
    /// The number of announcements so far.
    announcements: u64,
}

/// A name that a process is about to claim.
pub(super) struct Announcement {
    pid: Pid,
    key: Key,
    /// Counted down from the maximum, so that no entry has it.
    id: EntryId,
}

impl OwnClaims {
    pub(super) fn add(&self, id: EntryId, claim: OwnClaim) {
        let mut claims = self.0.lock();
        claims.link(&claim.key, id, claim.process.as_ref().map(Process::pid));
        claims.all.insert(id, claim);
    }

    /// Gives a claim its process. Returns false if the claim is gone.
    pub(super) fn fill(&self, id: EntryId, process: &Process) -> bool {
        let mut claims = self.0.lock();
        let Some(claim) = claims.all.get_mut(&id) else {
            return false;
        };
        claim.process = Some(process.clone());
        let key = claim.key.clone();
        claims.link(&key, id, process.pid());
        true
    }

    /// Keeps the exit hook of a claim. Returns it if the claim is gone.
    pub(super) fn watch(&self, id: EntryId, on_exit: OnExit) -> Option<OnExit> {
        let mut claims = self.0.lock();
        match claims.all.get_mut(&id) {
            Some(claim) => claim.on_exit.replace(on_exit),
            None => Some(on_exit),
        }
    }

    /// Removes a claim. The caller drops it without a lock.
    pub(super) fn remove(&self, id: EntryId) -> Option<OwnClaim> {
        let mut claims = self.0.lock();
        let claim = claims.all.remove(&id)?;
        claims.unlink(&claim.key, id, claim.process.as_ref().map(Process::pid));
        Some(claim)
    }

    /// Takes the process and its exit hook out of a claim, which stays as a veto.
    pub(super) fn empty(&self, id: EntryId) -> Option<(Option<Process>, Option<OnExit>)> {
        let mut claims = self.0.lock();
        let claim = claims.all.get_mut(&id)?;
        let (process, on_exit) = (claim.process.take(), claim.on_exit.take());
        let key = claim.key.clone();
        claims.unlink(&key, id, process.as_ref().map(Process::pid));
        Some((process, on_exit))
    }

    /// Marks a claim as held if `ranks_first` returns true. A change of the ranks after that finds the mark. Returns
    /// `None` if the claim is gone.
    pub(super) fn hold(&self, id: EntryId, ranks_first: impl FnOnce() -> bool) -> Option<bool> {
        let mut claims = self.0.lock();
        let claim = claims.all.get_mut(&id)?;
        claim.is_held = ranks_first();
        Some(claim.is_held)
    }

    pub(super) fn is_held(&self, id: EntryId) -> bool {
        let claims = self.0.lock();
        claims.all.get(&id).is_some_and(|claim| claim.is_held)
    }

    /// Returns whether a claim is one of this process.
    pub(super) fn is_of(&self, id: EntryId, pid: Pid) -> bool {
        let claims = self.0.lock();
        let process = claims.all.get(&id).and_then(|claim| claim.process.as_ref());
        process.is_some_and(|process| process.pid() == pid)
    }

    /// Returns the name of a claim.
    pub(super) fn key(&self, id: EntryId) -> Option<Key> {
        let claims = self.0.lock();
        claims.all.get(&id).map(|claim| claim.key.clone())
    }

    /// Returns whether a claim is gone, or its process is ending.
    pub(super) fn has_ended(&self, id: EntryId) -> bool {
        let claims = self.0.lock();
        let process = claims.all.get(&id).and_then(|claim| claim.process.as_ref());
        process.is_none_or(|process| !process.is_alive())
    }

    /// Counts `key` as a name of the process until the announcement is revoked. Returns `None` if the process must have
    /// no other name and has one.
    pub(super) fn announce(&self, pid: Pid, key: &Key, only_name: bool) -> Option<Announcement> {
        let mut claims = self.0.lock();
        if only_name && claims.has_other_name(pid, key) {
            return None;
        }
        claims.announcements += 1;
        let id = EntryId(u64::MAX - claims.announcements);
        claims.link(key, id, pid);
        let key = key.clone();
        Some(Announcement { pid, key, id })
    }

    pub(super) fn revoke(&self, announcement: &Announcement) {
        let Announcement { pid, key, id } = announcement;
        self.0.lock().unlink(key, *id, *pid);
    }

    /// Returns the number of claims by entry and by process.
    #[cfg(feature = "sim")]
    pub(super) fn len(&self) -> usize {
        let claims = self.0.lock();
        claims.all.len() + claims.by_pid.len()
    }
}

impl Claims {
    /// Returns whether a process has another name than `key`. It may have several claims of one name, while the name is
    /// moved to it again.
    fn has_other_name(&self, pid: Pid, key: &Key) -> bool {
        let Some(of_process) = self.by_pid.get(&pid) else {
            return false;
        };
        let mut ends = of_process.first().into_iter().chain(of_process.last());
        ends.any(|(other, _)| other != key)
    }

    fn link(&mut self, key: &Key, id: EntryId, pid: impl Into<Option<Pid>>) {
        if let Some(pid) = pid.into() {
            let of_process = self.by_pid.entry(pid).or_default();
            of_process.insert((key.clone(), id));
        }
    }

    fn unlink(&mut self, key: &Key, id: EntryId, pid: impl Into<Option<Pid>>) {
        let Some(pid) = pid.into() else {
            return;
        };
        if let Some(ids) = self.by_pid.get_mut(&pid) {
            ids.remove(&(key.clone(), id));
            if ids.is_empty() {
                self.by_pid.remove(&pid);
            }
        }
    }
}
