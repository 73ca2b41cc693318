//! What can be monitored, linked and signalled.

use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::handle::process::Process;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::names::local;
use crate::pid::Pid;
use crate::process::core::ProcRef;
use crate::process::route::{self, Signal};
use crate::process::world::World;
use crate::signal::Watched;
use crate::system;

/// Whatever names a process: a handle, a [`Pid`], a registered name.
///
/// A name means whoever holds it at that moment. Handles that the macros write implement it too.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a process",
    label = "expected a handle, a `Pid` or a registered name"
)]
pub trait Target {
    #[doc(hidden)]
    fn __resolve(&self) -> Resolved;
}

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
            None => system::current_world().unwrap_or_else(World::nowhere),
        }
    }

    /// The same target, looked up anew if it is a name.
    pub(crate) fn again(self, world: &Arc<World>) -> Self {
        match &self.watched {
            Watched::Name(name) => local::resolve_in(world, name),
            Watched::Process(_) => self,
        }
    }

    /// The process, if it has not ended.
    pub(crate) fn alive(&self) -> Option<&ProcRef> {
        self.process
            .as_ref()
            .filter(|process| process.core().is_alive())
    }
}

impl<T: Target + ?Sized> Target for &T {
    fn __resolve(&self) -> Resolved {
        (**self).__resolve()
    }
}

impl Target for Pid {
    fn __resolve(&self) -> Resolved {
        Resolved::pid(*self)
    }
}

impl Target for str {
    fn __resolve(&self) -> Resolved {
        local::resolve(self)
    }
}

impl Target for String {
    fn __resolve(&self) -> Resolved {
        local::resolve(self)
    }
}

impl Target for Process {
    fn __resolve(&self) -> Resolved {
        self.resolve()
    }
}

impl<P: Protocol + ?Sized> Target for Subject<P> {
    fn __resolve(&self) -> Resolved {
        self.resolve()
    }
}
