//! Errors of applications.

use thiserror::Error;

use crate::error::CallError;
use crate::exit_reason::ExitReason;
#[cfg(feature = "config")]
use crate::otp::application::config::error::ConfigError;
use crate::pid::Pid;

/// The reason why a request to [`Applications`](crate::Applications) failed.
///
/// ```
/// use ambit::application::{Application, ApplicationError, Applications};
/// #[ambit::main]
/// async fn main() {
///     let apps = Applications::new([Application::new("db")]);
///     let unknown = ApplicationError::Unknown { application: "web".to_owned() };
///     assert_eq!(apps.start("web").await, Err(unknown));
///     let not_started = ApplicationError::NotStarted { application: "db".to_owned() };
///     assert_eq!(apps.stop("db").await, Err(not_started));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ApplicationError {
    /// The list of applications is invalid; the text names the cause. No application can be started.
    #[error("{0}")]
    BadSpec(String),
    /// The configuration is invalid. No application can be started.
    #[cfg(feature = "config")]
    #[error("{0}")]
    Config(#[from] ConfigError),
    /// The list has no application of this name. The request had no effect.
    #[error("there is no application `{application}` in the list: add it to `Applications::new`")]
    Unknown {
        /// The requested name.
        application: String,
    },
    /// The application is running already. `ensure_all_started` does not treat this as an error.
    #[error("application `{application}` runs already: stop it first, or use `ensure_all_started`")]
    AlreadyStarted {
        /// The application.
        application: String,
    },
    /// The application was not running, so the request had no effect.
    #[error(
        "application `{application}` was not running, so nothing was stopped: check whether it ended by itself"
    )]
    NotStarted {
        /// The application.
        application: String,
    },
    /// A dependency of the application is not started, so the application was not started either. Start the dependency
    /// first, or use `ensure_all_started`.
    #[error(
        "application `{application}` needs `{dependency}`, which is not started: start it first, or use `ensure_all_started`"
    )]
    DependencyNotStarted {
        /// The application to start.
        application: String,
        /// The dependency.
        dependency: String,
    },
    /// A dependency of the application has ended by itself, so the application was not started. Start the dependency
    /// again.
    #[error(
        "application `{application}` needs `{dependency}`, which is not running: it ended ({}): start it again", reason.with_causes()
    )]
    DependencyNotRunning {
        /// The application to start.
        application: String,
        /// The dependency.
        dependency: String,
        /// The exit reason of the dependency.
        reason: ExitReason,
    },
    /// The application did not start: `on_start` or a start phase failed, its top process ended, the application was
    /// stopped during the start, or 255 applications run already. Its processes have ended, except those whose
    /// handlers never suspend, which are logged. Dependencies that the request had started are stopped.
    #[error("application `{application}` did not start: {}", reason.with_causes())]
    Start {
        /// The application.
        application: String,
        /// The cause.
        reason: ExitReason,
    },
    /// All applications are being stopped, and no application is started until all have stopped. Retry then.
    #[error("all applications are being stopped: start this one after that")]
    Stopping,
    /// The application was stopped, except for the listed processes: they were killed and have not ended, because one
    /// of their handlers never suspends.
    #[error("application `{application}` has stopped, but {} of its processes never suspend: let their handlers await something", processes.len())]
    Stuck {
        /// The application.
        application: String,
        /// The remaining processes.
        processes: Vec<Pid>,
    },
    /// A process of an application made a request that would wait for the same application. The request had no effect;
    /// send it from another process, or do not wait for its result.
    #[error("an application cannot wait for itself: send the request from another process")]
    CallsItself,
    /// A second signal arrived while the applications were being stopped, and the remaining processes were killed.
    #[cfg(feature = "signal")]
    #[error("a second signal arrived: the processes that had not stopped were killed")]
    Killed,
    /// The operating system does not let the program listen for signals. Nothing was started.
    #[cfg(feature = "signal")]
    #[error("cannot listen for signals: {0}")]
    Signals(String),
    /// An application whose restart type is `Permanent`, or is `Transient` with an abnormal exit reason, has ended by
    /// itself, and all others were stopped. Create new `Applications` to start again.
    #[error("application `{application}` ended, and all others with it: {}", reason.with_causes())]
    Terminated {
        /// The application.
        application: String,
        /// Its exit reason.
        reason: ExitReason,
    },
    /// The controller process behind the `Applications` has ended, for this reason. Create new `Applications` to start
    /// again.
    #[error("the applications have ended ({0}): create new `Applications` to start again")]
    Ended(ExitReason),
    /// The controller did not reply within the time set with `.timeout(..)`. The request may still be executed.
    #[error(
        "no answer within the deadline; the request may still be executed: see what runs with `running`"
    )]
    Timeout,
    /// `.blocking()` was called on a thread that drives a runtime. The request was not sent; await it instead.
    #[error("blocking here would stop the runtime this thread drives: await it instead")]
    BlocksRuntime,
    /// There is no tokio runtime on this thread. Send the request inside one.
    #[error("there is no tokio runtime here: call it inside one, as `#[ambit::main]` does")]
    NoRuntime,
}

impl ApplicationError {
    /// Maps a failed call of the controller; `None` if the controller has ended.
    pub(super) fn from_call(error: &CallError) -> Option<Self> {
        match error {
            CallError::Timeout => Some(Self::Timeout),
            CallError::CallsItself | CallError::Cycle { .. } => Some(Self::CallsItself),
            CallError::BlocksRuntime => Some(Self::BlocksRuntime),
            _ => None,
        }
    }
}
