//! The words of supervision: how children are restarted, stopped and listed.

use std::time::Duration;

use crate::handle::child::ChildKind;
use crate::pid::Pid;

/// Which children a restart takes along. (Erlang: `strategy` of `supervisor`.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// Only the child that ended.
    #[default]
    OneForOne,
    /// All children: the others are stopped in reverse order, then all are started in order.
    OneForAll,
    /// The child that ended and those after it: they depend on it.
    RestForOne,
}

/// When a child that ended by itself is started again. (Erlang: `restart` of a child spec.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Restart {
    /// Always.
    #[default]
    Permanent,
    /// After an abnormal end: any but `Normal`, `Shutdown` and `ShutdownWith`.
    Transient,
    /// Never. Its spec goes with it.
    Temporary,
}

/// How a child is stopped. (Erlang: `shutdown` of a child spec.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Shutdown {
    /// Killed at once: no `#[terminate]` runs.
    Brutal,
    /// Asked with `Shutdown`, killed if it has not ended after this time.
    After(Duration),
    /// Asked with `Shutdown`, for as long as it takes.
    Infinity,
}

impl Shutdown {
    /// How long a child has to end, from the moment it is asked; `None`: as long as it takes.
    pub(crate) fn time(self) -> Option<Duration> {
        match self {
            Self::Brutal => Some(Duration::ZERO),
            Self::After(time) => Some(time),
            Self::Infinity => None,
        }
    }
}

impl From<Duration> for Shutdown {
    fn from(time: Duration) -> Self {
        Self::After(time)
    }
}

/// Whether a supervisor stops when its significant children have ended. (Erlang: `auto_shutdown`.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum AutoShutdown {
    /// It does not.
    #[default]
    Never,
    /// When one significant child has ended by itself and is not restarted.
    Any,
    /// When the last one has.
    All,
}

/// Whether a child runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildState {
    /// It runs. A child that is `stuck` runs too: it has been told to stop and does not.
    Running(Pid),
    /// It is down and will be started again: its restart is under way or has failed, or it waits for its back-off.
    Restarting,
    /// It does not run, and nobody tries.
    Stopped,
}

/// One child of a supervisor. (Erlang: an element of `supervisor:which_children/1`, completed by `get_childspec/2`.)
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// Its id; of dynamic children the name of the type, which several may share.
    pub id: String,
    /// Whether it runs.
    pub state: ChildState,
    /// What kind of process it is.
    pub kind: ChildKind,
    /// When it is restarted.
    pub restart: Restart,
    /// How it is stopped.
    pub shutdown: Shutdown,
    /// Whether its end may end the supervisor.
    pub significant: bool,
}

/// How many children a supervisor has. (Erlang: `supervisor:count_children/1`.)
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildCounts {
    /// All of them, running or not.
    pub specs: usize,
    /// Those that run.
    pub active: usize,
    /// Workers, running or not.
    pub workers: usize,
    /// Supervisors, running or not.
    pub supervisors: usize,
}

impl ChildCounts {
    /// One more child.
    pub(crate) fn add(&mut self, kind: ChildKind, is_active: bool) {
        self.specs += 1;
        self.active += usize::from(is_active);
        match kind {
            ChildKind::Worker => self.workers += 1,
            ChildKind::Supervisor => self.supervisors += 1,
        }
    }
}
