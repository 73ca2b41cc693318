//! The processes of this system, as other nodes name them.

use std::fmt;
use std::sync::Arc;

use crate::pid::Pid;
use crate::process::world::World;
use crate::system::System;

/// The processes of a system, by the numbers under which other nodes know them.
#[derive(Clone)]
pub struct Local {
    world: Arc<World>,
}

impl Local {
    /// Of this system.
    #[must_use]
    pub fn new(system: &System) -> Self {
        Self {
            world: system.world.clone(),
        }
    }

    /// Whether it is a process of this system, living or not.
    #[must_use]
    pub fn owns(&self, pid: Pid) -> bool {
        pid.node() == self.world.node()
    }

    /// Slot and generation of a process of this system.
    #[must_use]
    pub fn parts(&self, pid: Pid) -> Option<(u32, u32)> {
        self.owns(pid).then(|| (pid.slot(), pid.generation()))
    }

    /// The pid with this slot and generation.
    #[must_use]
    pub fn pid(&self, slot: u32, generation: u32) -> Pid {
        Pid::new(self.world.node(), slot, generation)
    }

    /// Calls `hook` when the process ends; at once if it has.
    pub fn on_exit(&self, pid: Pid, hook: impl FnOnce(Pid) + Send + 'static) {
        let Some(process) = self.world.table.get(pid) else {
            hook(pid);
            return;
        };
        let refused = process.core().relations.lock().on_exit(Box::new(hook)).err();
        if let Some(hook) = refused {
            hook(pid);
        }
    }

    /// A random number, from the system's dice.
    #[must_use]
    pub fn dice(&self) -> u64 {
        self.world.dice()
    }

    /// A number that was not given before in this system.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.world.next_ref()
    }
}

impl fmt::Debug for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Local({})", self.world.node())
    }
}
