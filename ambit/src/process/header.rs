//! The untyped part of every process: [`ProcessHeader`] is its data, [`AnyProcess`] its interface.

mod reply_ports;

use std::any::Any;
use std::any::TypeId;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use parking_lot::{Mutex as Plain, RwLock};

pub(crate) use crate::engine::lifecycle::Stage;
use crate::engine::lifecycle::{Lifecycle, StartState};
use crate::engine::mailbox::queue_snapshot::QueueSnapshot;
use crate::engine::queue_ticket::QueueTicket;
use crate::engine::reply::{ExitObserver, Replier};
use crate::engine::wake::Wake;
use crate::engine::wake_list;
use crate::engine::wheel::Wheel;
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::pid::Pid;
use crate::process::control_lane::ControlLane;
use crate::process::crashes::Crashes;
use crate::process::dead_letter::{Content, DeadLetter, LetterKind, Undelivered};
use crate::process::idle_tasks::{ReapOutcome, Reaper};
use crate::process::meter::Measure;
use crate::process::node_signal::RemoteNode;
use crate::process::patience;
use crate::process::poll_count::PollCount;
use crate::process::queued_signals::QueuedSignal;
use crate::process::relation::Relations;
use crate::process::relation::peers::Home;
use crate::process::relations_by_node::RelationsByNode;
use crate::process::system_settings::SystemSettings;
use crate::process::table::ProcessTable;
use crate::process::task_tracker::TaskTracker;
use crate::process::telemetry::Telemetry;
use crate::process::terminating::TerminateState;
use crate::process::wait_graph::WaitGraph;
use crate::rt::sync::Mutex;
use crate::rt::{Handle, Instant};
use crate::signal::{Down, Exit};

pub(crate) type ProcessRef = Arc<dyn AnyProcess>;

/// A message from the system to a mailbox.
pub(crate) enum Notice {
    Exit(QueuedSignal<Exit>),
    Down(Down),
    Stop(QueuedSignal<ExitReason>),
}

/// A process, without the type of its messages.
pub(crate) trait AnyProcess: Replier + Any + Send + Sync {
    fn core(&self) -> &ProcessHeader;
    /// Queues a system message. A process that no longer accepts any returns it: its content is user data, and the
    /// relations may be locked. For the same reason the wake-up is left to the caller.
    fn notify(&self, notice: Notice) -> (Option<Notice>, Wake);
    /// Performs a wake-up that a change of its cell requires. Not under a lock, because a runtime that shuts down drops
    /// a new task at once, and with it the process.
    fn wake(&self, wake: Wake);
    /// Spawns a task that runs the process.
    fn spawn(self: Arc<Self>);
    /// Handles the end of a task that has parked, or was never spawned: returns true if the process has nothing to do
    /// and continues without a task.
    fn dismiss_task(&self) -> bool;
    /// Ends its task if the process has been idle since the last check.
    fn reap(&self) -> ReapOutcome;
    /// Drops its state at its end, after that of its task. Returns false if the process is running elsewhere; that
    /// runner then ends it.
    fn end_incarnation(&self) -> bool;
    /// Changes the control lane and wakes the process.
    fn control(&self, what: &mut dyn FnMut(&mut ControlLane));
    /// Reads the control lane.
    fn check_control(&self, what: &mut dyn FnMut(&ControlLane));
    fn runs_in(&self, task: &Waker);
    /// Closes the mailbox.
    fn close(&self);
    /// Takes out what is left in the closed mailbox; `None` if nothing is.
    fn drain(self: Arc<Self>) -> Option<Box<dyn RemainingQueue>>;
    /// Returns a snapshot of the queue.
    fn queue_snapshot(&self) -> QueueSnapshot;
    /// Returns the number of user messages that are queued or wait for capacity.
    fn queued(&self) -> usize;
    /// Returns the methods that callers do not run because they are slow.
    fn slow_methods(&self) -> Vec<&'static str>;
    /// Returns true if it waits for its next message.
    fn is_idle(&self) -> bool;
    /// Reserves a slot in the mailbox, through the ticket; `None` if the process has ended.
    fn reserve(&self, ticket: &Arc<QueueTicket>) -> Option<u64>;
    /// Returns a reserved permit of the mailbox.
    fn return_permit(&self);
    /// Withdraws a waiting message or reservation; returns false if it is no longer in the wait list.
    fn withdraw(&self, id: u64) -> bool;
    /// Sets the ticket of a waiting call, which reports the end of its wait. Returns false if it is no longer in the
    /// wait list.
    #[cfg(feature = "remote")]
    fn watch_call(&self, id: u64, ticket: &Arc<QueueTicket>) -> bool;
    /// Returns the capacity of the mailbox for user messages.
    #[cfg(feature = "test")]
    fn capacity(&self) -> usize;
    /// Called when an observer has just been added. A remote proxy then requests the notification from the other node.
    fn is_awaited(&self) {}
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// The rest of a closed mailbox, which is dropped piece by piece, because it may be very long.
pub(crate) trait RemainingQueue: Send {
    /// Drops the next message: a call is answered by the observer of its caller, the others become dead letters. Returns
    /// false if none is left.
    fn drop_next(&mut self) -> bool;
}

/// The kind of a process, as far as signals depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProcessKind {
    Plain,
    /// A further inbox of another process, which has no task.
    Side,
    /// The process that `main` or a test runs in.
    Main,
    /// Like `Main`, without an inbox: exits and downs sent to it are dead letters.
    DeafMain,
    Server {
        terminates: bool,
    },
    /// It traps exits, and stops on any exit of its parent.
    Supervisor,
    /// A process of another node; this is its proxy.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "there are no others")
    )]
    Remote,
}

