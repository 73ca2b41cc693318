//! The process that runs on this thread now.
//!
//! It is set around each poll of a process, so it does not follow into a task that the process spawns by itself:
//! such a task is no process.

use std::cell::RefCell;
use std::sync::Arc;

use crate::error::NotAProcess;
use crate::pid::Pid;
use crate::process::core::ProcRef;
use crate::process::world::World;

thread_local! {
    static CURRENT: RefCell<Option<ProcRef>> = const { RefCell::new(None) };
}

/// The pid of the calling process. (Erlang: `self()`.)
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

pub(crate) fn current() -> Option<ProcRef> {
    CURRENT
        .try_with(|current| current.try_borrow().ok()?.clone())
        .ok()
        .flatten()
}

/// The pid of the calling process, or nobody's.
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

/// The group of the calling process, or that of nobody.
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

/// The world of the process that runs on this thread.
pub(crate) fn world() -> Option<Arc<World>> {
    with_world(Arc::clone)
}

/// Looks at the world of the process that runs on this thread.
pub(crate) fn with_world<T>(look: impl FnOnce(&Arc<World>) -> T) -> Option<T> {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            Some(look(&current.as_ref()?.core().world))
        })
        .ok()
        .flatten()
}

/// Whether the process that runs on this thread is one of `world`.
#[inline]
pub(crate) fn is_in(world: &World) -> bool {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            let own = &*current.as_ref()?.core().world;
            Some(std::ptr::eq(own, world))
        })
        .ok()
        .flatten()
        .unwrap_or(false)
}

/// Whether a process runs on this thread, and wants its panics not to be printed.
pub(crate) fn panic_settings() -> Option<bool> {
    CURRENT
        .try_with(|current| {
            let current = current.try_borrow().ok()?;
            let core = current.as_ref()?.core();
            Some(core.world.settings.quiet_panics && !core.is_main())
        })
        .ok()
        .flatten()
}

/// Runs as `process` until the guard is dropped.
#[inline]
pub(crate) fn enter(process: ProcRef) -> Entered {
    let before = CURRENT
        .try_with(|current| current.replace(Some(process)))
        .ok()
        .flatten();
    Entered(before)
}

pub(crate) struct Entered(Option<ProcRef>);

impl Entered {
    /// Ends it and gives back the process that ran.
    #[inline]
    pub(crate) fn leave(mut self) -> Option<ProcRef> {
        let before = self.0.take();
        std::mem::forget(self);
        CURRENT
            .try_with(|current| current.replace(before))
            .ok()
            .flatten()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let before = self.0.take();
        let left = CURRENT.try_with(|current| current.replace(before));
        drop(left);
    }
}
