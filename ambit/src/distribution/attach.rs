//! The attachment of another node to a system.

use std::fmt;
use std::sync::Arc;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::node_signal::{RemoteNode, Signal};
use crate::process::queued_signals::QueuedSignals;
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

struct Carried {
    signals: Arc<dyn Signals>,
    queued: QueuedSignals,
}

impl RemoteNode for Carried {
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason> {
        self.signals.signal(to, signal);
        Ok(())
    }

    fn queued(&self) -> Option<&QueuedSignals> {
        Some(&self.queued)
    }
}

/// An incarnation of a node that has ended.
struct EndedIncarnation(QueuedSignals);

impl RemoteNode for EndedIncarnation {
    fn deliver(&self, _to: Pid, _signal: Signal) -> Result<(), ExitReason> {
        Err(ExitReason::NoProcess)
    }

    fn queued(&self) -> Option<&QueuedSignals> {
        Some(&self.0)
    }
}

/// The attachment of one incarnation of another node to a system. It assigns local pids to the processes of the node,
/// and carries signals in both directions. Dropping it handles the loss of the connection, like
/// [`disconnect`](Self::disconnect); its number is never reused.
pub struct Attachment {
    system: Arc<SystemInner>,
    number: u64,
    queued: QueuedSignals,
}

impl Attachment {
    /// Creates an attachment that is not connected to the node yet.
    #[must_use]
    pub fn new(system: &System) -> Self {
        Self::with_queued(system, QueuedSignals::default())
    }

    /// Creates an attachment that is not connected to the node yet. Signals of the node count in `queued` while they
    /// wait in mailboxes; several incarnations of a node can share the count.
    #[must_use]
    pub fn with_queued(system: &System, queued: QueuedSignals) -> Self {
        Self {
            system: system.inner.clone(),
            number: SystemInner::next_node(),
            queued,
        }
    }

    /// Returns the count of the node's signals that wait in mailboxes.
    #[must_use]
    pub fn queued(&self) -> &QueuedSignals {
        &self.queued
    }

    /// Returns the number of this attachment, which is part of the local pid of every process of the node.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Returns the node number in `pid`: the number of an attachment, or of a system in this program.
    #[must_use]
    pub fn number_of(pid: Pid) -> u64 {
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
        let queued = self.queued.clone();
        let node = Carried { signals, queued };
        self.system.add_node(self.number, Arc::new(node));
    }

    /// Handles the loss of the connection: every link and monitor to a process of the node fires once with
    /// `NoConnection`.
    pub fn disconnect(&self) {
        self.system.remove_node(self.number);
    }

    /// Marks this incarnation of the node as ended: from now on, linking or monitoring one of its processes reports
    /// `NoProcess`.
    pub fn over(&self) {
        let node = EndedIncarnation(self.queued.clone());
        self.system.add_node(self.number, Arc::new(node));
    }

    /// Applies a signal from the attached node to the process `to` of this system.
    ///
    /// # Errors
    /// If `to` does not exist, returns the exit reason that must be sent back to the process that links or monitors it.
    pub fn accept(&self, to: Pid, signal: Signal) -> Result<(), ExitReason> {
        route::receive(&self.system, to, signal, &self.queued)
    }
}

impl Drop for Attachment {
    fn drop(&mut self) {
        self.system.remove_node(self.number);
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::plain::inbox::Inbox;
    use crate::plain::inbox_event::InboxEvent;

    struct Silent;

    impl Signals for Silent {
        fn signal(&self, _to: Pid, _signal: Signal) {}
    }

    #[tokio::test]
    async fn a_dropped_attachment_leaves_no_entry() {
        let system = System::current().unwrap();
        for round in 0..1_000 {
            let attachment = Attachment::new(&system);
            match round % 3 {
                0 => {}
                1 => attachment.connect(Arc::new(Silent)),
                _ => attachment.over(),
            }
        }
        assert_eq!(system.inner.known_nodes(), 0);
    }

    #[tokio::test]
    async fn a_pid_of_a_dropped_attachment_is_unreachable() {
        let system = System::current().unwrap();
        let attachment = Attachment::new(&system);
        attachment.connect(Arc::new(Silent));
        let pid = attachment.pid(0, 0);
        let process = crate::spawn(move |mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            inbox.link(pid).unwrap();
            drop(attachment);
            // A monitor that is added later reports the same.
            for is_later in [false, true] {
                if is_later {
                    inbox.monitor(pid);
                }
                match inbox.next_within(Duration::from_secs(10)).await {
                    Some(InboxEvent::Exit(exit)) => {
                        assert_eq!(exit.reason, ExitReason::NoConnection)
                    }
                    Some(InboxEvent::Down(down)) => {
                        assert_eq!(down.reason, ExitReason::NoConnection)
                    }
                    other => panic!("{other:?}"),
                }
            }
        });
        assert_eq!(process.closed().await, ExitReason::Normal);
    }
}
