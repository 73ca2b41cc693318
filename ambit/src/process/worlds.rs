//! Which world code runs in: that of its process, else the one entered on its runtime, else the runtime's own.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Weak};

use dashmap::DashMap;
use tokio::runtime::Id;

use crate::pid::Pid;
use crate::process::world::{Settings, World};
use crate::process::{current, keeper};
use crate::rt::{self, Handle};

/// The worlds of each runtime: its own, and those that were entered, newest last.
static RUNTIMES: LazyLock<DashMap<Id, Vec<Arc<World>>>> = LazyLock::new(DashMap::new);

/// Counts the changes of `RUNTIMES`.
static CHANGES: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// What the last look found, for which runtime, after which change.
    static SEEN: RefCell<Option<(u64, Id, Weak<World>)>> = const { RefCell::new(None) };
    /// What this thread is told to take for the current one.
    static SAID: RefCell<Option<Arc<World>>> = const { RefCell::new(None) };
}

/// The current world, if there already is one.
pub(crate) fn current() -> Option<Arc<World>> {
    said().or_else(current::world).or_else(of_runtime)
}

/// The world that this thread is told to take, if it is told.
pub(crate) fn said() -> Option<Arc<World>> {
    let said = SAID.try_with(|said| said.try_borrow().ok()?.clone());
    said.ok().flatten()
}

/// Runs `what` with `world` as the current one of this thread.
pub(crate) fn within<T>(world: &Arc<World>, what: impl FnOnce() -> T) -> T {
    let before = SAID.replace(Some(world.clone()));
    let _back = Back(before);
    what()
}

/// What was said before.
struct Back(Option<Arc<World>>);

impl Drop for Back {
    fn drop(&mut self) {
        SAID.set(self.0.take());
    }
}

/// Looks at the current world, if there already is one. Whatever looks enters no process and runs no code of a user.
pub(crate) fn with<T>(look: impl FnOnce(&World) -> T) -> Option<T> {
    if let Some(world) = said() {
        return Some(look(&world));
    }
    if current::pid() == Pid::NOBODY {
        return of_runtime().map(|world| look(&world));
    }
    current::with_world(|world| look(world))
}

fn of_runtime() -> Option<Arc<World>> {
    let (id, changes) = (rt::current_runtime()?, CHANGES.load(Ordering::Acquire));
    let seen = SEEN.try_with(|seen| match &*seen.borrow() {
        Some((known, of, world)) if (*known, *of) == (changes, id) => world.upgrade(),
        _ => None,
    });
    if let Ok(Some(world)) = seen {
        return Some(world);
    }
    let world = RUNTIMES.get(&id)?.last().cloned()?;
    let found = Some((changes, id, Arc::downgrade(&world)));
    drop(SEEN.try_with(|seen| seen.replace(found)));
    Some(world)
}

fn changed() {
    CHANGES.fetch_add(1, Ordering::AcqRel);
}

/// The current world; made where there is a runtime and none yet.
pub(crate) fn current_or_new() -> Option<Arc<World>> {
    if let Some(world) = current() {
        return Some(world);
    }
    let handle = Handle::try_current().ok()?;
    let mut worlds = RUNTIMES.entry(handle.id()).or_default();
    if let Some(world) = worlds.first() {
        return Some(world.clone());
    }
    let world = World::new(handle, Settings::default());
    worlds.push(world.clone());
    drop(worlds);
    changed();
    keeper::keep(&world);
    Some(world)
}

/// Whether this thread works for the runtime of `world` now.
#[inline]
pub(crate) fn is_inside(world: &World) -> bool {
    current::is_in(world) || world.handle().is_some_and(rt::is_inside)
}

/// Makes a world the current one on its runtime.
pub(crate) fn enter(world: &Arc<World>) {
    if let Some(handle) = world.handle() {
        let mut worlds = RUNTIMES.entry(handle.id()).or_default();
        worlds.push(world.clone());
        drop(worlds);
        changed();
    }
}

/// Takes the last [`enter`] of a world back.
pub(crate) fn leave(world: &Arc<World>) {
    let Some(handle) = world.handle() else { return };
    if let Some(mut entered) = RUNTIMES.get_mut(&handle.id())
        && let Some(at) = entered.iter().rposition(|known| Arc::ptr_eq(known, world))
    {
        entered.remove(at);
        drop(entered);
        changed();
    }
}

/// Forgets a runtime that is going away.
pub(crate) fn forget(handle: &Handle) {
    drop(RUNTIMES.remove(&handle.id()));
    changed();
}
