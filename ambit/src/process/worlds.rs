//! Which world code runs in: that of its process, else the one entered on its runtime, else the runtime's own.

use std::sync::{Arc, LazyLock};

use dashmap::DashMap;
use tokio::runtime::Id;

use crate::process::world::{Settings, World};
use crate::process::{current, keeper};
use crate::rt::{self, Handle};

/// The worlds of each runtime: its own, and those that were entered, newest last.
static RUNTIMES: LazyLock<DashMap<Id, Vec<Arc<World>>>> = LazyLock::new(DashMap::new);

/// The current world, if there already is one.
pub(crate) fn current() -> Option<Arc<World>> {
    if let Some(process) = current::current() {
        return Some(process.core().world.clone());
    }
    let handle = Handle::try_current().ok()?;
    RUNTIMES.get(&handle.id())?.last().cloned()
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
    keeper::keep(&world);
    Some(world)
}

/// Whether this thread works for the runtime of `world` now.
pub(crate) fn is_inside(world: &World) -> bool {
    current::is_in(world) || world.handle().is_some_and(rt::is_inside)
}

/// Makes a world the current one on its runtime.
pub(crate) fn enter(world: &Arc<World>) {
    if let Some(handle) = world.handle() {
        let mut worlds = RUNTIMES.entry(handle.id()).or_default();
        worlds.push(world.clone());
    }
}

/// Takes the last [`enter`] of a world back.
pub(crate) fn leave(world: &Arc<World>) {
    let Some(handle) = world.handle() else { return };
    if let Some(mut entered) = RUNTIMES.get_mut(&handle.id())
        && let Some(at) = entered.iter().rposition(|known| Arc::ptr_eq(known, world))
    {
        entered.remove(at);
    }
}

/// Forgets a runtime that is going away.
pub(crate) fn forget(handle: &Handle) {
    drop(RUNTIMES.remove(&handle.id()));
}
