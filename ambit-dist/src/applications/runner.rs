//! The process that starts and stops a distributed application on its node: it carries out the decisions.

mod names;

use std::future::{pending, poll_fn, ready};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use ambit::message::Remote;
use ambit::prelude::*;
use ambit::process::{InboxEvent, Process};
use ambit::server::Subject;

use crate::applications::cluster_names::{self, ApplicationKey, ApplicationRegistry};
use crate::applications::controller_args::ControllerArgs;
use crate::applications::decision::{Decider, Decision};
use crate::applications::linked::{asks_to_end, end_linked};
use crate::applications::predecessor::succeed;
use crate::applications::start_type::StartType;
use crate::applications::timers::{Due, Timers};
use crate::names::conflict::ConflictPolicy;
use crate::names::event::NameEvent;
use crate::node::subscribers::Events;
use crate::rt;

/// The runner of one application on one node, for a controller `A`.
pub(super) struct Runner<A: Remote> {
    args: Arc<ControllerArgs>,
    controller: Subject<A>,
    registry: ApplicationRegistry<A>,
    decider: Decider,
    /// `None` once the node has left.
    events: Option<Events<NameEvent<ApplicationKey>>>,
    timers: Timers,
    is_candidate: bool,
    /// The name that shows which node this one waits for after a loss.
    awaited: Option<ApplicationKey>,
    /// The top process, while the application runs here.
    top: Option<Process>,
    outcome: Arc<OnceLock<ExitReason>>,
}

/// What a runner waits for.
enum Input {
    Exit(Exit),
    Event(Option<NameEvent<ApplicationKey>>),
    Due(Due),
}

impl<A: Remote> Runner<A> {
    pub(super) fn new(
        args: Arc<ControllerArgs>,
        controller: Subject<A>,
        outcome: Arc<OnceLock<ExitReason>>,
    ) -> Self {
        let registry = cluster_names::open(&args.node, &args.name);
        registry.set_conflict_policy(ConflictPolicy::NotifySecond);
        let own = args.node.name().clone();
        let mut timers = Timers::default();
        timers.add(args.sync_timeout, Due::Sync);
        Self {
            decider: Decider::new(own, args.order.clone(), args.overlaps),
            events: Some(registry.events()),
            timers,
            is_candidate: false,
            awaited: None,
            top: None,
            args,
            controller,
            registry,
            outcome,
        }
    }

    /// Runs until the controller ends, or until the application does. The outcome has the reason.
    pub(super) async fn run(mut self, mut inbox: Inbox<()>) -> ExitReason {
        inbox.trap_exits(true);
        inbox.label(&self.args.name);
        let (application, node) = (&self.args.name, self.args.node.name());
        let name = format!("runner of the application {application} on {node}");
        let reason = match succeed(&mut inbox, &name, self.controller.pid()).await {
            Ok(()) => self.run_until_asked(&mut inbox).await,
            Err(reason) => reason,
        };
        self.stop(&mut inbox).await;
        // Nothing else sets it.
        let _ = self.outcome.set(reason);
        ExitReason::Shutdown
    }

    /// Acts on each input, until this process has to end; returns the reason.
    async fn run_until_asked(&mut self, inbox: &mut Inbox<()>) -> ExitReason {
        loop {
            if let Err(reason) = self.act(inbox).await {
                return reason;
            }
            match self.next(inbox).await {
                Input::Exit(exit) => {
                    if let Some(reason) = self.end_by(exit).await {
                        return reason;
                    }
                }
                Input::Event(event) => self.observe(event),
                Input::Due(Due::Sync) => self.decider.sync_over(),
                Input::Due(Due::Failover(wait)) => self.decider.failover_over(wait),
                Input::Due(Due::Retry) => {}
            }
        }
    }

    async fn next(&mut self, inbox: &mut Inbox<()>) -> Input {
        let events = async {
            match &mut self.events {
                Some(events) => events.next().await,
                None => pending().await,
            }
        };
        tokio::select! {
            biased;
            exit = next_exit(inbox) => Input::Exit(exit),
            event = events => Input::Event(event),
            due = self.timers.next() => Input::Due(due),
        }
    }

    /// Returns the reason with which this process ends because of an exit signal: from its controller, from the system,
    /// or from the top process. `None` if it is from a process that `on_start` has linked.
    async fn end_by(&mut self, exit: Exit) -> Option<ExitReason> {
        let top = self.top.as_ref();
        if top.is_some_and(|top| top.pid() == exit.from) {
            self.top_ended().await;
        } else if !asks_to_end(&exit, self.controller.pid()) {
            return None;
        }
        Some(exit.reason)
    }

