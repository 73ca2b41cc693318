//! What a handler may do besides computing: everything goes through its context.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::reply::{Bell, Question, ReplyTo};
use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::plain::inbox::Inbox;
use crate::plain::into_exit::IntoExit;
use crate::plain::spawn;
use crate::process::core::ProcRef;
use crate::process::link::{link_to, unlink_from};
use crate::process::tasks::Running;
use crate::process::timer::{self, Timer};
use crate::process::{drive, monitor, panics, signal};
use crate::rt::{self, Instant};
use crate::server::door;
use crate::server::gen_server::GenServer;
use crate::server::handles::Handles;
use crate::server::life::ServerBody;
use crate::signal::{Down, Exit, MonitorRef};

/// The message of an idle timeout: no other message came inside the time. (Erlang: `timeout`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleTimeout;

/// The server's side of its process: handlers take `ctx: &mut Context<Self>` where they need it.
///
/// A method that leads to a message is allowed only in a server that has an `#[info]` for it:
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[derive(Clone)]
/// struct Tick;
/// struct Clock { ticks: u64 }
/// #[gen_server]
/// impl Clock {
///     #[init]
///     fn init(ctx: &mut Context<Self>) -> Self {
///         ctx.send_every(Duration::from_millis(1), Tick);
///         Self { ticks: 0 }
///     }
///     #[info]
///     fn on_tick(&mut self, ctx: &mut Context<Self>, _: Tick) {
///         self.ticks += 1;
///         if self.ticks == 3 { ctx.stop(ExitReason::Normal) }
///     }
/// }
/// #[ambit::main]
/// async fn main() {
///     let clock = Clock::start().await.unwrap();
///     assert_eq!(clock.closed().await, ExitReason::Normal);
/// }
/// ```
pub struct Context<S: GenServer> {
    body: Arc<ServerBody<S>>,
    /// Itself as a process, while it is not the current one: what runs it in place need not count another reference.
    /// Behind a lock that nobody ever waits for, so that the context is `Sync` although this need not be.
    pub(crate) own: Mutex<Option<ProcRef>>,
    /// The handler has asked for something that comes before the next message.
    pub(crate) asked: bool,
    /// Made when it is first needed: idle servers are many, and most never do.
    rare: Option<Box<Rare<S>>>,
    deadline: Mutex<Option<Deadline>>,
    /// The caller that was answered last, until the next message begins or the server waits.
    bell: Bell,
}

struct Rare<S: GenServer> {
    stop: Option<ExitReason>,
    /// Behind a lock as `own` is.
    next: Mutex<Option<S::Continue>>,
    idle: Option<Duration>,
    on_idle: Option<fn(IdleTimeout) -> S::Info>,
    on_down: Option<fn(Down) -> S::Info>,
    on_exit: Option<fn(Exit) -> S::Info>,
    /// Answers that are sent after terminate; behind a lock as `own` is.
    held: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
    /// Monitors whose `Down` may already be taken from the mailbox and is to be passed over.
    forgotten: Vec<MonitorRef>,
    /// What a room above keeps for a server of its own kind; behind a lock as `own` is.
    extension: Mutex<Extension>,
}

/// What a room above keeps with a server.
pub(crate) type Extension = Option<Box<dyn Any + Send>>;

impl<S: GenServer> Default for Rare<S> {
    fn default() -> Self {
        Self {
            stop: None,
            next: Mutex::default(),
            idle: None,
            on_idle: None,
            on_down: None,
            on_exit: None,
            held: Mutex::default(),
            forgotten: Vec::new(),
            extension: Mutex::default(),
        }
    }
}

/// Until when the caller waits.
enum Deadline {
    /// The call that is being handled knows.
    Of(Arc<dyn Question>),
    At(Instant),
    /// For so long, from when anybody asks: the handler runs in place and has just begun.
    Within(Duration),
}

impl<S: GenServer> Context<S> {
    pub(crate) fn new(body: Arc<ServerBody<S>>) -> Self {
        Self {
            body,
            own: Mutex::default(),
            asked: false,
            rare: None,
            deadline: Mutex::default(),
            bell: Bell::default(),
        }
    }

    fn rare(&mut self) -> &mut Rare<S> {
        self.rare.get_or_insert_default()
    }

