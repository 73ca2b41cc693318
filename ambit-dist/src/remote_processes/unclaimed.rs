//! Servers started for another node, until the starter is known to hold a handle.

use std::cell::RefCell;
use std::collections::BTreeMap;

use ambit::process::{ExitReason, Pid, Process};
use parking_lot::Mutex;

/// A started server whose handle may not have reached the starter. Dropping this value stops the server.
#[derive(Debug)]
pub(crate) struct Orphan(Option<Process>);

impl Orphan {
    pub(crate) fn new(process: Process) -> Self {
        Self(Some(process))
    }

    /// Disarms the orphan: the starter holds a handle.
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
    /// The server whose handle is being encoded, until a session takes it over.
    static WRITING: RefCell<Option<(Pid, Orphan)>> = const { RefCell::new(None) };
}

/// Encodes the answer of a start. The encoding session takes over the orphan ([`written`]); if it does not, the server
/// is stopped.
pub(crate) fn writing<T>(orphan: Option<(Pid, Orphan)>, write: impl FnOnce() -> T) -> T {
    WRITING.set(orphan);
    let written = write();
    drop(WRITING.take());
    written
}

/// Takes the orphan of the server whose handle is being encoded.
pub(crate) fn written(pid: Pid) -> Option<Orphan> {
    let found = WRITING
        .with_borrow_mut(|writing| writing.take_if(|(node_context, _)| *node_context == pid));
    found.map(|(_, orphan)| orphan)
}

/// The unconfirmed servers by pid; `None` once closed.
#[derive(Debug)]
pub(crate) struct Unclaimed(Mutex<Option<BTreeMap<Pid, Orphan>>>);

impl Default for Unclaimed {
    fn default() -> Self {
        Self(Mutex::new(Some(BTreeMap::new())))
    }
}

impl Unclaimed {
    /// Stores an orphan, or stops its server if this is closed.
    pub(crate) fn put(&self, pid: Pid, orphan: Orphan) {
        let mut all = self.0.lock();
        let left = match &mut *all {
            Some(all) => all.insert(pid, orphan),
            None => Some(orphan),
        };
        // Exit signals are sent outside of the lock.
        drop(all);
        drop(left);
    }

    pub(crate) fn take(&self, pid: Pid) -> Option<Orphan> {
        self.0.lock().as_mut()?.remove(&pid)
    }

    /// Returns the number of orphans.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().as_ref().map_or(0, BTreeMap::len)
    }

    /// Stops all remaining servers.
    pub(crate) fn close(&self) {
        let left = self.0.lock().take();
        drop(left);
    }
}
