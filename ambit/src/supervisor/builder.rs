//! A supervisor whose children are data.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use crate::engine::mailbox::DEFAULT_CAPACITY;
use crate::engine::mailbox::overflow::Overflow;
use crate::error::StartError;
use crate::handle::child_ref::{ChildKind, ChildRef};
use crate::handle::subject::Subject;
use crate::process::cell::ProcessCell;
use crate::process::header::{ProcessKind, TypeName};
use crate::server::launch::{ProcessSpec, launch};
use crate::server::start::Start;
use crate::server::startable::{Launch, Settings, Startable};
use crate::supervisor::admin::{Admin, SupervisorItem};
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::core::Flags;
use crate::supervisor::handle::{Supervisor, follow};
use crate::supervisor::policy::{AutoShutdown, Strategy};
use crate::supervisor::shell::{Plan, prepare, supervise};
use crate::supervisor::spec::ChildSpec;

/// A builder for a [`Supervisor`] whose children are chosen at run time. For a fixed set of children, use
/// `#[supervisor]`; both kinds of supervisor behave the same.
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let mut builder = Supervisor::builder()
///         .strategy(Strategy::RestForOne)
///         .restarts(1, Duration::from_secs(60));
///     for id in ["cache", "workers"] {
///         builder = builder.child(ChildSpec::task(id, || std::future::pending::<()>()));
///     }
///     let supervisor = builder.start().name("app").await.unwrap();
///     let children = supervisor.which_children().await.unwrap();
///     assert_eq!((&*children[0].id, &*children[1].id), ("cache", "workers"));
/// }
/// ```
#[derive(Default)]
#[must_use = "a builder starts nothing by itself"]
pub struct SupervisorBuilder {
    flags: Flags,
    children: Vec<Box<dyn ChildFactory>>,
}

impl Supervisor {
    /// Returns a builder for a supervisor, without children and with the default settings.
    pub fn builder() -> SupervisorBuilder {
        SupervisorBuilder::default()
    }
}

impl SupervisorBuilder {
    /// Sets the restart strategy: which children are restarted together. Default: [`Strategy::OneForOne`].
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.flags.strategy = strategy;
        self
    }

    /// Sets the restart limit. If more than `restarts` restarts happen within any period of length `within`, the
    /// supervisor stops its children and exits with a `ShutdownWith` that names the child, the limit and the last
    /// error. The restart of a group of children counts once; every attempt to restart counts, including failed ones.
    /// Default: 3 restarts in 5 s. (Erlang: `intensity` and `period`.)
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        (self.flags.restarts, self.flags.within) = (restarts, within);
        self
    }

    /// Sets whether the supervisor stops when significant children end. Default: [`AutoShutdown::Never`].
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.flags.auto_shutdown = auto_shutdown;
        self
    }

    /// Adds a child. Children start in the order in which they were added, and stop in reverse order.
    pub fn child<C: Startable>(mut self, spec: ChildSpec<C>) -> Self {
        self.children.push(Box::new(spec));
        self
    }

    /// Starts the supervisor and its children, one child after the other.
    ///
    /// # Errors
    /// - `BadSpec` if the settings are invalid: the window of [`restarts`](Self::restarts) is zero or infinite, a child
    ///   spec is invalid, or two children have the same id. No child is started.
    /// - `Init` with `ShutdownWith("failed to start child ..")` if a child fails to start. The children before it have
    ///   been stopped again. A child whose `#[init]` returns `Ignore` is not a failure: the child stays stopped, and
    ///   the others are started.
    /// - The errors of every [`Start`], such as `AlreadyRegistered` for a name that is taken.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. Dropping it later, before it has returned its result,
    /// kills the supervisor, like every [`Start`].
    pub fn start(self) -> Start<Supervisor> {
        Start::new(self)
    }
}

impl fmt::Debug for SupervisorBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SupervisorBuilder")
            .field("flags", &self.flags)
            .field("children", &self.children.len())
            .finish()
    }
}

impl Startable for Supervisor {
    type Handle = Self;
    type Args = SupervisorBuilder;

    const __KIND: ChildKind = ChildKind::Supervisor;
    const __OPEN: bool = true;

    fn __launch(
        args: SupervisorBuilder,
        settings: Settings<Self>,
        _: Option<&mut Context<'_>>,
    ) -> Launch<Self> {
        let plan = Plan {
            flags: args.flags,
            dynamic: None,
            children: args.children,
        };
        launch_checked(settings, || "Supervisor", plan, Self::from)
    }

    fn __follow(child: ChildRef) -> Self {
        follow(child).into()
    }
}

impl Plan {
    /// Finds all errors in the plan before a child is started.
    fn check(&self) -> Result<(), StartError> {
        self.flags.check().map_err(StartError::BadSpec)?;
        let mut ids = BTreeSet::new();
        for child in &self.children {
            let rules = child.rules().map_err(StartError::BadSpec)?;
            rules
                .check(self.flags.auto_shutdown)
                .map_err(StartError::BadSpec)?;
            if let Some(id) = ids.replace(rules.id) {
                return Err(StartError::BadSpec(format!(
                    "two children are called `{id}`: give one of them another `.id(..)`"
                )));
            }
        }
        Ok(())
    }
}

/// Starts a supervisor with a fixed plan.
pub(crate) fn launch_checked<C: Startable>(
    settings: Settings<C>,
    type_name: TypeName,
    plan: Plan,
    handle: fn(Subject<Admin>) -> C::Handle,
) -> Launch<C> {
    match plan.check() {
        Ok(()) => launch_plan(settings, type_name, move |_| plan, handle),
        Err(error) => Launch::Done(Err(error)),
    }
}

/// Starts the process of a supervisor; `plan` gets its subject, for children that use it.
pub(crate) fn launch_plan<C: Startable>(
    settings: Settings<C>,
    type_name: TypeName,
    plan: impl FnOnce(&Subject<Admin>) -> Plan + Send + 'static,
    handle: fn(Subject<Admin>) -> C::Handle,
) -> Launch<C> {
    let process_spec = ProcessSpec {
        type_name,
        kind: ProcessKind::Supervisor,
        capacity: DEFAULT_CAPACITY,
        overflow: Overflow::Wait,
        has_init: true,
    };
    let run = |cell: Arc<ProcessCell<SupervisorItem>>, init_guard| {
        let plan = plan(&Subject::fixed(cell.clone()));
        let slots = prepare(&cell, &plan);
        supervise(cell, slots, plan, init_guard)
    };
    launch::<C, Admin, SupervisorItem, _, _>(settings, &process_spec, (), handle, run, None)
}
