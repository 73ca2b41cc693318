//! Servers that were started for another node, until it is certain that somebody there knows them.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ambit::{ExitReason, Pid, Process};
use parking_lot::Mutex;

/// A server that nobody has been told of, or that may not have been heard of: it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Orphan(Option<Process>);

impl Orphan {
    pub(crate) fn new(process: Process) -> Self {
        Self(Some(process))
    }

    /// Somebody knows it.
    pub(crate) fn adopt(mut self) {
        self.0 = None;
    }
}

impl Drop for Orphan {
    fn drop(&mut self) {
        if let Some(process) = self.0.take() {
            ambit::exit(&process, ExitReason::Shutdown);
        }
    }
}

thread_local! {
    /// The server that is being written of, until a session takes it over.
    static WRITING: RefCell<Option<(Pid, Orphan)>> = const { RefCell::new(None) };
}

/// Writes of a server that was started. The session in which it is written takes the orphan over ([`written`]); where nothing
/// was written, it ends.
pub(crate) fn writing<T>(orphan: Option<(Pid, Orphan)>, write: impl FnOnce() -> T) -> T {
    WRITING.set(orphan);
    let written = write();
    drop(WRITING.take());
    written
}

/// The orphan of a server that is written of in this moment.
pub(crate) fn written(pid: Pid) -> Option<Orphan> {
    let found = WRITING.with_borrow_mut(|writing| writing.take_if(|(own, _)| *own == pid));
    found.map(|(_, orphan)| orphan)
}

/// Those that are not known for certain, by their pids; none are taken once it is closed.
#[derive(Debug)]
pub(crate) struct Unclaimed(Mutex<Option<BTreeMap<Pid, Orphan>>>);

impl Default for Unclaimed {
    fn default() -> Self {
        Self(Mutex::new(Some(BTreeMap::new())))
    }
}

impl Unclaimed {
    /// Keeps it here; where that is closed, it ends.
    pub(crate) fn put(&self, pid: Pid, orphan: Orphan) {
        let mut all = self.0.lock();
        let left = match &mut *all {
            Some(all) => all.insert(pid, orphan),
            None => Some(orphan),
        };
        // Exit signals are sent without the lock.
        drop(all);
        drop(left);
    }

    pub(crate) fn take(&self, pid: Pid) -> Option<Orphan> {
        self.0.lock().as_mut()?.remove(&pid)
    }

    /// How many there are.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().as_ref().map_or(0, BTreeMap::len)
    }

    /// All that are left end.
    pub(crate) fn close(&self) {
        let left = self.0.lock().take();
        drop(left);
    }
}
