//! Why applications did not do what they were asked.

use thiserror::Error;

use crate::error::CallError;
use crate::exit_reason::ExitReason;
#[cfg(feature = "config")]
use crate::otp::application::config::error::ConfigError;
use crate::pid::Pid;

/// Why [`Applications`](crate::Applications) did not do what they were asked.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ApplicationError {
    /// The list of applications cannot work; the text says why. Nothing was started, and nothing will be.
    #[error("{0}")]
    BadSpec(String),
    /// The configuration cannot work. Nothing was started, and nothing will be.
    #[cfg(feature = "config")]
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// There is no application of this name in the list. Nothing was done.
    #[error("there is no application `{application}` in the list: add it to `Applications::new`")]
    Unknown {
        /// Who was asked for.
        application: String,
    },
    /// It runs already. (`ensure_all_started` says ok to that.)
    #[error("application `{application}` runs already: stop it first, or use `ensure_all_started`")]
    AlreadyStarted {
        /// Which one.
        application: String,
    },
    /// It was not running, so there was nothing to stop.
    #[error(
        "application `{application}` was not running, so nothing was stopped: check whether it ended by itself"
    )]
    NotStarted {
        /// Which one.
        application: String,
    },
    /// It needs one that was not started. Nothing was started; start that one first, or use `ensure_all_started`.
    #[error(
        "application `{application}` needs `{dependency}`, which is not started: start it first, or use `ensure_all_started`"
    )]
    DependencyNotStarted {
        /// Which one was to start.
        application: String,
        /// What it needs.
        dependency: String,
    },
    /// It needs one that ran and has ended by itself. Nothing was started; start that one again.
    #[error(
        "application `{application}` needs `{dependency}`, which is not running: it ended ({reason}): start it again"
    )]
    DependencyNotRunning {
        /// Which one was to start.
        application: String,
        /// What it needs.
        dependency: String,
        /// Why that one has ended.
        reason: ExitReason,
    },
    /// It did not start: `on_start` or a start phase failed, its top process ended, or it was told to stop meanwhile.
    /// Nothing of it is left, nor of those that were started for it.
    #[error("application `{application}` did not start: {}", reason.with_causes())]
    Start {
        /// Which one.
        application: String,
        /// Why.
        reason: ExitReason,
    },
    /// All applications are being stopped: nothing is started meanwhile. Retry when that is done.
    #[error("all applications are being stopped: start it when that is done")]
    Stopping,
    /// It was stopped, but for these processes, which were killed and have not ended: a handler of theirs never
    /// suspends.
    #[error("application `{application}` has stopped, but {} of its processes never suspend: let their handlers await something", processes.len())]
    Stuck {
        /// Which one.
        application: String,
        /// Who is left.
        processes: Vec<Pid>,
    },
    /// A process of an application asked for what would wait for that application. Nothing was done; let another
    /// process ask, or do not wait for the answer.
    #[error("an application cannot wait for itself: let a process outside it ask")]
    CallsItself,
    /// A second signal came while the applications were being stopped: what was left of them was killed.
    #[cfg(feature = "signal")]
    #[error("a second signal came: what had not stopped was killed")]
    Killed,
    /// The operating system does not let the program listen to its signals. Nothing was started.
    #[cfg(feature = "signal")]
    #[error("cannot listen to signals: {0}")]
    Signals(String),
    /// An application whose end is the end of all has ended by itself; all others were stopped. Make new
    /// `Applications` to begin again.
    #[error("application `{application}` ended, and all others with it: {}", reason.with_causes())]
    Terminated {
        /// Which one.
        application: String,
        /// Why it ended.
        reason: ExitReason,
    },
    /// The process behind the `Applications` has ended. Make new ones to begin again.
    #[error("the applications have ended ({0}): make new ones to begin again")]
    Ended(ExitReason),
    /// No answer within `.timeout(..)`. What was asked may yet be done.
    #[error(
        "no answer within the deadline; what was asked may still be done: ask what runs with `running`"
    )]
    Timeout,
    /// `.blocking()` on a thread that drives a runtime. Not done; await it instead.
    #[error("blocking here would stop the runtime this thread drives: await it instead")]
    BlocksRuntime,
    /// There is no tokio runtime here. Ask inside one.
    #[error("there is no tokio runtime here: ask inside one, as `#[ambit::main]` does")]
    NoRuntime,
}

impl ApplicationError {
    /// What a failed question to the controller means; none if that has ended.
    pub(super) fn from_call(error: &CallError) -> Option<Self> {
        match error {
            CallError::Timeout => Some(Self::Timeout),
            CallError::CallsItself | CallError::Cycle { .. } => Some(Self::CallsItself),
            CallError::BlocksRuntime => Some(Self::BlocksRuntime),
            _ => None,
        }
    }
}
