//! What every process is, whatever its messages: [`Core`] is its data, [`Proc`] what can be done to it.

use std::any::Any;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, Ordering};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use crate::engine::cell::Wake;
pub(crate) use crate::engine::lifecycle::Stage;
use crate::engine::lifecycle::{Lifecycle, Start};
use crate::engine::mailbox::Glance;
use crate::engine::reply::{Observer, PortOwner, Question, Server};
use crate::engine::ticket::Ticket;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::dead_letter::{Content, DeadLetter, LetterKind, Undelivered};
use crate::process::relation::Relations;
use crate::process::rest::Rested;
use crate::process::route;
use crate::process::world::World;
use crate::process::{current, panics};
use crate::rt::sync::Mutex;
use crate::signal::{Down, Exit};

pub(crate) type ProcRef = Arc<dyn Proc>;

/// A request that the process itself serves, between two messages. A server hands over its state.
pub(crate) type Ask = Box<dyn FnOnce(Option<&mut dyn Any>) + Send>;

/// The control lane: looked at before each message. Nearly always empty, and then it needs no memory.
#[derive(Default)]
pub(crate) struct Control(Option<Box<Lane>>);

#[derive(Default)]
pub(crate) struct Lane {
    /// The process dies with this reason as soon as it can; the first one counts.
    pub(crate) fatal: Option<ExitReason>,
    /// The server stops with this reason before its next message, terminate included.
    pub(crate) leave: Option<ExitReason>,
    pub(crate) asks: VecDeque<Ask>,
    pub(crate) suspended: bool,
    /// A test has made it deaf to everything but a fatal signal.
    pub(crate) hung: bool,
}

impl Lane {
    const EMPTY: &'static Self = &Self {
        fatal: None,
        leave: None,
        asks: VecDeque::new(),
        suspended: false,
        hung: false,
    };
}

/// Reading needs nothing; writing makes it.
impl Deref for Control {
    type Target = Lane;

    fn deref(&self) -> &Lane {
        self.0.as_deref().unwrap_or(Lane::EMPTY)
    }
}

impl DerefMut for Control {
    fn deref_mut(&mut self) -> &mut Lane {
        self.0.get_or_insert_default()
    }
}

/// What the control lane says first.
pub(crate) enum Said {
    Die(ExitReason),
    Ask(Ask),
    Leave(ExitReason),
    /// It is suspended: only control goes on.
    Wait,
    Nothing,
}

impl Control {
    /// What comes before the next message.
    pub(crate) fn say(&mut self) -> Said {
        if let Some(reason) = &self.fatal {
            Said::Die(reason.clone())
        } else if self.hung {
            Said::Wait
        } else if let Some(ask) = self.take_ask() {
            Said::Ask(ask)
        } else if let Some(reason) = self.take_leave() {
            Said::Leave(reason)
        } else if self.suspended {
            Said::Wait
        } else {
            Said::Nothing
        }
    }

    pub(crate) fn take_ask(&mut self) -> Option<Ask> {
        self.0.as_mut()?.asks.pop_front()
    }

    pub(crate) fn take_asks(&mut self) -> VecDeque<Ask> {
        let lane = self.0.as_mut();
        lane.map(|lane| std::mem::take(&mut lane.asks))
            .unwrap_or_default()
    }

    fn take_leave(&mut self) -> Option<ExitReason> {
        self.0.as_mut()?.leave.take()
    }
}

/// What the system puts into a mailbox from outside.
pub(crate) enum Notice {
    Exit(Exit),
    Down(Down),
    Stop(ExitReason),
}

