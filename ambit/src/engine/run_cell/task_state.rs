//! The state of a process's task. It is one value, so its facts cannot contradict each other.
//!
//! It changes under the lock of the cell. The word of the cell records whether the run permit is taken; the task state
//! records whether the task has it.

/// A server's task goes from `Granted` to `Running` and back to `Parked`; with an idle timeout it waits between two
/// messages with the run permit. A plain process or a supervisor is never parked: it runs while its permit is granted.
///
/// The variant has a byte of its own, so that each sender's check whether the process waits is one comparison.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskState {
    /// There is no task: work spawns one.
    Absent,
    /// It waits for the run permit, which is free, or taken by a caller that runs a handler inline.
    Parked(Reaping),
    /// The run permit waits for the task. A process that never picks it up runs in this state.
    Granted { watched: bool },
    /// It has taken the run permit.
    Running { watched: bool },
    /// It waits for a message with the run permit; `granted` if it has never taken that.
    Waiting { watched: bool, granted: bool },
}

/// The reaper's state of a parked task. The reaper ends the tasks of idle servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaping {
    /// The reaper does not check it.
    Unwatched,
    /// The reaper checks it periodically; the task has run since the last check.
    Used,
    /// The reaper checks it periodically; the task has not run since the last check.
    Unused,
    /// The task ends as soon as it is polled without the run permit.
    Released,
}

impl TaskState {
    /// Returns true if the process waits for a message with the run permit.
    pub(super) fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting { .. })
    }

    /// Returns true if the run permit is granted and not yet taken by the task.
    pub(super) fn is_granted(self) -> bool {
        matches!(
            self,
            Self::Granted { .. } | Self::Waiting { granted: true, .. }
        )
    }

    /// Returns true if the reaper checks the task periodically.
    pub(super) fn is_watched(self) -> bool {
        match self {
            Self::Absent => false,
            Self::Parked(reaping) => matches!(reaping, Reaping::Used | Reaping::Unused),
            Self::Granted { watched }
            | Self::Running { watched }
            | Self::Waiting { watched, .. } => watched,
        }
    }

    /// Grants the run permit to the task.
    pub(super) fn granted(self) -> Self {
        Self::Granted {
            watched: self.is_watched(),
        }
    }

    /// Parks the task, without the run permit, and watches it from now on; returns whether it was watched before.
    #[inline]
    pub(super) fn park(&mut self) -> bool {
        let watched = matches!(
            self,
            Self::Granted { watched: true } | Self::Running { watched: true }
        );
        *self = Self::Parked(Reaping::Used);
        watched
    }

    /// Begins to wait for a message.
    pub(super) fn waits(self) -> Self {
        Self::Waiting {
            granted: self.is_granted(),
            watched: self.is_watched(),
        }
    }

    /// Ends a wait for a message, if there is one.
    pub(super) fn goes_on(self) -> Self {
        match self {
            Self::Waiting { granted, watched } if granted => Self::Granted { watched },
            Self::Waiting { watched, .. } => Self::Running { watched },
            other => other,
        }
    }

    /// Schedules another check by the reaper, or none: the reaper could not take the run permit, which `may_be_free`
    /// soon.
    pub(super) fn asked_later(self, may_be_free: bool) -> Self {
        match self {
            // A working task requests to be watched when it parks.
            Self::Absent | Self::Running { .. } | Self::Waiting { .. } => self.unwatched(),
            Self::Parked(Reaping::Unwatched) if may_be_free => Self::Parked(Reaping::Used),
            Self::Granted { .. } => Self::Granted {
                watched: may_be_free,
            },
            Self::Parked(_) if may_be_free => self,
            Self::Parked(_) => self.unwatched(),
        }
    }

    /// Ends the checks by the reaper.
    pub(super) fn unwatched(self) -> Self {
        match self {
            Self::Absent => self,
            Self::Parked(Reaping::Released) => self,
            Self::Parked(_) => Self::Parked(Reaping::Unwatched),
            Self::Granted { .. } => Self::Granted { watched: false },
            Self::Running { .. } => Self::Running { watched: false },
            Self::Waiting { granted, .. } => Self::Waiting {
                granted,
                watched: false,
            },
        }
    }

    /// Makes the task end, if there is one.
    pub(super) fn released(self) -> Self {
        match self {
            Self::Absent => self,
            _ => Self::Parked(Reaping::Released),
        }
    }
}
