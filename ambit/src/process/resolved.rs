//! A process that was named, looked up.

use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::core::ProcRef;
use crate::process::route::{self, Signal};
use crate::process::world::World;
use crate::process::worlds;
use crate::signal::Watched;

/// A target, looked up.
#[doc(hidden)]
#[derive(Clone)]
pub struct Resolved {
    pub(crate) pid: Pid,
    pub(crate) watched: Watched,
    pub(crate) process: Option<ProcRef>,
}

impl std::fmt::Debug for Resolved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Resolved")
            .field("pid", &self.pid)
            .field("watched", &self.watched)
            .finish()
    }
}

impl Resolved {
    pub(crate) fn process(process: ProcRef) -> Self {
        let pid = process.core().pid;
        Self {
            pid,
            watched: Watched::Process(pid),
            process: Some(process),
        }
    }

    pub(crate) fn nobody(watched: Watched) -> Self {
        Self {
            pid: Pid::NOBODY,
            watched,
            process: None,
        }
    }

    pub(crate) fn pid(pid: Pid) -> Self {
        Self {
            pid,
            watched: Watched::Process(pid),
            process: route::find(pid),
        }
    }

    /// Sends a signal, through the handle if there is one.
    pub(crate) fn send(&self, signal: Signal) -> Result<(), ExitReason> {
        match &self.process {
            Some(process) => route::accept(&**process, signal),
            None => route::send(&self.world(), self.pid, signal),
        }
    }

    /// The system of the target, or the one this code runs in.
    pub(crate) fn world(&self) -> Arc<World> {
        match &self.process {
            Some(process) => process.core().world.clone(),
            None => worlds::current().unwrap_or_else(World::nowhere),
        }
    }

    /// The process, if it has not ended.
    pub(crate) fn alive(&self) -> Option<&ProcRef> {
        self.process
            .as_ref()
            .filter(|process| process.core().is_alive())
    }
}