    /// Waits for work, and drops it if this process has to end meanwhile.
    ///
    /// # Errors
    /// The reason for the end of this process.
    async fn unless_ended<T>(
        &mut self,
        inbox: &mut Inbox<()>,
        work: impl Future<Output = T>,
    ) -> Result<T, ExitReason> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                biased;
                exit = next_exit(inbox) => {
                    if let Some(reason) = self.end_by(exit).await {
                        return Err(reason);
                    }
                }
                done = &mut work => return Ok(done),
            }
        }
    }

    /// Records an event: a short time in which another node held the application may not be in the view any more.
    fn observe(&mut self, event: Option<NameEvent<ApplicationKey>>) {
        match event {
            Some(NameEvent::Registered {
                name: ApplicationKey::Holder | ApplicationKey::Last,
                node,
            }) => self.decider.held_by(&node.name),
            Some(_) => {}
            None => self.events = None,
        }
    }

    /// Carries out decisions until nothing is left to do.
    ///
    /// # Errors
    /// The reason for the end of this process.
    async fn act(&mut self, inbox: &mut Inbox<()>) -> Result<(), ExitReason> {
        loop {
            // An event that arrives after this leads to another decision, so the view must not be older.
            self.take_events().await;
            if self.events.is_none() {
                // The node has left, so that another one starts the application.
                return self.stop_if_running(inbox).await;
            }
            let view = cluster_names::view(&self.registry, &self.args.order);
            // The name is lost if another node has registered it in a conflict.
            self.is_candidate &= view.candidates.contains(self.args.node.name());
            if !self.is_candidate {
                self.decider.observe(&view);
                let name = self.args.node.name().as_str().to_owned();
                self.is_candidate = self
                    .hold(inbox, ApplicationKey::Candidate(name), false)
                    .await?;
                if !self.is_candidate {
                    return Ok(());
                }
                continue;
            }
            match self.decider.decide(&view, self.top.is_some()) {
                Decision::Nothing => {
                    self.show_running(inbox, &view).await?;
                    return self.show_awaited(inbox, &view).await;
                }
                Decision::Stop => {
                    if let Some(reason) = self.stop(inbox).await {
                        return Err(reason);
                    }
                }
                Decision::WaitForFailover(wait) => {
                    self.timers
                        .add(self.args.failover_after, Due::Failover(wait));
                }
                Decision::Start(start) => {
                    if !self.start(inbox, start).await? {
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Records the events that have arrived.
    async fn take_events(&mut self) {
        while let Some(events) = &mut self.events {
            let event = tokio::select! {
                biased;
                event = events.next() => event,
                () = ready(()) => return,
            };
            self.observe(event);
        }
    }

    /// Starts the application. Returns false if another node has come first.
    async fn start(&mut self, inbox: &mut Inbox<()>, start: StartType) -> Result<bool, ExitReason> {
        let replaces = self.args.overlaps && matches!(start, StartType::Takeover { .. });
        if !replaces && !self.hold(inbox, ApplicationKey::Holder, false).await? {
            return Ok(false);
        }
        tracing::info!(application = %self.args.name, %start, "a distributed application starts");
        let on_start = self.args.on_start.clone();
        let starting = caught(async move { on_start(start).await });
        let top = match self.unless_ended(inbox, starting).await? {
            Ok(started) => started?,
            Err(panic) => {
                self.stop(inbox).await;
                resume_unwind(panic)
            }
        };
        self.top = Some(top.clone());
        if !top.is_alive() {
            self.top_ended().await;
            return Err(top.closed().await);
        }
        if replaces && !self.hold(inbox, ApplicationKey::Holder, true).await? {
            return Ok(false);
        }
        self.hold(inbox, ApplicationKey::Last, true).await?;
        self.hold(inbox, ApplicationKey::Running, replaces).await
    }

    /// Stops the application if it runs here, with the processes that `on_start` has linked, and then releases it for
    /// other nodes. Returns the reason if this process was asked to end meanwhile.
    async fn stop(&mut self, inbox: &mut Inbox<()>) -> Option<ExitReason> {
        if let Some(top) = self.top.clone() {
            tracing::info!(application = %self.args.name, "a distributed application stops");
            self.release(&ApplicationKey::Running);
            ambit::exit(&top, ExitReason::Shutdown);
            if let Some(limit) = self.args.shutdown_timeout
                && rt::timeout(limit, top.closed()).await.is_err()
            {
                ambit::exit(&top, ExitReason::Kill);
            }
            top.closed().await;
            self.top_ended().await;
        }
        let (controller, limit) = (self.controller.pid(), self.args.shutdown_timeout);
        let asked = end_linked(inbox, controller, limit).await;
        self.release(&ApplicationKey::Holder);
        asked
    }

    /// # Errors
    /// The reason for the end of this process.
    async fn stop_if_running(&mut self, inbox: &mut Inbox<()>) -> Result<(), ExitReason> {
        if self.top.is_none() {
            return Ok(());
        }
        match self.stop(inbox).await {
            Some(reason) => Err(reason),
            None => Ok(()),
        }
    }

    /// Cleans up after the end of the top process.
    async fn top_ended(&mut self) {
        self.top = None;
        self.release(&ApplicationKey::Running);
        (self.args.on_stop)().await;
    }
}

/// Returns the output of a future, or the payload of its panic.
async fn caught<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    poll_fn(|cx| {
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx)));
        polled.map_or_else(|panic| Poll::Ready(Err(panic)), |polled| polled.map(Ok))
    })
    .await
}

/// Returns the next exit signal.
async fn next_exit(inbox: &mut Inbox<()>) -> Exit {
    loop {
        if let InboxEvent::Exit(exit) = inbox.next().await {
            return exit;
        }
    }
}
