//! What an application is, as its author says it.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::target::Target;
use crate::otp::application::graph::Declared;
use crate::process::core::ProcRef;
use crate::rt::BoxFuture;
use crate::supervisor::policy::Restart;

pub(super) type OnStart =
    Arc<dyn Fn() -> BoxFuture<'static, Result<ProcRef, ExitReason>> + Send + Sync>;
pub(super) type OnStop = Arc<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;
pub(super) type Phase = Arc<dyn Fn() -> BoxFuture<'static, Result<(), ExitReason>> + Send + Sync>;

/// A part of a program that is started and stopped as one: usually a supervision tree, with what it depends on.
/// (Erlang: an application and its callback module; Elixir: `Application`.)
///
/// It does nothing by itself: [`Applications`](crate::Applications) start and stop it.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::{Application, Applications, ChildSpec, Supervisor};
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
    /// An application of this name, which depends on nothing, runs nothing and is `Temporary`. One without `on_start`
    /// is running or not, and that is all: it groups what it depends on. (Erlang: a library application.)
    pub fn new(name: impl Into<String>) -> Self {
        let declared = Declared {
            name: name.into().into(),
            needs: Vec::new(),
            wishes: Vec::new(),
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

    /// It starts only while the application of this name runs. (Erlang: `applications`.)
    pub fn depends_on(mut self, name: impl Into<String>) -> Self {
        self.declared.needs.push(name.into());
        self
    }

    /// If there is an application of this name in the list, `ensure_all_started` starts it first; if there is none, that
    /// is no mistake. (Erlang: `optional_applications`.)
    pub fn optionally_depends_on(mut self, name: impl Into<String>) -> Self {
        self.declared.wishes.push(name.into());
        self
    }

    /// What its end means for all others, if it ends by itself: `Permanent`: they are stopped too, `Transient`: only if
    /// the reason is abnormal, `Temporary`, the default: nothing. It is never started again by itself: restarts are the
    /// work of its supervisors. (Erlang: the restart type of `application:start/2`.)
    pub fn restart(mut self, restart: Restart) -> Self {
        self.declared.restart = restart;
        self
    }

    /// How long its tree may take to end before it is killed, and `on_stop` after that; as long as it takes by default.
    /// The children have shutdown times of their own. (Erlang: kernel's `shutdown_timeout`.)
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.declared.patience = Some(timeout);
        self
    }

    /// Starts it: gives the handle of its top process, mostly a supervisor, whose end is that of the application. It
    /// runs in a process of its own, the application's master, to which the top process is linked. (Erlang:
    /// `Module:start/2`.)
    ///
    /// An error or a panic in it is [`ApplicationError::Start`](crate::ApplicationError::Start) for whoever has asked for the start; what it had
    /// started by then is ended.
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
                process.ok_or_else(|| ExitReason::error("`on_start` gave the handle of no process"))
            })
        }));
        self
    }

    /// Runs when everything else of it has ended, once for each `on_start` that has succeeded, whatever ended it: it
    /// cleans up what processes do not own. A panic in it is a crash of its process, and harms nobody. (Erlang:
    /// `Module:stop/1`.)
    pub fn on_stop<F, Fut>(mut self, stop: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        self.declared.has_callback = true;
        self.on_stop = Some(Arc::new(move || Box::pin(stop())));
        self
    }

    /// Adds a phase to its start: phases run one after the other, in the order in which they are added, when the tree is
    /// up; if one fails, so does the start. (Erlang: `Module:start_phase/3`.)
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