/// The name of a process's type, created on request: each process holds one word for it.
pub(crate) type TypeName = fn() -> &'static str;

pub(crate) struct ProcessHeader {
    pub(crate) pid: Pid,
    pub(crate) system: Arc<SystemInner>,
    type_name: TypeName,
    pub(crate) kind: ProcessKind,
    /// Its position in start order.
    pub(crate) start_number: u64,
    /// The process that started it.
    pub(crate) ancestor: Pid,
    lifecycle: Lifecycle,
    /// True while its task is being polled.
    runs: AtomicBool,
    /// True once the control lane has changed since the last check.
    attention: AtomicBool,
    /// True while it is checked whether it still waits; changed under the lock of its shard of the wait graph.
    pub(crate) is_checked: AtomicBool,
    /// True once the running handler has requested a stop.
    pub(crate) stopping: AtomicBool,
    has_dropped: AtomicBool,
    pub(crate) terminating: TerminateState,
    /// The application it belongs to, inherited from the process that started it; 0 for none. (Erlang: the group
    /// leader.)
    group: AtomicU8,
    /// The number of handlers started while measuring, modulo 256. It shows whether the same handler is still running.
    progress: AtomicU8,
    pub(crate) polls: PollCount,
    pub(crate) relations: Mutex<Relations>,
}

pub(crate) struct SystemInner {
    pub(super) node: u64,
    pub(super) handle: Option<Handle>,
    pub(crate) settings: SystemSettings,
    pub(crate) wheel: Wheel,
    pub(crate) table: ProcessTable<dyn AnyProcess>,
    pub(crate) wait_graph: WaitGraph,
    pub(crate) telemetry: Telemetry,
    pub(crate) measure: Measure,
    pub(crate) crashes: Crashes,
    /// The time of its creation.
    pub(super) began: Instant,
    /// The number of polls of processes so far: it changes while the system is active.
    pub(crate) activity: AtomicU64,
    pub(crate) tasks: TaskTracker,
    pub(crate) rest: Reaper,
    pub(super) random: AtomicU64,
    pub(super) random_bool: AtomicU64,
    pub(super) traces: AtomicU64,
    pub(super) start_numbers: AtomicU64,
    pub(super) refs: AtomicU64,
    pub(super) down: AtomicBool,
    /// The number of stops of all its processes that are in progress.
    pub(super) stops: AtomicUsize,
    pub(super) nodes: RwLock<BTreeMap<u64, Arc<dyn RemoteNode>>>,
    pub(crate) relations_by_node: Arc<RelationsByNode>,
    pub(super) extensions: Plain<BTreeMap<TypeId, Arc<dyn Any + Send + Sync>>>,
    /// The extension that is used most.
    pub(super) names: OnceLock<Arc<dyn Any + Send + Sync>>,
}

/// A system in a public signature.
#[doc(hidden)]
pub struct InSystem(pub(crate) Arc<SystemInner>);

impl ProcessHeader {
    pub(crate) fn new(
        pid: Pid,
        system: Arc<SystemInner>,
        type_name: TypeName,
        kind: ProcessKind,
        ancestor: Pid,
        group: u8,
    ) -> Self {
        Self {
            pid,
            start_number: system.next_start_number(),
            system,
            type_name,
            kind,
            ancestor,
            lifecycle: Lifecycle::new(matches!(
                kind,
                ProcessKind::Plain | ProcessKind::Side | ProcessKind::Main | ProcessKind::DeafMain
            )),
            runs: AtomicBool::new(false),
            attention: AtomicBool::new(false),
            is_checked: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            has_dropped: AtomicBool::new(false),
            terminating: TerminateState::default(),
            group: AtomicU8::new(group),
            progress: AtomicU8::new(0),
            polls: PollCount::default(),
            relations: Mutex::default(),
        }
    }