    pub(crate) fn body(&self) -> &Arc<ServerBody<S>> {
        &self.body
    }

    pub(crate) fn process(&self) -> ProcRef {
        self.body.clone()
    }

    /// The server's own pid.
    pub fn pid(&self) -> Pid {
        self.body.core.pid
    }

    /// A handle on the server itself, to be given to others.
    pub fn subject(&self) -> <S::Protocol as Protocol>::Subject {
        Subject::<S::Protocol>::fixed(self.body.clone()).into()
    }

    /// A narrow handle for one type of its own infos, to be given to others.
    pub fn recipient<T: Send + 'static>(&self) -> Recipient<T>
    where
        S: Handles<T>,
    {
        door::recipient(&self.body)
    }

    /// Answers a call: at once, unless this handler has asked to [`stop`](Self::stop). Then terminate runs, the
    /// answer is sent, and only then the exit becomes visible.
    pub fn answer<R: Send + 'static>(&mut self, reply: ReplyTo<R>, value: R) {
        if self.is_stopping() {
            self.answer_after_terminate(reply, value);
        } else {
            reply.send(value);
        }
    }

    /// The same at the end of a handler: the caller is woken when it is known what the server does next, so that it
    /// does not take another thread for what this one is about to be free for.
    #[inline(never)]
    pub(crate) fn answer_last<R: Send + 'static>(&mut self, reply: ReplyTo<R>, value: R) {
        if self.is_stopping() {
            self.answer_after_terminate(reply, value);
        } else {
            self.bell = reply.give(value).unwrap_or_default();
        }
    }

    /// The caller that was answered last and is still asleep.
    #[inline]
    pub(crate) fn bell(&mut self) -> Option<Bell> {
        self.bell.is_there().then(|| std::mem::take(&mut self.bell))
    }

    #[cold]
    fn answer_after_terminate<R: Send + 'static>(&mut self, reply: ReplyTo<R>, value: R) {
        self.rare().held.get_mut().push(Box::new(move || {
            reply.send(value);
        }));
    }

    /// Ends the server after this handler, with `reason`; terminate runs. The first reason counts.
    /// (Erlang: `{stop, Reason, State}`.)
    pub fn stop(&mut self, reason: ExitReason) {
        self.asked = true;
        self.rare().stop.get_or_insert(reason);
        self.body.core.stopping.store(true, Ordering::Release);
    }

    /// Does `next` after this handler, before any queued message. (Erlang: `{continue, Term}`.)
    pub fn continue_with(&mut self, next: S::Continue) {
        self.asked = true;
        *self.rare().next.get_mut() = Some(next);
    }

    /// Sends the server an [`IdleTimeout`] if no message comes within `after`. Any message cancels it.
    pub fn idle_timeout(&mut self, after: Duration)
    where
        S: Handles<IdleTimeout>,
    {
        self.asked = true;
        let rare = self.rare();
        rare.idle = Some(after);
        rare.on_idle = Some(<S as Handles<IdleTimeout>>::into_info);
    }

    /// Sends the server `message` once, not earlier than `after` from now. (Erlang: `send_after`.)
    pub fn send_after<T: Send + 'static>(&mut self, after: Duration, message: T) -> Timer
    where
        S: Handles<T>,
    {
        self.start_timer(after, false, self.recipient().once(message))
    }

    /// Sends the server a clone of `message` every `period`; a tick whose predecessor is still queued is skipped
    /// and counted. (Erlang: `send_interval`.)
    pub fn send_every<T: Clone + Send + 'static>(&mut self, period: Duration, message: T) -> Timer
    where
        S: Handles<T>,
    {
        self.start_timer(period, true, self.recipient().each(message))
    }

    fn start_timer(&self, delay: Duration, repeat: bool, action: timer::Action) -> Timer {
        let own = self.process();
        timer::start(&self.body.core.world, Some(&own), delay, repeat, action)
    }

    /// Sends the server an info of its own kind once.
    pub(crate) fn info_after(&self, after: Duration, info: S::Info) -> Timer {
        self.start_timer(after, false, door::own_info(&self.body, info))
    }

    /// Cancels a timer and returns what was left; nothing of it comes after this.
    pub fn cancel(&mut self, timer: &Timer) -> Option<Duration> {
        timer.cancel()
    }

    /// Watches `target`: exactly one [`Down`] comes when it ends. (Erlang: `monitor/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn monitor(&mut self, target: impl Target) -> MonitorRef
    where
        S: Handles<Down>,
    {
        self.rare().on_down = Some(<S as Handles<Down>>::into_info);
        monitor::monitor(&*self.body, &target.__resolve())
    }

    /// Ends a monitor. True: no `Down` is or will be queued; false: one already is, or the ref is unknown.
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        monitor::demonitor(&*self.body, monitor)
    }

    /// Ends a monitor and removes its `Down` if that is already queued.
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) {
        if !monitor::demonitor_flush(&*self.body, monitor) {
            self.rare().forgotten.push(monitor);
        }
    }

    /// Links the server to `target`: when one ends abnormally, so does the other. (Erlang: `link/1`.)
    ///
    /// # Errors
    /// Why the link is impossible: `NoProcess`, `NoConnection`. A server that traps exits gets an [`Exit`] instead.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn link(&mut self, target: impl Target) -> Result<(), ExitReason> {
        link_to(&*self.body, &target.__resolve())
    }

    /// Removes the link to `target`, if there is one.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn unlink(&mut self, target: impl Target) {
        unlink_from(&*self.body, &target.__resolve());
    }

    /// Makes exit signals reach the server as [`Exit`] messages, or no longer. The exit of its parent still stops it.
    pub fn trap_exits(&mut self, on: bool)
    where
        S: Handles<Exit>,
    {
        self.rare().on_exit = Some(<S as Handles<Exit>>::into_info);
        self.body.core.relations.lock().trap_exits = on;
    }

    /// Starts a plain process that is linked to the server from its first moment.
    ///
    /// # Errors
    /// None today; the shape is that of [`ambit::spawn_link`](crate::spawn_link).
    pub fn spawn_link<M, F, Fut>(&mut self, body: F) -> Result<Subject<M>, NotAProcess>
    where
        M: Message,
        F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::linked(&self.process(), body)
    }

    /// Starts a plain process that is monitored from its first moment, so that its true reason is seen.
    ///
    /// # Errors
    /// None today; the shape is that of [`ambit::spawn_monitor`](crate::spawn_monitor).
    pub fn spawn_monitor<M, F, Fut>(
        &mut self,
        body: F,
    ) -> Result<(Subject<M>, MonitorRef), NotAProcess>
    where
        S: Handles<Down>,
        M: Message,
        F: FnOnce(Inbox<M>) -> Fut + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        self.rare().on_down = Some(<S as Handles<Down>>::into_info);
        spawn::monitored(&self.process(), body)
    }

    /// Runs `future` beside the loop; its output comes back as an info. It is cancelled when the server ends, and a
    /// panic in it is the server's crash.
    pub fn spawn_task<F>(&mut self, future: F)
    where
        F: Future<Output: Send + 'static> + Send + 'static,
        S: Handles<F::Output>,
    {
        let world = self.body.core.world.clone();
        let Some(handle) = world.handle().cloned() else {
            return;
        };
        let (to, body) = (self.recipient::<F::Output>(), self.body.clone());
        let quiet = world.settings.quiet_panics;
        let running = Running::begin(&world);
        let key = self.body.core.relations.lock().next_key();
        // Changed under the lock of the relations only; a task that is done before it is noted is not noted.
        let is_done = Arc::new(AtomicBool::new(false));
        let done = is_done.clone();
        // Not under that lock: a runtime that is going away drops the future, which is the user's, at once.
        let task = rt::spawn(&handle, async move {
            let _running = running;
            match drive::caught(future, quiet).await {
                Ok(output) => drop(to.item(output)),
                Err(report) => signal::leave(&*body, &ExitReason::Panic(report)),
            }
            let mut relations = body.core.relations.lock();
            done.store(true, Ordering::Relaxed);
            relations.tasks.remove(&key);
        });
        let mut relations = self.body.core.relations.lock();
        if relations.cleaned {
            task.abort();
        } else if !is_done.load(Ordering::Relaxed) {
            relations.tasks.insert(key, task);
        }
    }

    /// Names the server in reports and listings.
    pub fn label(&mut self, label: &str) {
        self.body.core.relations.lock().set_label(label.into());
    }

    /// What is left of the deadline of the call that is being handled; `None` for casts, infos and calls without one. If
    /// the caller runs the handler itself, it counts from when this is first asked.
    pub fn remaining(&self) -> Option<Duration> {
        let world = &self.body.core.world;
        let mut deadline = self.deadline.lock();
        let at = match (*deadline).as_ref()? {
            Deadline::Of(question) => question.deadline()?,
            Deadline::At(at) => *at,
            Deadline::Within(time) => world.after(*time),
        };
        if let Some(Deadline::Within(_)) = *deadline {
            *deadline = Some(Deadline::At(at));
        }
        Some(at.saturating_duration_since(world.now()))
    }

    /// A call begins, which this question stands for.
    #[inline]
    pub(crate) fn handles(&mut self, question: Arc<dyn Question>) {
        question.taken();
        *self.deadline.get_mut() = Some(Deadline::Of(question));
    }

    /// A call begins whose caller runs it, and waits for so long.
    #[inline]
    pub(crate) fn handles_in_place(&mut self, timeout: Option<Duration>) {
        *self.deadline.get_mut() = timeout.map(Deadline::Within);
    }

    /// The message has been handled; gives the question, if it was a call.
    #[inline]
    pub(crate) fn handled(&mut self) -> Option<Arc<dyn Question>> {
        let deadline = self.deadline.get_mut();
        if deadline.is_none() {
            return None;
        }
        match deadline.take()? {
            Deadline::Of(question) => Some(question),
            Deadline::At(_) | Deadline::Within(_) => None,
        }
    }

    /// Whether the `Down` of a monitor, which was taken from the mailbox before, has been flushed.
    pub(crate) fn forgot(&mut self, monitor: MonitorRef) -> bool {
        let Some(rare) = &mut self.rare else {
            return false;
        };
        let known = rare.forgotten.iter().position(|known| *known == monitor);
        known.map(|at| rare.forgotten.swap_remove(at)).is_some()
    }

    /// It wants nothing of the moment when nothing is left to do.
    pub(crate) fn is_plain(&self) -> bool {
        self.rare.is_none()
    }

    /// Nothing taken from the mailbox is left: what was to be passed over never came.
    pub(crate) fn forget_no_more(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.forgotten.clear();
        }
    }

    /// The place where a room above keeps what it needs.
    pub(crate) fn extension(&mut self) -> &mut Extension {
        self.rare().extension.get_mut()
    }

    pub(crate) fn look_at_extension<R>(&self, look: impl FnOnce(&dyn Any) -> R) -> Option<R> {
        let extension = self.rare.as_ref()?.extension.lock();
        extension.as_deref().map(|kept| look(kept))
    }

    /// Whether a handler has asked to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.stop.is_some())
    }

    pub(crate) fn take_stop(&mut self) -> Option<ExitReason> {
        self.rare.as_mut()?.stop.take()
    }

    pub(crate) fn has_next(&mut self) -> bool {
        let rare = self.rare.as_mut();
        rare.is_some_and(|rare| rare.next.get_mut().is_some())
    }

    pub(crate) fn take_next(&mut self) -> Option<S::Continue> {
        self.rare.as_mut()?.next.get_mut().take()
    }

    /// After which time without a message the server wants to be told.
    pub(crate) fn idle(&self) -> Option<Duration> {
        self.rare.as_ref()?.idle
    }

    pub(crate) fn end_idle(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.idle = None;
        }
    }

    pub(crate) fn on_idle(&self) -> Option<fn(IdleTimeout) -> S::Info> {
        self.rare.as_ref()?.on_idle
    }

    pub(crate) fn on_down(&self) -> Option<fn(Down) -> S::Info> {
        self.rare.as_ref()?.on_down
    }

    pub(crate) fn on_exit(&self) -> Option<fn(Exit) -> S::Info> {
        self.rare.as_ref()?.on_exit
    }
}

impl<S: GenServer> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}

/// Runs the answers that waited for terminate.
pub(crate) fn send_held<S: GenServer>(ctx: &mut Context<S>) {
    let rare = ctx.rare.as_mut();
    let held = rare.map(|rare| std::mem::take(rare.held.get_mut()));
    for answer in held.into_iter().flatten() {
        if let Err(report) = panics::catch(answer) {
            tracing::error!(pid = %ctx.pid(), %report, "an answer panicked");
        }
    }
}
