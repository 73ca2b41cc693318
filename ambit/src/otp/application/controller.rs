//! The handle to a list of applications.

mod plan;
mod requests;

use std::fmt;
use std::sync::Arc;

use self::plan::Plan;
#[cfg(feature = "config")]
use crate::otp::application::config::{Config, loader::ConfigLoader};
use crate::otp::application::core::Command;
use crate::otp::application::error::ApplicationError;
use crate::otp::application::graph::Graph;
use crate::otp::application::protocol::Request;
use crate::otp::application::spec::Application;
use crate::supervisor::admin::AdminRequest;

/// The applications of a program, which are started in the order of their dependencies and stopped in reverse order.
/// (Erlang: the application controller, `application`; Elixir: `Application`.)
///
/// This type is the handle to the controller, a process that starts with the first request. No application can block
/// the controller: it replies to requests while applications start and stop. Dropping all handles stops nothing.
/// Stopping the system stops the applications, in reverse start order. Up to 255 applications can run in one system.
///
/// # Errors
/// If the list of applications is invalid (an empty or duplicate name, an unknown dependency, a cycle), or the
/// configuration is, nothing is started: every method returns the error that [`check`](Self::check) returns. Each
/// request can also fail with:
/// - `Terminated` or `Ended` if the controller has ended.
/// - `Timeout` if the time set with `.timeout(..)` on the request has passed. The request may still be executed.
/// - `NoRuntime` outside a tokio runtime. Nothing was sent.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::application::{Application, ApplicationError, Applications};
/// use ambit::supervisor::{ChildSpec, Supervisor};
/// #[ambit::main]
/// async fn main() {
///     let idle = || ChildSpec::task("idle", || std::future::pending::<()>());
///     let apps = Applications::new([
///         Application::new("db").on_start(move || Supervisor::builder().child(idle()).start()),
///         Application::new("web").depends_on("db"),
///     ]);
///     let refused = apps.start("web").await.unwrap_err();
///     assert!(matches!(refused, ApplicationError::DependencyNotStarted { .. }));
///     assert_eq!(apps.ensure_all_started("web").await.unwrap(), ["db", "web"]);
///     assert_eq!(apps.running().await.unwrap(), ["db", "web"]);
///     apps.stop("web").await.unwrap();
/// }
/// ```
#[derive(Clone)]
pub struct Applications {
    plan: Result<Arc<Plan>, ApplicationError>,
}

impl Applications {
    /// Creates a handle for the listed applications. It starts nothing, and can be called outside a runtime.
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    /// assert!(apps.check().is_ok());
    /// ```
    pub fn new(applications: impl IntoIterator<Item = Application>) -> Self {
        let specs: Vec<_> = applications.into_iter().collect();
        let declared = specs.iter().map(|spec| spec.declared.clone()).collect();
        let plan = Graph::new(declared).map_err(ApplicationError::BadSpec);
        let plan = plan.map(|graph| Arc::new(Plan::new(graph, specs)));
        Self { plan }
    }

    /// Loads a configuration with `loader` and stores it in `config`, synchronously on the current thread, before any
    /// application starts. If that fails, or `config` is already set, nothing is started, and every method returns
    /// [`ApplicationError::Config`]. If the list of applications is invalid, nothing is loaded.
    ///
    /// ```
    /// use ambit::application::{Application, Applications, Config};
    /// #[derive(serde::Deserialize)]
    /// struct Settings { port: u16 }
    /// static SETTINGS: Config<Settings> = Config::new();
    ///
    /// let apps = Applications::new([Application::new("web")])
    ///     .with_config(&SETTINGS, Config::loader().text("web.toml", "prot = 80"));
    /// assert_eq!(
    ///     apps.check().unwrap_err().to_string(),
    ///     "web.toml:1: there is no key `prot`: did you mean `port`?"
    /// );
    /// ```
    #[cfg(feature = "config")]
    #[must_use]
    pub fn with_config<T>(mut self, config: &Config<T>, loader: ConfigLoader<T>) -> Self
    where
        T: serde::de::DeserializeOwned,
    {
        if self.plan.is_ok()
            && let Err(error) = loader.load().and_then(|settings| config.set(settings))
        {
            self.plan = Err(error.into());
        }
        self
    }

