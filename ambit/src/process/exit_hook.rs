//! Functions that run when a process ends, and are removed when the object they serve is dropped first.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use foldhash::quality::RandomState;

use crate::pid::Pid;
use crate::process::header::AnyProcess;
use crate::process::relation::{OnExit, Relations};
use crate::rt::sync::Mutex;
use crate::shrink;

#[cfg(all(test, ambit_loom))]
mod models;

/// The owner of hooks: a process, or its substitute in a model.
pub(crate) trait Hooked {
    fn pid(&self) -> Pid;
    fn relations(&self) -> &Mutex<Relations>;
}

impl Hooked for dyn AnyProcess {
    fn pid(&self) -> Pid {
        self.core().pid
    }

    fn relations(&self) -> &Mutex<Relations> {
        &self.core().relations
    }
}

/// Runs a function when a process ends, unless it is dropped before.
#[must_use = "dropping it removes the hook"]
pub(crate) struct ExitHook<P: Hooked + ?Sized = dyn AnyProcess> {
    process: Weak<P>,
    key: u64,
}

impl<P: Hooked + ?Sized> ExitHook<P> {
    /// Adds a hook; `None` if the process is already ending: the function does not run then.
    #[cfg(any(feature = "remote", all(test, ambit_loom)))]
    pub(crate) fn new(process: &Arc<P>, hook: impl FnOnce(Pid) + Send + 'static) -> Option<Self> {
        Self::in_batches(process, once(hook))
    }

    /// Adds a hook that is called again while it releases as many entries as its limit allows, see [`OnExit`]; `None` if
    /// the process is already ending.
    pub(crate) fn in_batches(process: &Arc<P>, hook: OnExit) -> Option<Self> {
        let added = process.relations().lock().on_exit(hook);
        Some(Self {
            key: added.ok()?,
            process: Arc::downgrade(process),
        })
    }
}

#[cfg(feature = "remote")]
impl<P: Hooked + ?Sized> ExitHook<P> {
    /// Returns the process of the hook, if that still exists.
    pub(crate) fn process(&self) -> Option<Pid> {
        Some(self.process.upgrade()?.pid())
    }
}

impl<P: Hooked + ?Sized> Drop for ExitHook<P> {
    fn drop(&mut self) {
        if let Some(process) = self.process.upgrade() {
            let hook = process.relations().lock().take_hook(self.key);
            drop(hook);
        }
    }
}

/// One hook per process, for many processes.
pub(crate) struct ExitHooks<P: Hooked + ?Sized = dyn AnyProcess>(
    HashMap<Pid, ExitHook<P>, RandomState>,
);

impl<P: Hooked + ?Sized> Default for ExitHooks<P> {
    fn default() -> Self {
        Self(HashMap::default())
    }
}

impl<P: Hooked + ?Sized> ExitHooks<P> {
    /// Adds a hook that runs when the process ends and must [`remove`](Self::remove) it here, unless there is one for
    /// the process already. Returns false if the process is already ending. A call of the hook removes about as many
    /// entries as its limit allows, see [`OnExit`].
    pub(crate) fn add(
        &mut self,
        process: &Arc<P>,
        hook: impl FnMut(Pid, usize) -> usize + Send + 'static,
    ) -> bool {
        let pid = process.pid();
        if self.0.contains_key(&pid) {
            return true;
        }
        let hook = ExitHook::in_batches(process, Box::new(hook));
        let is_added = hook.is_some();
        self.0.extend(hook.map(|hook| (pid, hook)));
        is_added
    }

    pub(crate) fn remove(&mut self, pid: Pid) -> Option<ExitHook<P>> {
        let removed = self.0.remove(&pid);
        shrink::map(&mut self.0);
        removed
    }
}

/// Returns the hook that is called once.
pub(crate) fn once(hook: impl FnOnce(Pid) + Send + 'static) -> OnExit {
    let mut hook = Some(hook);
    Box::new(move |pid, _limit| {
        if let Some(hook) = hook.take() {
            hook(pid);
        }
        0
    })
}
