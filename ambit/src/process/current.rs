//! The process that runs on this thread now.
//!
//! It is set around each poll of a process, so it does not extend to tasks that the process spawns directly: such a
//! task is no process.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::NotAProcess;
use crate::pid::Pid;
use crate::process::header::ProcessRef;
use crate::process::route;
use crate::process::system_inner::SystemInner;

thread_local! {
    static CURRENT: RefCell<Option<ProcessRef>> = const { RefCell::new(None) };
}

/// Returns the pid of the calling process. (Erlang: `self()`.)
///
/// # Errors
/// [`NotAProcess`] outside a process: in a plain thread, or in a task that a process spawned with `tokio::spawn`.
///
/// ```
/// assert!(ambit::self_pid().is_err());
/// ```
pub fn self_pid() -> Result<Pid, NotAProcess> {
    current()
        .map(|process| process.core().pid)
        .ok_or(NotAProcess)
}

pub(crate) fn current() -> Option<ProcessRef> {
    CURRENT
        .try_with(|current| current.try_borrow().ok()?.clone())
        .ok()
        .flatten()
}

/// Returns the pid of the calling process, or `Pid::NOBODY`.
pub(crate) fn pid() -> Pid {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            current.as_ref().map(|process| process.core().pid)
        })
        .ok()
        .flatten()
        .unwrap_or(Pid::NOBODY)
}

/// Returns the processes that wait for the calling process because they are starting it, or because they are starting a
/// process that starts it, and so on. Also those that wait for a process that has started the calling one in its init.
pub(crate) fn starters() -> Vec<Pid> {
    let mut starters = Vec::new();
    let mut next = current();
    let mut is_caller = true;
    while let Some(process) = next {
        let core = process.core();
        let is_starting = core.is_starting();
        if is_starting {
            starters.push(core.ancestor);
        }
        next = (is_starting || is_caller)
            .then(|| route::find(core.ancestor))
            .flatten();
        is_caller = false;
    }
    starters
}

/// Returns the group of the calling process, or 0 outside a process.
pub(crate) fn group() -> u8 {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            current.as_ref().map(|process| process.core().group())
        })
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Returns the system of the process on this thread.
pub(crate) fn system() -> Option<Arc<SystemInner>> {
    with_system(Arc::clone)
}

/// Runs `look` on the system of the process on this thread.
pub(crate) fn with_system<T>(look: impl FnOnce(&Arc<SystemInner>) -> T) -> Option<T> {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            Some(look(&current.as_ref()?.core().system))
        })
        .ok()
        .flatten()
}

/// Returns true if the process on this thread belongs to `system`.
#[inline]
pub(crate) fn is_in(system: &SystemInner) -> bool {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            let own = &*current.as_ref()?.core().system;
            Some(std::ptr::eq(own, system))
        })
        .ok()
        .flatten()
        .unwrap_or(false)
}

/// Returns whether panics of the process on this thread are not printed; `None` outside a process.
pub(crate) fn panic_settings() -> Option<bool> {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            let core = current.as_ref()?.core();
            Some(core.system.settings.quiet_panics && !core.is_main())
        })
        .ok()
        .flatten()
}

/// Sets `process` as the current one until the guard is dropped.
#[inline]
pub(crate) fn enter(process: ProcessRef) -> CurrentGuard {
    let before = CURRENT
        .try_with(|current| current.replace(Some(process)))
        .ok()
        .flatten();
    CurrentGuard(before)
}

pub(crate) struct CurrentGuard(Option<ProcessRef>);

impl CurrentGuard {
    /// Ends the scope early and returns the process that was current.
    #[inline]
    pub(crate) fn leave(mut self) -> Option<ProcessRef> {
        let before = self.0.take();
        std::mem::forget(self);
        CURRENT
            .try_with(|current| current.replace(before))
            .ok()
            .flatten()
    }
}

impl Drop for CurrentGuard {
    fn drop(&mut self) {
        let before = self.0.take();
        let left = CURRENT.try_with(|current| current.replace(before));
        drop(left);
    }
}
