//! Another node's place in a system.

use std::fmt;
use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::node_signal::{RemoteNode, Signal};
use crate::process::route;
use crate::process::system_inner::SystemInner;
use crate::signal::MonitorRef;
use crate::system::System;

/// Carries signals to the processes of one life of another node.
pub trait Signals: Send + Sync + 'static {
    /// Takes a signal for a process of that node. It is never refused; in one pair of processes nothing overtakes it.
    fn signal(&self, to: Pid, signal: Signal);
}

struct Carried(Arc<dyn Signals>);

impl RemoteNode for Carried {
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason> {
        self.0.signal(to, signal);
        Ok(())
    }
}

/// A life of a node that is over.
struct EndedIncarnation;

impl RemoteNode for EndedIncarnation {
    fn deliver(&self, _to: Pid, _signal: Signal) -> Result<(), ExitReason> {
        Err(ExitReason::NoProcess)
    }
}

/// The place of one life of another node in a system: the pids of its processes, and what goes to and fro.
pub struct Attachment {
    system: Arc<SystemInner>,
    number: u32,
}

impl Attachment {
    /// A new place, without a way to the node.
    #[must_use]
    pub fn new(system: &System) -> Self {
        Self {
            system: system.inner.clone(),
            number: SystemInner::next_node(),
        }
    }

    /// The number of this place: all pids here of processes there have it.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// The number of the place that a pid is of: that of an attachment, or of a system of this program.
    #[must_use]
    pub fn number_of(pid: Pid) -> u32 {
        pid.node()
    }

    /// The pid here of a process there.
    #[must_use]
    pub fn pid(&self, slot: u32, generation: u32) -> Pid {
        Pid::new(self.number, slot, generation)
    }

    /// Slot and generation of a process there; `None` for a pid of another node.
    #[must_use]
    pub fn parts(&self, pid: Pid) -> Option<(u32, u32)> {
        (pid.node() == self.number).then(|| (pid.slot(), pid.generation()))
    }

    /// From now on signals go there.
    pub fn connect(&self, signals: Arc<dyn Signals>) {
        self.system
            .add_node(self.number, Arc::new(Carried(signals)));
    }

    /// The way is lost: every link and monitor to its processes ends with `NoConnection`, once.
    pub fn disconnect(&self) {
        self.system.remove_node(self.number);
    }

    /// This life of the node is over: whoever links or monitors one of its processes hears that there is none.
    pub fn over(&self) {
        self.system
            .add_node(self.number, Arc::new(EndedIncarnation));
    }

    /// Lets a signal from there act on a process here.
    ///
    /// # Errors
    /// There is no such process: the reason that the sender of a link or monitor has to be told.
    pub fn accept(&self, to: Pid, signal: Signal) -> Result<(), ExitReason> {
        if to.node() != self.system.node() {
            return Err(ExitReason::NoProcess);
        }
        route::send(&self.system, to, signal)
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attachment({})", self.number)
    }
}

impl MonitorRef {
    /// As a number, for another node.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// From a number that [`number`](Self::number) gave, here or elsewhere.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }
}