/// A process, seen from outside.
pub(crate) trait Proc: PortOwner + Any + Send + Sync {
    fn core(&self) -> &Core;
    /// Queues a system message. A process that no longer accepts any gives it back: its content is the user's, and the
    /// relations may be locked. So the wake-up is left to the caller too.
    fn notify(&self, notice: Notice) -> (Option<Notice>, Wake);
    /// Does what a change of its cell asks for; not under a lock, because a runtime that is going away drops a new
    /// task at once, and with it the process.
    fn wake(&self, wake: Wake);
    /// Makes a task that runs it.
    fn spawn(self: Arc<Self>);
    /// Its task has parked, or was never spawned: true if it has nothing to do and lives on without one.
    fn dismiss_task(&self) -> bool;
    /// Lets its task end if it has been idle since the last look.
    fn rest(&self) -> Rested;
    /// Drops its state, for its end, after that of its task; false if somebody is at it, who then sees that it is to end.
    fn end_life(&self) -> bool;
    /// Changes the control lane and wakes the process.
    fn control(&self, what: &mut dyn FnMut(&mut Control));
    /// Reads the control lane.
    fn look_at_control(&self, what: &mut dyn FnMut(&Control));
    fn runs_in(&self, task: &Waker);
    /// Accepts nothing any more.
    fn close(&self);
    /// Drops what was queued: calls are left to their callers' observers, the rest becomes dead letters.
    fn drain(&self);
    /// What its queue looks like from outside.
    fn glance(&self) -> Glance;
    /// The methods that callers do not run because they take long.
    fn slow_methods(&self) -> Vec<&'static str>;
    /// Waits for its next message.
    fn is_idle(&self) -> bool;
    /// A place in the mailbox for later, through the ticket; `None` if the process has ended.
    fn reserve(&self, ticket: &Arc<Ticket>) -> Option<u64>;
    /// Gives a place in the mailbox back.
    fn release(&self);
    /// Takes a waiting message or reservation back; false if it is no longer in the wait list.
    fn withdraw(&self, id: u64) -> bool;
    /// How many more user messages fit now.
    #[cfg(feature = "test")]
    fn free(&self) -> usize;
    /// Somebody waits for its end, and has just been added to its observers. Whoever lives elsewhere asks for that now.
    fn is_awaited(&self) {}
    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync>;
}

/// What kind of process it is, as far as signals care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Plain,
    /// The process that `main` or a test is.
    Main,
    /// The same without an inbox: exits and downs sent to it are dead letters.
    DeafMain,
    Server {
        terminates: bool,
    },
    /// It traps exits, and obeys its parent's whatever its reason.
    Supervisor,
    /// It lives on another node; here is only what is known of it.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "there are no others")
    )]
    Far,
}

/// Whether the terminate of a process runs, and for which kind of reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Terminating {
    /// It does not run: not yet, not any more, or there is none.
    No = 0,
    /// It runs, and the reason is clean.
    Clean = 1,
    /// It runs, and the process has failed.
    Failed = 2,
}

/// In the polls of a process: waits are noted that do not end with a poll.
const APART: u32 = 1;
/// One poll.
const POLL: u32 = 2;

/// The name of a process's type, made when it is asked for: each process holds one word for it.
pub(crate) type TypeName = fn() -> &'static str;

pub(crate) struct Core {
    pub(crate) pid: Pid,
    pub(crate) world: Arc<World>,
    type_name: TypeName,
    pub(crate) kind: Kind,
    /// Its place in the order of starts.
    pub(crate) born: u64,
    /// Who started it.
    pub(crate) ancestor: Pid,
    lifecycle: Lifecycle,
    /// Its task is being polled now.
    runs: AtomicBool,
    /// The control lane has changed since the process last looked.
    attention: AtomicBool,
    /// The running handler has asked to stop.
    pub(crate) stopping: AtomicBool,
    has_dropped: AtomicBool,
    /// A [`Terminating`].
    terminating: AtomicU8,
    /// The application it belongs to, inherited from whoever started it; 0 for none. (Erlang: the group leader.)
    group: AtomicU8,
    /// How many handlers it has begun while somebody measured, modulo 256: whether it still runs the same one.
    progress: AtomicU8,
    /// How many polls of handlers there were, and whether waits are noted that do not end with them.
    polls: AtomicU32,
    pub(crate) relations: Mutex<Relations>,
}

impl Core {
    pub(crate) fn new(
        pid: Pid,
        world: Arc<World>,
        type_name: TypeName,
        kind: Kind,
        ancestor: Pid,
    ) -> Self {
        Self {
            pid,
            born: world.next_birth(),
            world,
            type_name,
            kind,
            ancestor,
            lifecycle: Lifecycle::new(matches!(kind, Kind::Plain | Kind::Main | Kind::DeafMain)),
            runs: AtomicBool::new(false),
            attention: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
            has_dropped: AtomicBool::new(false),
            terminating: AtomicU8::new(Terminating::No as u8),
            group: AtomicU8::new(current::group()),
            progress: AtomicU8::new(0),
            polls: AtomicU32::new(0),
            relations: Mutex::default(),
        }
    }