    /// Checks that the list and the configuration are valid.
    ///
    /// # Errors
    /// - `BadSpec` if the list is invalid, with one line about the cause.
    /// - `Config` if the configuration could not be loaded, or was already set.
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// assert!(Applications::new([Application::new("db")]).check().is_ok());
    /// assert!(Applications::new([Application::new("web").depends_on("db")]).check().is_err());
    /// ```
    pub fn check(&self) -> Result<(), ApplicationError> {
        self.plan.as_ref().map(drop).map_err(Clone::clone)
    }

    /// Starts the application `name`, and returns when its `on_start` and its start phases have finished. A second
    /// request during the start gets the same result. A request while the application is stopping starts it after it
    /// has stopped. (Erlang: `application:start/1`.)
    ///
    /// # Errors
    /// - `Unknown` if the list has no application of this name. Nothing was started.
    /// - `AlreadyStarted` if the application is running.
    /// - `DependencyNotStarted` or `DependencyNotRunning` if a dependency is not running. Nothing was started.
    /// - `Start` if `on_start` or a start phase failed, the top process ended, the application was stopped during the
    ///   start, or 255 applications run already. Its processes have ended, except those whose handlers never suspend,
    ///   which are logged.
    /// - `Stopping` if all applications are being stopped. Nothing was started.
    /// - `Stuck` if the request waited for the application to stop, and some of its processes were killed but did not
    ///   end. Nothing was started.
    /// - `CallsItself` if the calling process belongs to an application, and the request would wait for that
    ///   application. Nothing was started.
    /// - The errors of every request of [`Applications`].
    ///
    /// # Cancel safety
    /// Dropping the request before the first poll sends nothing. Dropping it while it waits for capacity in the
    /// controller's mailbox withdraws it. If it is dropped later, the request is still executed.
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    ///     apps.start("db").await.unwrap();
    ///     apps.start("web").await.unwrap();
    /// }
    /// ```
    pub fn start(&self, name: &str) -> AdminRequest<Result<(), ApplicationError>> {
        self.ask(name, Command::Start, drop)
    }

    /// Starts the dependencies of the application `name`, one after the other, and then the application itself.
    /// Applications that are running already are left alone. Returns the names of the applications that this request
    /// started, in start order. If a start fails, the request stops the applications that it started, in reverse order,
    /// except those that other applications or requests depend on by then. (Erlang:
    /// `application:ensure_all_started/1`.)
    ///
    /// # Errors
    /// - `Unknown` if the list has no application of this name. Nothing was started.
    /// - `Start` if an application failed to start; the error contains its name.
    /// - `DependencyNotStarted` or `DependencyNotRunning` if a dependency was stopped or ended before the application
    ///   that needs it was started.
    /// - `Stopping` if all applications are being stopped.
    /// - `Stuck` if the request waited for one of the applications to stop, and some of its processes were killed and
    ///   did not end.
    /// - `CallsItself` if the calling process belongs to an application, and the request would wait for that
    ///   application.
    /// - The errors of every request of [`Applications`].
    ///
    /// # Cancel safety
    /// The same as for [`start`](Self::start).
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    ///     assert_eq!(apps.ensure_all_started("web").await.unwrap(), ["db", "web"]);
    ///     assert!(apps.ensure_all_started("web").await.unwrap().is_empty());
    /// }
    /// ```
    pub fn ensure_all_started(
        &self,
        name: &str,
    ) -> AdminRequest<Result<Vec<String>, ApplicationError>> {
        self.ask(name, Command::Ensure, |started| started)
    }

