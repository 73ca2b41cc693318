//! The current system: that of the current process, else the one entered on the runtime, else the runtime's own.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;
use tokio::runtime::Id;

use crate::pid::Pid;
use crate::process::system_inner::{SystemInner, SystemSettings};
use crate::process::{current, time_driver};
use crate::rt::{self, Handle};

/// The systems of each runtime: its own, and the entered ones, newest last.
static RUNTIMES: LazyLock<DashMap<Id, Vec<Arc<SystemInner>>>> = LazyLock::new(DashMap::new);

/// Counts the changes of `RUNTIMES`.
static CHANGES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// The result of the last look-up, with its runtime and change count.
    static SEEN: RefCell<Option<(u64, Id, Weak<SystemInner>)>> = const { RefCell::new(None) };
    /// The system that overrides the current one on this thread.
    static SAID: RefCell<Option<Arc<SystemInner>>> = const { RefCell::new(None) };
}

/// Returns the current system, if there is one.
pub(crate) fn current() -> Option<Arc<SystemInner>> {
    said().or_else(current::system).or_else(of_runtime)
}

/// Returns the override of this thread, if it is set.
pub(crate) fn said() -> Option<Arc<SystemInner>> {
    let said = SAID.try_with(|said| said.try_borrow().ok()?.clone());
    said.ok().flatten()
}

/// Runs `what` with `system` as the current one of this thread.
pub(crate) fn within<T>(system: &Arc<SystemInner>, what: impl FnOnce() -> T) -> T {
    let before = SAID.replace(Some(system.clone()));
    let _back = OverrideGuard(before);
    what()
}

/// Restores the previous override.
struct OverrideGuard(Option<Arc<SystemInner>>);

impl Drop for OverrideGuard {
    fn drop(&mut self) {
        SAID.set(self.0.take());
    }
}

/// Runs `look` on the current system, if there is one. `look` must not enter a process or run user code.
pub(crate) fn with<T>(look: impl FnOnce(&SystemInner) -> T) -> Option<T> {
    if let Some(system) = said() {
        return Some(look(&system));
    }
    if current::pid() == Pid::NOBODY {
        return of_runtime().map(|system| look(&system));
    }
    current::with_system(|system| look(system))
}

fn of_runtime() -> Option<Arc<SystemInner>> {
    let (id, changes) = (rt::current_runtime()?, CHANGES.load(Ordering::Acquire));
    let seen = SEEN.try_with(|seen| match &*seen.borrow() {
        Some((known, of, system)) if (*known, *of) == (changes, id) => system.upgrade(),
        _ => None,
    });
    if let Ok(Some(system)) = seen {
        return Some(system);
    }
    let system = RUNTIMES.get(&id)?.last().cloned()?;
    let found = Some((changes, id, Arc::downgrade(&system)));
    drop(SEEN.try_with(|seen| seen.replace(found)));
    Some(system)
}

fn changed() {
    CHANGES.fetch_add(1, Ordering::AcqRel);
}

/// Returns the current system; creates one on a runtime without a system.
pub(crate) fn current_or_new() -> Option<Arc<SystemInner>> {
    if let Some(system) = current() {
        return Some(system);
    }
    let handle = Handle::try_current().ok()?;
    let mut current_system = RUNTIMES.entry(handle.id()).or_default();
    if let Some(system) = current_system.first() {
        return Some(system.clone());
    }
    let system = SystemInner::new(handle, SystemSettings::default());
    current_system.push(system.clone());
    drop(current_system);
    changed();
    time_driver::keep(&system, forget);
    Some(system)
}

/// Returns true if this thread currently works for the runtime of `system`.
#[inline]
pub(crate) fn is_inside(system: &SystemInner) -> bool {
    current::is_in(system) || system.handle().is_some_and(rt::is_inside)
}

/// Makes a system the current one on its runtime.
pub(crate) fn enter(system: &Arc<SystemInner>) {
    if let Some(handle) = system.handle() {
        let mut current_system = RUNTIMES.entry(handle.id()).or_default();
        current_system.push(system.clone());
        drop(current_system);
        changed();
    }
}

/// Undoes the last [`enter`] of a system.
pub(crate) fn leave(system: &Arc<SystemInner>) {
    let Some(handle) = system.handle() else {
        return;
    };
    if let Some(mut entered) = RUNTIMES.get_mut(&handle.id())
        && let Some(at) = entered.iter().rposition(|known| Arc::ptr_eq(known, system))
    {
        entered.remove(at);
        drop(entered);
        changed();
    }
}

/// Forgets a runtime that is shutting down.
pub(crate) fn forget(handle: &Handle) {
    drop(RUNTIMES.remove(&handle.id()));
    changed();
}
