//! What processes tell each other about their ends: the two system messages and their parts.

use std::fmt;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;

/// Names one monitor, whose `Down` goes to the mailbox of its process: dropping it changes nothing. Each call of `monitor`
/// makes its own. (Erlang: the reference `monitor/2` returns.)
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MonitorRef(pub(crate) u64);

impl fmt::Debug for MonitorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MonitorRef({})", self.0)
    }
}

/// An exit signal that reached a process which traps exits. (Erlang: `{'EXIT', From, Reason}`.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Who sent it: the linked process that ended, or the caller of `exit`; [`Pid::NOBODY`] if that was no process.
    pub from: Pid,
    /// Why.
    pub reason: ExitReason,
}

/// The end of a monitored process: exactly one per monitor. (Erlang: `{'DOWN', Ref, process, Target, Reason}`.)
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Down {
    /// The monitor this answers.
    pub monitor: MonitorRef,
    /// What was monitored, as it was named when the monitor was made.
    pub target: Watched,
    /// Why it ended; `NoProcess` if it was not there to begin with.
    pub reason: ExitReason,
}

/// What a monitor was aimed at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "json",
    derive(serde::Serialize),
    serde(rename_all = "snake_case")
)]
pub enum Watched {
    /// A process.
    Process(Pid),
    /// Whoever held this name when the monitor was made.
    Name(String),
}
