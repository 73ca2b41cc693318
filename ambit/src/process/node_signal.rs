//! Signals between processes, and the nodes that deliver them.

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::queued_signals::QueuedSignals;
use crate::signal::MonitorRef;

/// A signal from one process to another; a signal is not a message.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "remote"),
    allow(unreachable_pub, reason = "only other nodes are notified")
)]
pub enum Signal {
    /// An exit signal.
    Exit {
        /// The sender.
        from: Pid,
        /// The reason.
        reason: ExitReason,
        /// The origin of the signal: an explicit `exit`, or the end of a linked process.
        cause: Cause,
    },
    /// An exit signal that is sent ahead of messages of its sender, which still wait on the other node. It has an effect
    /// only if it ends the receiver. `Exit` follows the messages, unless the session ends first, and may become a message.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "only messages to other nodes wait there")
    )]
    ExitAhead {
        /// The sender.
        from: Pid,
        /// The reason.
        reason: ExitReason,
        /// The origin of the signal.
        cause: Cause,
    },
    /// The sender has linked itself to the receiver.
    Link {
        /// The sender.
        from: Pid,
    },
    /// The sender has removed the link.
    Unlink {
        /// The sender.
        from: Pid,
    },
    /// The sender requests one `Down` when the receiver ends.
    Monitor {
        /// The sender; `Pid::NOBODY` for a monitor outside any process.
        from: Pid,
        /// The reference that the `Down` will carry.
        monitor: MonitorRef,
    },
    /// The sender removes its monitor.
    Demonitor {
        /// The sender.
        from: Pid,
        /// The reference of the monitor.
        monitor: MonitorRef,
    },
    /// The monitored process has ended.
    Down {
        /// The process that ended. The signal has no effect unless the monitor is of this process: references are
        /// consecutive numbers, which another node could guess.
        from: Pid,
        /// The reference of the monitor.
        monitor: MonitorRef,
        /// The exit reason of the process.
        reason: ExitReason,
    },
    /// The receiver is asked to stop after the messages that are queued before this signal.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "only other nodes request it")
    )]
    Stop {
        /// The sender.
        from: Pid,
        /// The reason.
        reason: ExitReason,
    },
}

/// The origin of an exit signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "remote"),
    allow(unreachable_pub, reason = "only other nodes are notified")
)]
pub enum Cause {
    /// The signal was sent with `exit`.
    Sent,
    /// A linked process ended.
    Link,
}

/// Another node: delivers signals to its processes, in order.
pub(crate) trait RemoteNode: Send + Sync {
    /// Delivers a signal; `Err` is the reason for a failure that is known at once.
    fn deliver(&self, to: Pid, signal: Signal) -> Result<(), ExitReason>;

    /// Returns the count of its signals that wait in mailboxes, if they are counted.
    fn queued(&self) -> Option<&QueuedSignals> {
        None
    }
}
