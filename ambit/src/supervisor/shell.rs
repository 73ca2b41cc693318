//! The process of a supervisor: receives events, asks the core, performs its actions.

mod act;
mod receive;
mod starting;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll};

use self::starting::Starts;
use crate::engine::mailbox::QueueEntry;
use crate::engine::reply::{ExitObserver, ReplyTo};
use crate::error::{ChildError, StartError};
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::pid::Pid;
use crate::process::cell::{NextStep, ProcessCell};
use crate::process::exit_path;
use crate::process::header::ProcessRef;
use crate::process::node_signal::Cause;
use crate::process::node_signal::Signal;
use crate::process::route;
use crate::process::system_message::SystemMessage;
use crate::process::wait_edge::WaitEdge;
use crate::rt::{self, Instant};
use crate::server::launch::InitGuard;
use crate::server::startable::Made;
use crate::supervisor::admin::{Answers, Request, SupervisorItem};
use crate::supervisor::child_cell::{CurrentChild, CurrentChildren, GRACE};
use crate::supervisor::child_factory::ChildFactory;
use crate::supervisor::core::dynamic::Dynamic;
use crate::supervisor::core::fixed::Fixed;
use crate::supervisor::core::{Action, Command, Decide, Event, Flags, Key, Report};
use crate::supervisor::deadline_queue::{DeadlineKey, DeadlineQueue, DueEntry};
use crate::supervisor::policy::{ChildCounts, ChildInfo, Restart, Shutdown};
use crate::supervisor::report::{self, REMIND};
use crate::supervisor::restart_stats::RestartStats;

/// The number of actions in one poll: a decision about all children may need very many. Then other tasks run.
const BATCH: usize = 512;

/// The initial configuration of a supervisor.
pub(crate) struct Plan {
    pub(crate) flags: Flags,
    /// `Some` for dynamic children, with their maximum number.
    pub(crate) dynamic: Option<usize>,
    pub(crate) children: Vec<Box<dyn ChildFactory>>,
}

/// One child.
struct Member {
    factory: Box<dyn ChildFactory>,
    slot: Arc<CurrentChild>,
    /// Until it runs again.
    before: Option<Box<LastProcess>>,
}

/// The last process of a child that is down.
struct LastProcess {
    pid: Pid,
    reason: ExitReason,
}

/// A request for information.
enum InfoRequest {
    Which(ReplyTo<Vec<ChildInfo>>),
    Count(ReplyTo<ChildCounts>),
}

struct Shell {
    cell: Arc<ProcessCell<SupervisorItem>>,
    slots: Arc<CurrentChildren>,
    core: Box<dyn Decide<Answers>>,
    members: BTreeMap<Key, Member>,
    pids: BTreeMap<Pid, Key>,
    starts: Starts,
    deadlines: DeadlineQueue,
    /// The deadline of each child.
    due: BTreeMap<Key, DeadlineKey>,
    events: VecDeque<Event<Answers>>,
    /// The child whose end the supervisor waits for before it handles its next request.
    ending: Option<(Key, WaitEdge)>,
    /// Requests that wait for the restarts that were in progress when they arrived, by the first of these.
    looks: BTreeMap<Key, Vec<(BTreeSet<Key>, InfoRequest)>>,
    init_guard: Option<InitGuard>,
    began: Instant,
    next_key: u64,
    is_dynamic: bool,
}

/// Runs a supervisor until it has stopped its children.
pub(crate) async fn supervise(
    cell: Arc<ProcessCell<SupervisorItem>>,
    slots: Arc<CurrentChildren>,
    plan: Plan,
    init_guard: InitGuard,
) -> ExitReason {
    let mut shell = Shell::new(cell, slots, plan, init_guard);
    shell.events.push_back(Event::Boot);
    loop {
        let mut acted = 0;
        while let Some(event) = shell.events.pop_front() {
            for action in shell.decide(event) {
                if acted == BATCH {
                    rt::yield_now().await;
                    acted = 0;
                    if let Some(killed) = shell.cell.fatal() {
                        return killed;
                    }
                }
                acted += 1;
                if let Some(reason) = shell.act(action) {
                    return reason;
                }
            }
        }
        shell.answer_looks();
        if let Some(reason) = poll_fn(|cx| shell.poll(cx)).await {
            return reason;
        }
    }
}

/// The members hold captures of the user's closures. If there are very many, they are dropped in the exit, in batches.
impl Drop for Shell {
    fn drop(&mut self) {
        self.starts.clear();
        let mut members = std::mem::take(&mut self.members).into_values();
        exit_path::release(&self.cell.core, members.len(), move |limit| {
            let next = members.by_ref().take(limit);
            next.map(panics::drop_quietly).count()
        });
    }
}

impl Shell {
    fn new(
        cell: Arc<ProcessCell<SupervisorItem>>,
        slots: Arc<CurrentChildren>,
        plan: Plan,
        init_guard: InitGuard,
    ) -> Self {
        let system = &cell.core.system;
        let (began, deadlines) = (slots.window.began(), DeadlineQueue::new(system));
        let is_dynamic = plan.dynamic.is_some();
        let mut shell = Self {
            core: Box::new(Dynamic::new(plan.flags, plan.dynamic.unwrap_or_default())),
            cell,
            slots,
            members: BTreeMap::new(),
            pids: BTreeMap::new(),
            starts: Starts::default(),
            deadlines,
            due: BTreeMap::new(),
            events: VecDeque::new(),
            ending: None,
            looks: BTreeMap::new(),
            init_guard: Some(init_guard),
            began,
            next_key: 0,
            is_dynamic,
        };
        if !is_dynamic {
            let mut known = Vec::new();
            for factory in plan.children {
                // Invalid rules have been rejected before the process was created.
                let Ok(rules) = factory.rules() else { continue };
                let slot = CurrentChild::new(rules.id.clone());
                known.push((shell.add(factory, slot), rules));
            }
            shell.core = Box::new(Fixed::new(plan.flags, known));
        }
        shell
    }

    fn add(&mut self, factory: Box<dyn ChildFactory>, slot: Arc<CurrentChild>) -> Key {
        let key = Key(self.next_key);
        self.next_key += 1;
        self.slots.add(key, slot.clone());
        let member = Member {
            factory,
            slot,
            before: None,
        };
        self.members.insert(key, member);
        key
    }

    /// Lets the core decide, and returns the actions to perform.
    fn decide(&mut self, event: Event<Answers>) -> Vec<Action<Answers>> {
        let system = &self.cell.core.system;
        let now = system.now().saturating_duration_since(self.began);
        let actions = self.core.handle(event, now, system.random());
        self.slots.window.record(self.core.counted());
        actions
    }
}

/// Prepares the process of a supervisor, before it can receive anything.
pub(crate) fn prepare(cell: &ProcessCell<SupervisorItem>, plan: &Plan) -> Arc<CurrentChildren> {
    let began = cell.core.system.now();
    let window = RestartStats::new(plan.flags.restarts, plan.flags.within, began);
    let slots = CurrentChildren::new(plan.dynamic.is_some(), plan.children.len(), window);
    let mut relations = cell.core.relations.lock();
    relations.trap_exits = true;
    relations.make_rare().introspection = Some(slots.clone());
    drop(relations);
    slots
}