    /// The same, beginning only when its init is done.
    #[inline]
    pub(crate) fn await_init(&mut self) {
        self.lifecycle = Lifecycle::new(false);
    }

    /// The name of its type.
    pub(crate) fn type_name(&self) -> &'static str {
        (self.type_name)()
    }

    /// Whether it lives on another node.
    pub(crate) fn is_far(&self) -> bool {
        self.kind == Kind::Far
    }

    /// Whether it runs one handler after the other.
    pub(crate) fn is_server(&self) -> bool {
        matches!(self.kind, Kind::Server { .. })
    }

    /// Whether it is the process that `main` or a test is.
    pub(crate) fn is_main(&self) -> bool {
        matches!(self.kind, Kind::Main | Kind::DeafMain)
    }

    pub(crate) fn stage(&self) -> Stage {
        self.lifecycle.stage()
    }

    pub(crate) fn advance(&self, stage: Stage) {
        self.lifecycle.advance(stage);
    }

    /// Its init is done: wakes the starter that waits for that.
    pub(crate) fn begin(&self) {
        if self.lifecycle.begin() {
            let starter = self.relations.lock().take_starter();
            if let Some(starter) = starter {
                starter.wake();
            }
        }
    }

    /// Whether its init is done, or was when it ended.
    pub(crate) fn has_begun(&self) -> bool {
        self.lifecycle.start() == Start::Begun
    }

    /// Whether its start is not decided yet.
    pub(crate) fn is_starting(&self) -> bool {
        self.lifecycle.start() == Start::Underway
    }

    /// Ready when its start is decided: `Ok`, or its `end`, which was looked at before.
    pub(crate) fn poll_start<E>(&self, cx: &Context<'_>, end: Poll<E>) -> Poll<Result<(), E>> {
        self.lifecycle.poll_start(end, || {
            let waker = cx.waker().clone();
            let before = self.relations.lock().await_start(waker);
            drop(before);
        })
    }

    /// Neither ending nor gone.
    pub(crate) fn is_alive(&self) -> bool {
        self.stage() < Stage::Ending
    }

    /// Its terminate begins, or has ended. Only the process itself calls this.
    pub(crate) fn set_terminating(&self, what: Terminating) {
        self.terminating.store(what as u8, Ordering::Release);
    }

    /// Whether its terminate runs now.
    pub(crate) fn terminating(&self) -> Terminating {
        match self.terminating.load(Ordering::Acquire) {
            1 => Terminating::Clean,
            2 => Terminating::Failed,
            _ => Terminating::No,
        }
    }

    /// Its state is dropped and its names are free. Until then it holds them, also while it terminates.
    pub(crate) fn has_exited(&self) -> bool {
        self.stage() == Stage::Gone
    }

    /// How long it may take to end, if it is given `patience`: a supervisor needs what its children need.
    pub(crate) fn patience(&self, patience: Duration) -> Duration {
        let shown = self.relations.lock().shown.clone();
        shown.map_or(patience, |shown| shown.patience(patience))
    }

    pub(crate) fn group(&self) -> u8 {
        self.group.load(Ordering::Relaxed)
    }

    /// From now on it belongs to another application, and so does whatever it starts.
    pub(crate) fn enter_group(&self, group: u8) {
        self.group.store(group, Ordering::Relaxed);
    }

    /// Notes that its task is being polled, or is not any more.
    pub(crate) fn run(&self, runs: bool) {
        self.runs.store(runs, Ordering::Relaxed);
    }

    /// Whether it has a thread now; if not, it waits for something, or for one.
    pub(crate) fn is_running(&self) -> bool {
        self.runs.load(Ordering::Relaxed)
    }

    /// A handler begins. Only whoever has the turn says so.
    #[inline]
    pub(crate) fn progress(&self) {
        let progress = self.progress.load(Ordering::Relaxed);
        self.progress
            .store(progress.wrapping_add(1), Ordering::Relaxed);
    }

    /// Changes with each handler that begins, while somebody measures.
    pub(crate) fn progressed(&self) -> u8 {
        self.progress.load(Ordering::Relaxed)
    }

    /// Counts a poll of a handler; gives its number. Only the process itself does.
    #[inline]
    pub(crate) fn count_poll(&self) -> u32 {
        let now = self.polls.load(Ordering::Relaxed).wrapping_add(POLL);
        self.polls.store(now, Ordering::Relaxed);
        now / POLL
    }

    /// The number of the last poll of a handler.
    pub(crate) fn last_poll(&self) -> u32 {
        self.polls.load(Ordering::Relaxed) / POLL
    }

    /// Notes that the handler has waits that do not end with its polls. Only the process itself does.
    pub(crate) fn note_apart(&self) {
        self.polls.fetch_or(APART, Ordering::Relaxed);
    }

    /// Ends the polls of a handler; whether it has waits that do not end with them.
    #[inline]
    pub(crate) fn end_polls(&self) -> bool {
        let now = self.polls.load(Ordering::Relaxed);
        let next = (now & !APART).wrapping_add(POLL);
        self.polls.store(next, Ordering::Relaxed);
        now & APART != 0
    }

    pub(crate) fn call_attention(&self) {
        self.attention.store(true, Ordering::Release);
    }

    /// Whether the control lane has changed since this was last asked.
    pub(crate) fn attention(&self) -> bool {
        self.attention.load(Ordering::Relaxed) && self.attention.swap(false, Ordering::AcqRel)
    }

    /// Tells `observer` when the process has ended; `Err` with the reason if it already has.
    pub(crate) fn observe(&self, observer: Arc<dyn Observer>) -> Result<u64, ExitReason> {
        let mut relations = self.relations.lock();
        match relations.dead() {
            // Whoever comes while links and monitors are being told hears of it after them.
            Some(reason) if relations.told => Err(reason.clone()),
            _ => Ok(relations.observe(observer)),
        }
    }

    pub(crate) fn unobserve(&self, key: u64) {
        let observer = self.relations.lock().unobserve(key);
        drop(observer);
    }

    /// A request was dropped because its caller had gone (`skip_expired`).
    pub(crate) fn skip(&self) {
        self.relations.lock().make_rare().skipped += 1;
    }

    /// Reports a message to this process that was not delivered.
    pub(crate) fn bury(&self, kind: LetterKind, why: Undelivered, content: Content) {
        let letter = DeadLetter {
            to: self.pid,
            to_type: self.type_name(),
            kind,
            why,
            content,
        };
        self.world.telemetry.dead_letter(&letter);
        if let Err(report) = panics::catch(|| drop(letter)) {
            tracing::error!(pid = %self.pid, %report, "the drop of a dead letter panicked");
        }
    }

    /// A port of a question to this process was dropped unanswered by the process itself: what that means is
    /// decided when its handler is done.
    pub(crate) fn judge_later(&self, question: Arc<dyn Question>) {
        self.relations.lock().make_rare().dropped.push(question);
        self.has_dropped.store(true, Ordering::Release);
    }

    /// A question whose handler is done, or will never be: if it has no answer, the end of the process is one.
    #[inline]
    pub(crate) fn keep_question(&self, question: Arc<dyn Question>) {
        if question.is_open() {
            self.observe_question(question);
        }
    }

    #[inline(never)]
    fn observe_question(&self, question: Arc<dyn Question>) {
        let observer = question.clone().observer();
        match self.observe(observer) {
            Ok(key) if question.observed(self.as_server(), key) => {}
            // The caller has gone in this moment.
            Ok(key) => self.unobserve(key),
            Err(reason) => question.observer().exited(&reason),
        }
    }

    /// Itself, as a question knows it.
    #[inline]
    pub(crate) fn as_server(&self) -> Server {
        Server::new(self.pid, |pid| {
            let process = route::find(pid)?;
            Some(process)
        })
    }

    /// Whether a port was dropped since `dropped_ports` was last asked.
    pub(crate) fn has_dropped_ports(&self) -> bool {
        self.has_dropped.load(Ordering::Relaxed)
    }

    /// The ports that were dropped since this was last asked.
    pub(crate) fn dropped_ports(&self) -> Vec<Arc<dyn Question>> {
        if self.has_dropped.load(Ordering::Relaxed)
            && self.has_dropped.swap(false, Ordering::AcqRel)
        {
            let mut relations = self.relations.lock();
            let rare = relations.rare();
            rare.map(|rare| std::mem::take(&mut rare.dropped))
                .unwrap_or_default()
        } else {
            Vec::new()
        }
    }
}
