//! The processes of this system, under the numbers that other nodes use for them.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::handle::process::Process;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::adopt;
use crate::process::current;
use crate::process::exit_hook::ExitHook;
use crate::process::link;
use crate::process::resolved::Resolved;
use crate::process::signal;
use crate::process::system_inner::SystemInner;
use crate::system::System;

/// The processes of a system, identified by slot and generation as other nodes do.
#[derive(Clone)]
pub struct LocalProcesses {
    system: Arc<SystemInner>,
}

impl LocalProcesses {
    /// Returns the processes of this system.
    #[must_use]
    pub fn new(system: &System) -> Self {
        Self {
            system: system.inner.clone(),
        }
    }

    /// Returns true if `pid` belongs to this system, whether or not the process still runs.
    #[must_use]
    pub fn owns(&self, pid: Pid) -> bool {
        pid.node() == self.system.node()
    }

    /// Returns the slot and the generation of a process of this system; `None` if `pid` belongs to another system or
    /// node.
    #[must_use]
    pub fn parts(&self, pid: Pid) -> Option<(u32, u32)> {
        self.owns(pid).then(|| (pid.slot(), pid.generation()))
    }

    /// Returns the pid of the process with this slot and generation in this system.
    #[must_use]
    pub fn pid(&self, slot: u32, generation: u32) -> Pid {
        Pid::new(self.system.node(), slot, generation)
    }

    /// Returns true if `pid` is a process of this system that has not ended.
    #[must_use]
    pub fn is_running(&self, pid: Pid) -> bool {
        let process = self.system.table.get(pid);
        self.owns(pid) && process.is_some_and(|process| !process.core().has_exited())
    }

    /// Calls `hook` when the process ends, unless the returned guard is dropped before. If the process has already
    /// ended, returns `None` and drops `hook` without calling it.
    pub fn on_exit(&self, pid: Pid, hook: impl FnOnce(Pid) + Send + 'static) -> Option<OnExit> {
        let process = self.system.table.get(pid)?;
        ExitHook::new(&process, hook).map(OnExit)
    }

    /// Returns a random number from the generator of the system.
    #[must_use]
    pub fn random(&self) -> u64 {
        self.system.random()
    }

    /// Returns a number that is unique in this system.
    #[must_use]
    pub fn next_number(&self) -> u64 {
        self.system.next_ref()
    }
}

/// The guard of an exit hook, from [`LocalProcesses::on_exit`]. Dropping the guard removes the hook.
#[must_use = "dropping it takes the hook back"]
pub struct OnExit(ExitHook);

impl fmt::Debug for OnExit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OnExit").field(&self.0.process()).finish()
    }
}

/// Returns true while all processes of `system` are being stopped.
#[must_use]
pub fn is_stopping(system: &System) -> bool {
    system.inner.is_stopping()
}

/// Makes the calling process the parent of `child`, as if it had started `child` with a link. Returns `None` if no such
/// process exists.
pub fn adopt(child: impl Target) -> Option<Process> {
    let child = child.__resolve().process?;
    adopt::adopt(&child);
    Some(Process::fixed(child))
}

/// Returns the parent of the calling process: its supervisor, or the process that started it with a link.
#[must_use]
pub fn own_parent() -> Option<Pid> {
    current::current()?.core().relations.lock().parent()
}

/// Suppresses the crash report of the calling process, because another process that ends together with it reports the
/// crash.
pub fn leave_report_to_other() {
    if let Some(process) = current::current() {
        process.core().relations.lock().make_rare().is_reported = true;
    }
}

/// Converts an error of user code into an exit reason. An error that is an `ExitReason` is returned unchanged.
pub fn error_reason(error: impl Into<Box<dyn Error + Send + Sync>>) -> ExitReason {
    ExitReason::from_user(error)
}

/// Makes `parent`, which may be a process of another node, the parent of `child`, a process of this system, as if it had
/// started `child` with a link. If `child` has already ended, `parent` receives its exit reason.
pub fn link_to_parent(child: &Process, parent: Pid) {
    if let Some(child) = child.current() {
        link::link_running_child(&*child, parent);
    }
}

/// Removes the link of `process`, a process of this system, to `to`, a process of another node, as if `process` had
/// called `unlink` itself. Does nothing if they are not linked.
pub fn unlink_on_behalf(process: &Process, to: Pid) {
    if let Some(process) = process.current() {
        link::unlink_from(&*process, &Resolved::pid(to));
    }
}

/// Shuts `process` down, a process of this system, as its parent does: a server that traps exits ends too.
pub fn shut_down(process: &Process) {
    if let Some(process) = process.current() {
        signal::receive_from_system(&*process, ExitReason::Shutdown);
    }
}

impl fmt::Debug for LocalProcesses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalProcesses({})", self.system.node())
    }
}
