//! The process of a pool: starts and stops the workers as the core decides, monitors them, and runs the hooks.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::otp::pool::builder::Config;
use crate::otp::pool::core::{Action, Core, Moment, WorkerId};
use crate::otp::pool::hooks::Hooks;
use crate::otp::pool::shared::{ManagerEnd, ManagerMessage, PoolEnd, Shared};
use crate::otp::pool::worker_factory::BegunStart;
use crate::pid::Pid;
use crate::process::route;
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer, Incoming};
use crate::server::info_bounds::Handles;
use crate::server::startable::Startable;
use crate::signal::{Down, MonitorRef};
use crate::supervisor::child_cell::CurrentChild;
use crate::supervisor::dynamic::DynamicSupervisor;
use crate::supervisor::policy::Shutdown;
use crate::supervisor::spec::ChildSpec;

mod worker_lifecycle;

pub(super) struct Manager<C: Startable> {
    shared: Arc<Shared<C>>,
    spec: Arc<ChildSpec<C>>,
    hooks: Hooks<C>,
    shutdown: Shutdown,
    /// The restart intensity: restarts per window.
    restarts: (u32, Duration),
    workers: DynamicSupervisor,
    members: BTreeMap<WorkerId, Member>,
    watched: BTreeMap<MonitorRef, WorkerId>,
    /// Workers that have just ended by themselves.
    ended: BTreeMap<WorkerId, (Pid, ExitReason)>,
}

/// One worker, from its start to its end.
struct Member {
    slot: Arc<CurrentChild>,
    pid: Pid,
    begun: BegunStart,
    /// Its predecessor, and the exit reason of that.
    replaces: Option<(Pid, ExitReason)>,
}

impl Member {
    /// Returns its exit reason, if it has ended.
    fn reason(&self) -> Option<ExitReason> {
        let process = self.begun.get()?.get()?;
        process.core().relations.lock().dead().cloned()
    }
}

/// The arguments of a manager.
pub(super) struct ManagerArgs<C: Startable> {
    pub(super) config: Config<C>,
    pub(super) workers: DynamicSupervisor,
}

impl<C: Startable> Protocol for Manager<C> {
    type Call = Infallible;
    type Cast = Infallible;
    type Subject = Subject<Self>;
    const NAME: &'static str = "PoolManager";
}

#[diagnostic::do_not_recommend]
impl<C: Startable> Handles<ManagerMessage> for Manager<C> {
    fn into_info(message: ManagerMessage) -> ManagerMessage {
        message
    }
}

#[diagnostic::do_not_recommend]
impl<C: Startable> Handles<Down> for Manager<C> {
    fn into_info(down: Down) -> ManagerMessage {
        ManagerMessage::Down(down)
    }
}

impl<C: Startable> GenServer for Manager<C> {
    type Protocol = Self;
    type Args = ManagerArgs<C>;
    type Info = ManagerMessage;
    type Continue = Infallible;

    const TERMINATES: bool = false;

    async fn init(task: ManagerArgs<C>, ctx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let config = task.config;
        let system = ctx.process().core().system.clone();
        let rules = config.rules.clone();
        let pings = config.hooks.ping.is_some().then_some(rules.ping_after);
        let shared = Shared::new(rules, config.route, &system, ctx.recipient());
        let mut manager = Self {
            shared: shared.clone(),
            shutdown: config.spec.own_rules().shutdown,
            restarts: (config.rules.restarts, config.rules.within),
            spec: config.spec,
            hooks: config.hooks,
            workers: task.workers,
            members: BTreeMap::new(),
            watched: BTreeMap::new(),
            ended: BTreeMap::new(),
        };
        shared.step(Core::boot);
        for action in shared.take_work() {
            if let Action::Start { worker, .. } = action {
                manager.start_now(worker, ctx).await?;
            }
        }
        if let Some(period) = pings {
            ctx.send_every(period, ManagerMessage::Ping);
        }
        let own = ctx.process();
        let parent = own.core().relations.lock().parent();
        // Without a parent, the pool has ended during this start.
        let pool = parent.and_then(route::find).ok_or(ExitReason::Shutdown)?;
        let at_end = Arc::new(PoolEnd(Arc::downgrade(&shared)));
        pool.core().observe(at_end)?;
        let at_end = Arc::new(ManagerEnd(Arc::downgrade(&shared)));
        own.core().observe(at_end)?;
        own.core().relations.lock().make_rare().introspection = Some(shared);
        Ok(manager)
    }

    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        let message = match message {
            Incoming::Info(message) => message,
            Incoming::Call(never) | Incoming::Cast(never) | Incoming::Continue(never) => {
                match never {}
            }
        };
        self.hear(message, ctx);
        self.work(ctx);
        Ok(Flow::Continue)
    }
}

impl<C: Startable> Manager<C> {
    fn hear(&mut self, message: ManagerMessage, ctx: &mut Context<Self>) {
        match message {
            ManagerMessage::Work | ManagerMessage::Done => {}
            ManagerMessage::Down(down) => {
                if let Some(worker) = self.watched.remove(&down.monitor) {
                    self.gone(worker, down.reason);
                }
            }
            ManagerMessage::Started(worker, Ok(pid)) => self.up(worker, pid, ctx),
            ManagerMessage::Started(worker, Err(error)) => self.not_started(worker, error, ctx),
            ManagerMessage::Looked(worker, hook, verdict) => {
                self.step(|core, at, out| core.looked(worker, hook, &verdict, at, out));
            }
            ManagerMessage::Due(worker) => {
                if self.step(|core, at, out| core.due(worker, at, out)) {
                    self.start(worker, ctx);
                } else {
                    self.members.remove(&worker);
                    self.shared.remove_slot(worker);
                }
            }
            ManagerMessage::Ping => self.step(Core::ping),
        }
    }

    fn step<T>(&self, event: impl FnOnce(&mut Core, Moment, &mut Vec<Action>) -> T) -> T {
        self.shared.step(event)
    }

    /// Performs the actions that the core has decided, here or in a client.
    fn work(&mut self, ctx: &mut Context<Self>) {
        for action in self.shared.take_work() {
            match action {
                Action::Start {
                    worker,
                    replaces,
                    delay,
                } => self.prepare(worker, replaces, delay, ctx),
                Action::Stop(worker, reason) => self.stop(worker, reason, ctx),
                Action::Run(worker, hook) => self.look(worker, hook, ctx),
                // Like a supervisor that has used up its restarts.
                Action::GiveUp(last) => ctx.stop(self.gave_up(&last)),
                // Performed where it was decided.
                Action::Place(..) | Action::Vacate(_) | Action::Granted(_) => {}
            }
        }
        self.ended.clear();
    }
}