    /// Stops the application `name`: its supervision tree ends, then `on_stop` runs, then all other processes that its
    /// processes started are asked to stop. Those that have not ended after 1 s are killed; supervisors among them get
    /// the time that their children need. Applications that depend on this one keep running. A start in progress is
    /// cancelled, and fails with `Start`. (Erlang: `application:stop/1`.)
    ///
    /// # Errors
    /// - `Unknown` if the list has no application of this name.
    /// - `NotStarted` if the application is not running, starting or stopping.
    /// - `CallsItself` if the calling process belongs to the application, or the request would wait for the application
    ///   of the calling process. Nothing was stopped.
    /// - `Stuck` if processes of the application were killed but do not end. The application is still considered
    ///   stopped.
    /// - The errors of every request of [`Applications`].
    ///
    /// # Cancel safety
    /// The same as for [`start`](Self::start).
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    ///     apps.ensure_all_started("web").await.unwrap();
    ///     apps.stop("web").await.unwrap();
    ///     assert_eq!(apps.running().await.unwrap(), ["db"]);
    /// }
    /// ```
    pub fn stop(&self, name: &str) -> AdminRequest<Result<(), ApplicationError>> {
        self.ask(name, Command::Stop, drop)
    }

    /// Stops all running applications in reverse start order, each after those that were started later have ended.
    /// Starts in progress are cancelled. New starts fail with `Stopping` until all applications have stopped; they can
    /// then be requested again.
    ///
    /// # Errors
    /// - `CallsItself` if the calling process belongs to an application. Nothing was stopped.
    /// - `Stuck` for the first application whose processes were killed but do not end. All other applications were
    ///   stopped.
    /// - The errors of every request of [`Applications`].
    ///
    /// # Cancel safety
    /// The same as for [`start`](Self::start).
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    ///     apps.ensure_all_started("web").await.unwrap();
    ///     apps.stop_all().await.unwrap();
    ///     assert!(apps.running().await.unwrap().is_empty());
    /// }
    /// ```
    pub fn stop_all(&self) -> AdminRequest<Result<(), ApplicationError>> {
        self.command(Ok(Command::StopAll), drop)
    }

    /// Returns the names of the running applications in start order, without those that are starting or stopping. The
    /// request does not wait for starts or stops in progress. (Erlang: `application:which_applications/0`.)
    ///
    /// # Errors
    /// The errors of every request of [`Applications`].
    ///
    /// # Cancel safety
    /// Dropping the request changes nothing.
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    ///     apps.start("db").await.unwrap();
    ///     assert_eq!(apps.running().await.unwrap(), ["db"]);
    /// }
    /// ```
    pub fn running(&self) -> AdminRequest<Result<Vec<String>, ApplicationError>> {
        self.question(Request::Running)
    }

    /// Waits until the controller has ended, and returns the cause. The controller ends when the system stops. It also
    /// ends, after it has stopped all other applications, when a `Permanent` application ends by itself, or a
    /// `Transient` one with an abnormal reason. Stopping all applications does not end the controller.
    ///
    /// # Errors
    /// Always returns an error, which is the cause of the end:
    /// - `Terminated` if the end of an application caused it.
    /// - `Ended` otherwise.
    /// - `BadSpec`, `Config` or `NoRuntime` at once if the controller cannot start.
    ///
    /// # Cancel safety
    /// Dropping the future changes nothing.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::application::{Application, ApplicationError, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let counter = Agent::start(|| 0).await.unwrap();
    ///     let top = counter.clone();
    ///     let start = move || {
    ///         let top = top.clone();
    ///         async move { Ok::<_, StartError>(top) }
    ///     };
    ///     let db = Application::new("db").restart(Restart::Permanent).on_start(start);
    ///     let apps = Applications::new([db]);
    ///     apps.start("db").await.unwrap();
    ///     counter.stop().await.unwrap();
    ///     assert!(matches!(apps.closed().await, ApplicationError::Terminated { .. }));
    /// }
    /// ```
    pub async fn closed(&self) -> ApplicationError {
        match self.begun() {
            Ok((plan, controller)) => plan.end(controller).await,
            Err(error) => error,
        }
    }

    /// Kills everything that is running or has not stopped yet.
    #[cfg(feature = "signal")]
    pub(super) fn hurry(&self) -> AdminRequest<Result<(), ApplicationError>> {
        self.question(Request::Hurry)
    }
}

impl fmt::Debug for Applications {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.plan {
            Ok(plan) => {
                let names = plan.graph.all.iter().map(|one| &one.name);
                f.debug_list().entries(names).finish()
            }
            Err(error) => f.debug_tuple("Applications").field(error).finish(),
        }
    }
}
