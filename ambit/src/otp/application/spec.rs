//! The declaration of an application.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::target::Target;
use crate::otp::application::graph::Declared;
use crate::process::header::ProcessRef;
use crate::rt::BoxFuture;
use crate::supervisor::policy::Restart;

pub(super) type OnStart =
    Arc<dyn Fn() -> BoxFuture<'static, Result<ProcessRef, ExitReason>> + Send + Sync>;
pub(super) type OnStop = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;
pub(super) type Phase = Arc<dyn Fn() -> BoxFuture<'static, Result<(), ExitReason>> + Send + Sync>;

/// A part of a program that is started and stopped as a unit: usually a supervision tree and its dependencies on other
/// applications. (Erlang: an application and its callback module; Elixir: `Application`.)
///
/// An `Application` is only a declaration: [`Applications`](crate::Applications) start and stop it.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::application::{Application, Applications};
/// use ambit::supervisor::{ChildSpec, Supervisor};
/// #[ambit::main]
/// async fn main() {
///     let idle = || ChildSpec::task("idle", || std::future::pending::<()>());
///     let apps = Applications::new([
///         Application::new("db").on_start(move || Supervisor::builder().child(idle()).start()),
///         Application::new("web")
///             .depends_on("db")
///             .on_start(move || Supervisor::builder().child(idle()).start())
///             .on_stop(|| async { println!("web is down") }),
///     ]);
///     assert_eq!(apps.ensure_all_started("web").await.unwrap(), ["db", "web"]);
///     apps.stop_all().await.unwrap();
/// }
/// ```
#[must_use = "an application does nothing until `Applications` start it"]
pub struct Application {
    pub(super) declared: Declared,
    pub(super) on_start: Option<OnStart>,
    pub(super) on_stop: Option<OnStop>,
    pub(super) phases: Vec<(Arc<str>, Phase)>,
}

impl Application {
    /// Creates an application called `name`, with the restart type `Temporary` and without dependencies or processes.
    /// An application without `on_start` only groups its dependencies. (Erlang: a library application.)
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let all = Application::new("all").depends_on("db");
    ///     let apps = Applications::new([Application::new("db"), all]);
    ///     assert_eq!(apps.ensure_all_started("all").await.unwrap(), ["db", "all"]);
    /// }
    /// ```
    pub fn new(name: impl Into<String>) -> Self {
        let declared = Declared {
            name: name.into().into(),
            needs: Vec::new(),
            optional: Vec::new(),
            restart: Restart::Temporary,
            patience: None,
            has_callback: false,
        };
        Self {
            declared,
            on_start: None,
            on_stop: None,
            phases: Vec::new(),
        }
    }

