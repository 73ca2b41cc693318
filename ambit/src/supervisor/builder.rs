//! A supervisor whose children are data.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::task::Context;
use std::time::Duration;

use crate::engine::mailbox::{DEFAULT_CAPACITY, Overflow};
use crate::error::StartError;
use crate::handle::child::{ChildKind, ChildRef};
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

/// Builds a [`Supervisor`] with children as data; `#[supervisor]` uses the same runtime.
#[derive(Default)]
#[must_use = "a builder starts nothing by itself"]
pub struct SupervisorBuilder {
    flags: Flags,
    children: Vec<Box<dyn ChildFactory>>,
}

impl Supervisor {
    /// Returns a builder for a supervisor with children as data, in start order.
    pub fn builder() -> SupervisorBuilder {
        SupervisorBuilder::default()
    }
}

impl SupervisorBuilder {
    /// Sets which children are restarted together; `OneForOne` by default.
    pub fn strategy(mut self, strategy: Strategy) -> Self {
        self.flags.strategy = strategy;
        self
    }

    /// Allows up to `restarts` restarts within a sliding window of `within`; then the supervisor gives up. Default:
    /// three in five seconds, as in Elixir.
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        (self.flags.restarts, self.flags.within) = (restarts, within);
        self
    }

    /// Sets when the supervisor stops because its significant children have ended; never by default.
    pub fn auto_shutdown(mut self, auto_shutdown: AutoShutdown) -> Self {
        self.flags.auto_shutdown = auto_shutdown;
        self
    }

    /// Adds a child, after the previous ones.
    pub fn child<C: Startable>(mut self, spec: ChildSpec<C>) -> Self {
        self.children.push(Box::new(spec));
        self
    }

    /// Starts the supervisor, and its children one after the other.
    ///
    /// # Errors
    /// `BadSpec` before any child is started; `Init` with `ShutdownWith("failed to start child ..")` if a child does
    /// not start: those started before it have been stopped again.
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
    let birth = ProcessSpec {
        type_name,
        kind: ProcessKind::Supervisor,
        capacity: DEFAULT_CAPACITY,
        overflow: Overflow::Wait,
        has_init: true,
    };
    let run = |cell: Arc<ProcessCell<SupervisorItem>>, begun| {
        let plan = plan(&Subject::fixed(cell.clone()));
        let slots = prepare(&cell, &plan);
        supervise(cell, slots, plan, begun)
    };
    launch::<C, Admin, SupervisorItem, _, _>(settings, &birth, (), handle, run, None)
}
