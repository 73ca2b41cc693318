//! Functions that run when a process ends, and are removed when the object they serve is dropped first.

use std::collections::HashMap;
use std::sync::{Arc, Weak};

use foldhash::quality::RandomState;

use crate::pid::Pid;
use crate::process::core::{Proc, ProcRef};

/// Runs a function when a process ends, unless this is dropped before.
#[must_use = "dropping it removes the hook"]
pub(crate) struct ExitHook {
    process: Weak<dyn Proc>,
    key: u64,
}

impl ExitHook {
    /// `None` if the end of the process has begun: the function does not run then.
    pub(crate) fn new(process: &ProcRef, hook: impl FnOnce(Pid) + Send + 'static) -> Option<Self> {
        let added = process.core().relations.lock().on_exit(Box::new(hook));
        Some(Self {
            key: added.ok()?,
            process: Arc::downgrade(process),
        })
    }
}

#[cfg(feature = "remote")]
impl ExitHook {
    /// Whose end it waits for, if that has not gone.
    pub(crate) fn process(&self) -> Option<Pid> {
        Some(self.process.upgrade()?.core().pid)
    }
}

impl Drop for ExitHook {
    fn drop(&mut self) {
        if let Some(process) = self.process.upgrade() {
            let hook = process.core().relations.lock().take_hook(self.key);
            drop(hook);
        }
    }
}

/// A hook for each of many processes, one per process.
#[derive(Default)]
pub(crate) struct ExitHooks(HashMap<Pid, ExitHook, RandomState>);

impl ExitHooks {
    /// Runs `hook` when the process ends, which is to [`remove`](Self::remove) it here; or one that is kept already
    /// does. False if the end of the process has begun.
    pub(crate) fn add(
        &mut self,
        process: &ProcRef,
        hook: impl FnOnce(Pid) + Send + 'static,
    ) -> bool {
        let pid = process.core().pid;
        if self.0.contains_key(&pid) {
            return true;
        }
        let hook = ExitHook::new(process, hook);
        let is_added = hook.is_some();
        self.0.extend(hook.map(|hook| (pid, hook)));
        is_added
    }

    pub(crate) fn remove(&mut self, pid: Pid) -> Option<ExitHook> {
        self.0.remove(&pid)
    }
}