    /// Adds a dependency: this application starts only while the application `name` is running. (Erlang:
    /// `applications`.)
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("db"), Application::new("web").depends_on("db")]);
    ///     assert_eq!(apps.ensure_all_started("web").await.unwrap(), ["db", "web"]);
    /// }
    /// ```
    pub fn depends_on(mut self, name: impl Into<String>) -> Self {
        self.declared.needs.push(name.into());
        self
    }

    /// Adds an optional dependency: `ensure_all_started` starts the application `name` first if it is in the list of
    /// applications, and ignores it otherwise. (Erlang: `optional_applications`.)
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let apps = Applications::new([Application::new("web").optionally_depends_on("cache")]);
    ///     assert_eq!(apps.ensure_all_started("web").await.unwrap(), ["web"]);
    /// }
    /// ```
    pub fn optionally_depends_on(mut self, name: impl Into<String>) -> Self {
        self.declared.optional.push(name.into());
        self
    }

    /// Sets what happens to the other applications when this one ends by itself. With `Permanent` the others are
    /// stopped too, with `Transient` only if the reason is abnormal; the `Applications` then end with
    /// [`ApplicationError::Terminated`](crate::ApplicationError::Terminated). With `Temporary`, the default, the others
    /// keep running. An application is never restarted; the supervisors in its tree restart processes. (Erlang: the
    /// restart type of `application:start/2`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let start = || async { Agent::start(|| 0).await };
    ///     let db = Application::new("db").restart(Restart::Permanent).on_start(start);
    ///     let apps = Applications::new([db]);
    ///     apps.start("db").await.unwrap();
    /// }
    /// ```
    pub fn restart(mut self, restart: Restart) -> Self {
        self.declared.restart = restart;
        self
    }

    /// Sets how long the supervision tree of the application may take to end before it is killed, and also how long
    /// `on_stop` may take after that. No limit by default. The shutdown timeouts of the children in the tree apply as
    /// well. (Erlang: kernel's `shutdown_timeout`.)
    ///
    /// ```
    /// use std::time::Duration;
    /// use ambit::prelude::*;
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let start = || async { Agent::start(|| 0).await };
    ///     let db = Application::new("db").on_start(start).shutdown_timeout(Duration::from_secs(10));
    ///     let apps = Applications::new([db]);
    ///     apps.start("db").await.unwrap();
    ///     apps.stop("db").await.unwrap();
    /// }
    /// ```
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.declared.patience = Some(timeout);
        self
    }

    /// Sets the function that starts the application; none by default. The function returns the handle to the top
    /// process, usually a supervisor; the application ends when that process ends. The function runs in its own
    /// process, the master of the application, to which the top process is linked. (Erlang: `Module:start/2`.)
    ///
    /// The start fails with [`ApplicationError::Start`](crate::ApplicationError::Start) if the function returns an
    /// error, panics, or returns a handle that refers to no process on this node, or if the top process ends before the
    /// last start phase is over. Processes that the function had already started are then stopped.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let pool = || async { Agent::start(Vec::<u64>::new).name("pool").await };
    ///     let apps = Applications::new([Application::new("db").on_start(pool)]);
    ///     apps.start("db").await.unwrap();
    ///     assert_eq!(Agent::<Vec<u64>>::named("pool").get(Vec::len).await, Ok(0));
    /// }
    /// ```
    pub fn on_start<F, Fut, H, E>(mut self, start: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<H, E>> + Send + 'static,
        H: Target,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        self.on_start = Some(Arc::new(move || {
            let starting = start();
            Box::pin(async move {
                let top = starting.await.map_err(ExitReason::from_user)?;
                let process = top.__resolve().process;
                process.ok_or_else(|| {
                    ExitReason::error("`on_start` returned a handle that refers to no process")
                })
            })
        }));
        self
    }

    /// Sets the function that cleans up resources that no process owns; none by default. It runs after the supervision
    /// tree has ended, whatever the cause, once for each `on_start` that succeeded, even if a start phase failed after
    /// that. It also runs for an application without `on_start`. It does not run if a second signal kills the
    /// applications. A panic in the function crashes only the process that runs it. (Erlang: `Module:stop/1`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let start = || async { Agent::start(|| 0).await };
    ///     let db = Application::new("db").on_start(start).on_stop(|| async { println!("db is down") });
    ///     let apps = Applications::new([db]);
    ///     apps.start("db").await.unwrap();
    ///     apps.stop("db").await.unwrap();
    /// }
    /// ```
    pub fn on_stop<F, Fut>(mut self, stop: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.declared.has_callback = true;
        self.on_stop = Some(Arc::new(move || Box::pin(stop())));
        self
    }

    /// Adds a start phase called `name`, which appears in the `tracing` event of a failure. Phases run after `on_start`
    /// has succeeded, one after the other, in the order in which they were added. If a phase returns an error or
    /// panics, the start fails: the tree is stopped, and `on_stop` runs. (Erlang: `Module:start_phase/3`.)
    ///
    /// ```
    /// use ambit::application::{Application, Applications};
    /// #[ambit::main]
    /// async fn main() {
    ///     let migrate = || async { Err::<(), _>("the schema is too old") };
    ///     let apps = Applications::new([Application::new("db").start_phase("migrate", migrate)]);
    ///     assert!(apps.start("db").await.is_err());
    /// }
    /// ```
    pub fn start_phase<F, Fut, E>(mut self, name: impl Into<String>, phase: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let run: Phase = Arc::new(move || {
            let running = phase();
            Box::pin(async move { running.await.map_err(ExitReason::from_user) })
        });
        self.phases.push((name.into().into(), run));
        self
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("name", &self.declared.name)
            .field("depends_on", &self.declared.needs)
            .field("restart", &self.declared.restart)
            .finish_non_exhaustive()
    }
}