    /// Returns what its relations need of it.
    pub(crate) fn home(&self) -> Home<'_> {
        Home {
            pid: self.pid,
            index: &self.system.relations_by_node,
        }
    }

    /// Makes the process begin only when its init is done.
    #[inline]
    pub(crate) fn await_init(&mut self) {
        self.lifecycle = Lifecycle::new(false);
    }

    /// The name of its type.
    pub(crate) fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// Returns true if it runs on another node.
    pub(crate) fn is_remote(&self) -> bool {
        self.kind == ProcessKind::Remote
    }

    /// Returns true if it runs one handler after the other.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.kind, ProcessKind::Server { .. })
    }

    /// Returns the process that opened it, if it is only a further inbox.
    pub(crate) fn opener(&self) -> Option<Pid> {
        (self.kind == ProcessKind::Side && self.ancestor != Pid::NOBODY).then_some(self.ancestor)
    }

    /// Returns true if `main` or a test runs in it.
    pub(crate) fn is_main(&self) -> bool {
        matches!(self.kind, ProcessKind::Main | ProcessKind::DeafMain)
    }

    pub(crate) fn stage(&self) -> Stage {
        self.lifecycle.stage()
    }

    pub(crate) fn advance(&self, stage: Stage) {
        self.lifecycle.advance(stage);
    }

    /// Marks its init as done, and wakes the waiting starter.
    pub(crate) fn begin(&self) {
        if self.lifecycle.begin() {
            let starter = self.relations.lock().take_starter();
            wake_list::wake(starter);
        }
    }

    /// Returns true if its init is done, or was when it ended.
    pub(crate) fn has_started(&self) -> bool {
        self.lifecycle.start() == StartState::Begun
    }

    /// Returns true until its start has succeeded or failed.
    pub(crate) fn is_starting(&self) -> bool {
        self.lifecycle.start() == StartState::Underway
    }

    /// Ready when its start has succeeded (`Ok`), or failed with its `end`, which was polled before.
    pub(crate) fn poll_start<E>(&self, cx: &Context<'_>, end: Poll<E>) -> Poll<Result<(), E>> {
        self.lifecycle.poll_start(end, || {
            let waker = cx.waker().clone();
            let before = self.relations.lock().await_start(waker);
            drop(before);
        })
    }

    /// Returns true if it is neither ending nor gone.
    pub(crate) fn is_alive(&self) -> bool {
        self.stage() < Stage::Ending
    }

    /// Returns true if its state is dropped and its names are released. It holds its names until then, including its
    /// terminate.
    pub(crate) fn has_exited(&self) -> bool {
        self.stage() == Stage::Gone
    }

    /// Returns how long it may take to end when given `patience`: a supervisor needs the time of its children.
    pub(crate) fn patience(&self, patience: Duration) -> Duration {
        let introspection = self.relations.lock().introspection.clone();
        introspection.map_or(patience, |parts| patience::of(&*parts, patience))
    }

    pub(crate) fn group(&self) -> u8 {
        self.group.load(Ordering::Relaxed)
    }

    /// Moves the process, and all processes that it starts from now on, to another application.
    pub(crate) fn enter_group(&self, group: u8) {
        self.group.store(group, Ordering::Relaxed);
    }

    /// Records whether its task is being polled.
    pub(crate) fn run(&self, runs: bool) {
        self.runs.store(runs, Ordering::Relaxed);
    }

    /// Returns true if it is running on a thread now; if not, it waits for an event or for a thread.
    pub(crate) fn is_running(&self) -> bool {
        self.runs.load(Ordering::Relaxed)
    }

    /// Counts the start of a handler. Called only by the holder of the run permit.
    #[inline]
    pub(crate) fn progress(&self) {
        let progress = self.progress.load(Ordering::Relaxed);
        self.progress
            .store(progress.wrapping_add(1), Ordering::Relaxed);
    }

    /// Returns a number that changes with each handler that starts while measuring.
    pub(crate) fn progressed(&self) -> u8 {
        self.progress.load(Ordering::Relaxed)
    }

    pub(crate) fn call_attention(&self) {
        self.attention.store(true, Ordering::Release);
    }

    /// Returns whether the control lane has changed since the last check.
    pub(crate) fn attention(&self) -> bool {
        self.attention.load(Ordering::Relaxed) && self.attention.swap(false, Ordering::AcqRel)
    }

    /// Notifies `observer` when the process has ended; `Err` with the reason if it already has.
    pub(crate) fn observe(&self, observer: Arc<dyn ExitObserver>) -> Result<u64, ExitReason> {
        let mut relations = self.relations.lock();
        match relations.dead() {
            // An observer that is added while links and monitors are being notified is notified after them.
            Some(reason) if relations.notified => Err(reason.clone()),
            _ => Ok(relations.observe(observer)),
        }
    }

    pub(crate) fn unobserve(&self, key: u64) {
        let observer = self.relations.lock().unobserve(key);
        drop(observer);
    }

    /// Counts a request that was dropped because its caller had gone (`skip_expired`).
    pub(crate) fn skip(&self) {
        self.relations.lock().make_rare().skipped += 1;
    }

    /// Reports a message to this process that was not delivered.
    pub(crate) fn dead_letter(&self, kind: LetterKind, why: Undelivered, content: Content) {
        let envelope = DeadLetter {
            to: self.pid,
            to_type: self.type_name(),
            kind,
            why,
            content,
        };
        self.system.telemetry.dead_letter(&envelope);
        if let Err(report) = panics::try_drop(envelope) {
            tracing::error!(pid = %self.pid, %report, "the drop of a dead letter panicked");
        }
    }
}
