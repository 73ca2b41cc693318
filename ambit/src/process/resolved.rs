//! A resolved target process.

use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::current_system;
use crate::process::header::ProcessRef;
use crate::process::node_signal::Signal;
use crate::process::route;
use crate::process::system_inner::SystemInner;
use crate::signal::Watched;

/// A resolved target.
#[doc(hidden)]
#[derive(Clone)]
pub struct Resolved {
    pub(crate) pid: Pid,
    pub(crate) watched: Watched,
    /// The process, if it is in this program.
    pub(crate) process: Option<ProcessRef>,
    /// The proxy of a process on another node, if the handle has one.
    pub(crate) far: Option<ProcessRef>,
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
    pub(crate) fn process(process: ProcessRef) -> Self {
        let pid = process.core().pid;
        let (process, far) = match process.core().is_remote() {
            false => (Some(process), None),
            true => (None, Some(process)),
        };
        Self {
            pid,
            watched: Watched::Process(pid),
            process,
            far,
        }
    }

    pub(crate) fn nobody(watched: Watched) -> Self {
        Self {
            pid: Pid::NOBODY,
            watched,
            process: None,
            far: None,
        }
    }

    pub(crate) fn pid(pid: Pid) -> Self {
        Self {
            pid,
            watched: Watched::Process(pid),
            process: route::find(pid),
            far: None,
        }
    }

    /// Sends a signal, through the handle's process if there is one.
    pub(crate) fn send(&self, signal: Signal) -> Result<(), ExitReason> {
        match &self.process {
            Some(process) => route::accept(&**process, signal),
            None => route::send(&self.system(), self.pid, signal),
        }
    }

    /// Returns the system of the target, or the current one.
    pub(crate) fn system(&self) -> Arc<SystemInner> {
        match self.known() {
            Some(process) => process.core().system.clone(),
            None => current_system::current().unwrap_or_else(SystemInner::nowhere),
        }
    }

    /// Returns the handle's process, local or remote.
    pub(crate) fn known(&self) -> Option<&ProcessRef> {
        self.process.as_ref().or(self.far.as_ref())
    }

    /// Returns the process, if it is not known to have ended.
    pub(crate) fn alive(&self) -> Option<&ProcessRef> {
        self.known().filter(|process| process.core().is_alive())
    }
}
