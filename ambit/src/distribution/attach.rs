//! The attachment of another node to a system.

use std::fmt;
use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::node_signal::{RemoteNode, Signal};
use crate::process::route;
use crate::process::system_inner::SystemInner;
use crate::signal::MonitorRef;
use crate::system::System;

/// Carries signals to the processes of one incarnation of another node.
pub trait Signals: Send + Sync + 'static {
    /// Sends a signal to a process of that node. It never fails; between two processes, signals and messages stay in
    /// order.
    fn signal(&self, to: Pid, signal: Signal);
}

struct Carried(Arc<dyn Signals>);

impl RemoteNode for Carried {
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason> {
        self.0.signal(to, signal);
        Ok(())
    }
}

/// An incarnation of a node that has ended.
struct EndedIncarnation;

impl RemoteNode for EndedIncarnation {
    fn deliver(&self, _to: Pid, _signal: Signal) -> Result<(), ExitReason> {
        Err(ExitReason::NoProcess)
    }
}

/// The attachment of one incarnation of another node to a system: the pids of its processes, and the signals in both
/// directions.
pub struct Attachment {
    system: Arc<SystemInner>,
    number: u32,
}

impl Attachment {
    /// Creates an attachment without a connection to the node.
    #[must_use]
    pub fn new(system: &System) -> Self {
        Self {
            system: system.inner.clone(),
            number: SystemInner::next_node(),
        }
    }

    /// Returns the number of this attachment, which all local pids of its processes contain.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the node number in `pid`: the number of an attachment, or of a system in this program.
    #[must_use]
    pub fn number_of(pid: Pid) -> u32 {
        pid.node()
    }

    /// Returns the local pid of a process of that node.
    #[must_use]
    pub fn pid(&self, slot: u32, generation: u32) -> Pid {
        Pid::new(self.number, slot, generation)
    }

    /// Returns slot and generation of a process of that node; `None` for a pid of another node.
    #[must_use]
    pub fn parts(&self, pid: Pid) -> Option<(u32, u32)> {
        (pid.node() == self.number).then(|| (pid.slot(), pid.generation()))
    }

    /// Sends all further signals through `signals`.
    pub fn connect(&self, signals: Arc<dyn Signals>) {
        self.system
            .add_node(self.number, Arc::new(Carried(signals)));
    }

    /// Handles the loss of the connection: every link and monitor to its processes ends with `NoConnection`, once.
    pub fn disconnect(&self) {
        self.system.remove_node(self.number);
    }

    /// Marks this incarnation of the node as ended: linking or monitoring one of its processes reports `NoProcess`.
    pub fn over(&self) {
        self.system
            .add_node(self.number, Arc::new(EndedIncarnation));
    }

    /// Applies a signal from that node to a process of this system.
    ///
    /// # Errors
    /// Returns the reason to send back to the process that links or monitors, if there is no such process.
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
    /// Returns the number, for another node.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// Creates it from a number that [`number`](Self::number) returned, on this or another node.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }
}
