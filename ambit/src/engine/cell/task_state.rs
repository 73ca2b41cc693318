//! What the task of a process does. One value: its facts cannot contradict each other.
//!
//! It changes under the lock of the cell. The word of the cell says whether the run permit is taken; the task state says
//! whether the task has it.

/// A server's task goes from `Granted` to `Running` and back to `Parked`; with an idle timeout it waits between two
/// messages with the run permit. A plain process or a supervisor is never parked: it runs while its permit is granted.
///
/// The variant has a byte of its own, so that the question of each sender, whether the process waits, is one comparison.
#[repr(u8)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TaskState {
    /// There is none: work makes one.
    Absent,
    /// It waits for the run permit, which is free, or taken by a caller that runs a handler inline.
    Parked(Reaping),
    /// The run permit waits for the task. A process that never picks it up runs in this state.
    Granted { watched: bool },
    /// It has picked up the run permit.
    Running { watched: bool },
    /// It waits for a message with the run permit; `granted`, if it has never picked that up.
    Waiting { watched: bool, granted: bool },
}

/// What the reaper, which lets the tasks of idle servers end, knows of a parked task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reaping {
    /// The reaper does not ask whether it may end.
    Unwatched,
    /// It asks now and then; the task has run since it last asked,
    Used,
    /// or has not.
    Unused,
    /// The task is to end as soon as it is polled without the run permit.
    Released,
}

impl TaskState {
    /// Whether the process waits for a message with the run permit.
    pub(super) fn is_waiting(self) -> bool {
        matches!(self, Self::Waiting { .. })
    }

    /// Whether the run permit is taken and not picked up.
    pub(super) fn is_granted(self) -> bool {
        matches!(
            self,
            Self::Granted { .. } | Self::Waiting { granted: true, .. }
        )
    }

    /// Whether the reaper asks now and then if the task may end.
    pub(super) fn is_watched(self) -> bool {
        match self {
            Self::Absent => false,
            Self::Parked(reaping) => matches!(reaping, Reaping::Used | Reaping::Unused),
            Self::Granted { watched }
            | Self::Running { watched }
            | Self::Waiting { watched, .. } => watched,
        }
    }

    /// The run permit waits for the task from now on.
    pub(super) fn granted(self) -> Self {
        Self::Granted {
            watched: self.is_watched(),
        }
    }

    /// The task gives the run permit back and is watched from now on; whether it was.
    #[inline]
    pub(super) fn park(&mut self) -> bool {
        let watched = matches!(
            self,
            Self::Granted { watched: true } | Self::Running { watched: true }
        );
        *self = Self::Parked(Reaping::Used);
        watched
    }

    /// The process waits for a message from now on.
    pub(super) fn waits(self) -> Self {
        Self::Waiting {
            granted: self.is_granted(),
            watched: self.is_watched(),
        }
    }

    /// The process no longer waits for a message, if it did.
    pub(super) fn goes_on(self) -> Self {
        match self {
            Self::Waiting { granted, watched } if granted => Self::Granted { watched },
            Self::Waiting { watched, .. } => Self::Running { watched },
            other => other,
        }
    }

    /// The reaper asks again, or no more: it could not have the run permit, which `may_be_free` soon.
    pub(super) fn asked_later(self, may_be_free: bool) -> Self {
        match self {
            // A task that works asks to be watched when it parks.
            Self::Absent | Self::Running { .. } | Self::Waiting { .. } => self.unwatched(),
            Self::Parked(Reaping::Unwatched) if may_be_free => Self::Parked(Reaping::Used),
            Self::Granted { .. } => Self::Granted {
                watched: may_be_free,
            },
            Self::Parked(_) if may_be_free => self,
            Self::Parked(_) => self.unwatched(),
        }
    }

    /// The reaper does not ask any more.
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

    /// The task is to end, if there is one.
    pub(super) fn released(self) -> Self {
        match self {
            Self::Absent => self,
            _ => Self::Parked(Reaping::Released),
        }
    }
}
