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

/// A sender of signals to the processes of one incarnation of another node.
pub trait Signals: Send + Sync + 'static {
    /// Sends a signal to the process `to` of that node. Never fails. Signals and messages between two processes keep
    /// their order.
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

/// The attachment of one incarnation of another node to a system. It assigns local pids to the processes of the node,
/// and carries signals in both directions.
pub struct Attachment {
    system: Arc<SystemInner>,
    number: u32,
}

impl Attachment {
    /// Creates an attachment that is not connected to the node yet.
    #[must_use]
    pub fn new(system: &System) -> Self {
        Self {
            system: system.inner.clone(),
            number: SystemInner::next_node(),
        }
    }

    /// Returns the number of this attachment, which is part of the local pid of every process of the node.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Returns the node number in `pid`: the number of an attachment, or of a system in this program.
    #[must_use]
    pub fn number_of(pid: Pid) -> u32 {
        pid.node()
    }

    /// Returns the local pid of the process that has this slot and generation on the other node.
    #[must_use]
    pub fn pid(&self, slot: u32, generation: u32) -> Pid {
        Pid::new(self.number, slot, generation)
    }

    /// Returns the slot and the generation of a process of the attached node; `None` if `pid` belongs to any other
    /// node.
    #[must_use]
    pub fn parts(&self, pid: Pid) -> Option<(u32, u32)> {
        (pid.node() == self.number).then(|| (pid.slot(), pid.generation()))
    }

    /// Sends all further signals through `signals`.
    pub fn connect(&self, signals: Arc<dyn Signals>) {
        self.system
            .add_node(self.number, Arc::new(Carried(signals)));
    }

    /// Handles the loss of the connection: every link and monitor to a process of the node fires once with
    /// `NoConnection`.
    pub fn disconnect(&self) {
        self.system.remove_node(self.number);
    }

    /// Marks this incarnation of the node as ended: from now on, linking or monitoring one of its processes reports
    /// `NoProcess`.
    pub fn over(&self) {
        self.system
            .add_node(self.number, Arc::new(EndedIncarnation));
    }

    /// Applies a signal from the attached node to the process `to` of this system.
    ///
    /// # Errors
    /// If `to` does not exist, returns the exit reason that must be sent back to the process that links or monitors it.
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
    /// Returns the reference as a number that can be sent to another node.
    #[must_use]
    pub fn number(self) -> u64 {
        self.0
    }

    /// Creates a reference from a number that [`number`](Self::number) returned on this or another node.
    #[must_use]
    pub fn from_number(number: u64) -> Self {
        Self(number)
    }
}
