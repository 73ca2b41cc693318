//! The context of a handler: its access to the process, besides its own state.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::reply::{DeferredWake, OpenReply, ReplyTo};
use crate::error::NotAProcess;
use crate::exit_reason::ExitReason;
use crate::handle::protocol::{Message, Protocol};
use crate::handle::recipient::Recipient;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::pid::Pid;
use crate::plain::into_exit::IntoExit;
use crate::plain::spawn::{self, ProcessBody};
use crate::process::current_request::{self, WithinDeadline};
use crate::process::header::ProcessRef;
use crate::process::link::{link_to, unlink_from};
use crate::process::monitor;
use crate::process::timer::{self, Timer, TimerAction};
pub use crate::server::gen_server::Context;
use crate::server::gen_server::{Extension, GenServer, IdleTimeout, RareContext, ServerCell};
use crate::server::info_bounds::{Handles, HandlesDown, HandlesExit, HandlesIdleTimeout, InfoOf};
use crate::server::sink;
use crate::signal::{Down, Exit, MonitorRef};

impl<S: GenServer> Context<S> {
    pub(crate) fn new(cell: Arc<ServerCell<S>>) -> Self {
        Self {
            cell,
            own: Mutex::default(),
            asked: false,
            rare: None,
            question: None,
            deferred_wake: DeferredWake::default(),
        }
    }

    fn rare(&mut self) -> &mut RareContext<S> {
        self.rare.get_or_insert_default()
    }

    pub(crate) fn cell(&self) -> &Arc<ServerCell<S>> {
        &self.cell
    }

    pub(crate) fn process(&self) -> ProcessRef {
        self.cell.clone()
    }

    /// Returns the pid of the server.
    pub fn pid(&self) -> Pid {
        self.cell.core.pid
    }

    /// Returns a handle to the server, to pass to others.
    pub fn subject(&self) -> <S::Protocol as Protocol>::Subject {
        Subject::<S::Protocol>::fixed(self.cell.clone()).into()
    }

    /// Returns a handle to the server that only accepts infos of type `T`, to pass to others.
    pub fn recipient<T: InfoOf<S> + Send + 'static>(&self) -> Recipient<T> {
        sink::recipient(&self.cell)
    }

    /// Answers a call with `value`, immediately by default. If this handler has already requested a
    /// [`stop`](Self::stop), the answer is sent after `terminate` has run, and before links, monitors and callers are
    /// notified of the exit.
    pub fn answer<R: Send + 'static>(&mut self, reply: ReplyTo<R>, value: R) {
        if self.is_stopping() {
            self.answer_after_terminate(reply, value);
        } else {
            reply.send(value);
        }
    }

    /// Answers at the end of a handler: the caller is woken only when the server's next step is known, so that it does
    /// not take another thread while this one is about to be free.
    #[inline(never)]
    pub(crate) fn answer_last<R: Send + 'static>(&mut self, reply: ReplyTo<R>, value: R) {
        if self.is_stopping() {
            self.answer_after_terminate(reply, value);
        } else {
            // The previous one was taken when this message began.
            if let Some(deferred_wake) = reply.give(value) {
                self.deferred_wake = deferred_wake;
            }
        }
    }

    /// Takes the deferred wake-up of the last answered caller.
    #[inline]
    pub(crate) fn deferred_wake(&mut self) -> Option<DeferredWake> {
        self.deferred_wake
            .is_there()
            .then(|| std::mem::take(&mut self.deferred_wake))
    }

    #[cold]
    fn answer_after_terminate<R: Send + 'static>(&mut self, reply: ReplyTo<R>, value: R) {
        self.rare().held.get_mut().push(Box::new(move || {
            reply.send(value);
        }));
    }

    /// Stops the server with `reason` after this handler; `terminate` runs before the server ends. If this is called
    /// more than once, the first reason is used. (Erlang: `{stop, Reason, State}`.)
    pub fn stop(&mut self, reason: ExitReason) {
        self.asked = true;
        self.rare().stop.get_or_insert(reason);
        self.cell.core.stopping.store(true, Ordering::Release);
    }

    /// Handles the continuation `next` right after this handler, before any queued message. A second call in the same
    /// handler replaces the first. For `Counter`, `#[gen_server]` generates the enum `CounterContinue`, with one
    /// variant per `#[continue_with]` method. (Erlang: `{continue, Term}`.)
    pub fn continue_with(&mut self, next: S::Continue) {
        self.asked = true;
        *self.rare().next.get_mut() = Some(next);
    }

    /// Sends the server one [`IdleTimeout`] if no message arrives within `after`, counted from the end of this handler.
    /// Any message cancels the idle timeout, including the message of a timer; a handler that needs it must set it
    /// again. A message that is removed from the queue does not, such as a `Down` that
    /// [`demonitor_flush`](Self::demonitor_flush) removes; nor do the requests of [`sys`](crate::sys). By default, no idle timeout is set. (Erlang: the timeout in
    /// `{noreply, State, Timeout}`.)
    pub fn idle_timeout(&mut self, after: Duration)
    where
        S: HandlesIdleTimeout,
    {
        self.asked = true;
        let rare = self.rare();
        rare.idle_after = Some(after);
        rare.on_idle = Some(<S as Handles<IdleTimeout>>::into_info);
    }

    /// Sends the server `message` once, not earlier than `after` from now. The timer ends with the server. (Erlang:
    /// `erlang:send_after/3`.)
    pub fn send_after<T>(&mut self, after: Duration, message: T) -> Timer
    where
        T: InfoOf<S> + Send + 'static,
    {
        self.start_timer(after, TimerAction::Once, self.recipient().once(message))
    }

    /// Sends the server a clone of `message` every `period`, the first after one `period`. After the first tick, a
    /// period below 1 ms is raised to 1 ms. If the previous message is still queued, the tick is skipped and counted in
    /// [`Timer::skipped`]. The timer ends with the server. (Erlang: `timer:send_interval/2`.)
    pub fn send_every<T>(&mut self, period: Duration, message: T) -> Timer
    where
        T: InfoOf<S> + Clone + Send + 'static,
    {
        self.start_timer(period, TimerAction::Every, self.recipient().each(message))
    }

    fn start_timer(&self, delay: Duration, kind: TimerAction, action: timer::Action) -> Timer {
        let own = self.process();
        timer::start(&self.cell.core.system, Some(&own), delay, kind, action)
    }

    /// Sends the server an info of its own `Info` type once.
    pub(crate) fn info_after(&self, after: Duration, info: S::Info) -> Timer {
        self.start_timer(after, TimerAction::Once, sink::own_info(&self.cell, info))
    }

    /// Cancels a timer: none of its messages is handled after this method returns. Returns the remaining time,
    /// [`Duration::ZERO`] if its message was queued and has been removed, or `None` if there was nothing to cancel; see
    /// [`Timer::cancel`]. (Erlang: `cancel_timer/1`.)
    pub fn cancel(&mut self, timer: &Timer) -> Option<Duration> {
        timer.cancel()
    }

    /// Monitors `target`: exactly one [`Down`] arrives when it ends, or at once with the reason `NoProcess` if it does
    /// not exist. A server that monitors itself receives no `Down`. (Erlang: `monitor/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn monitor(&mut self, target: impl Target) -> MonitorRef
    where
        S: HandlesDown,
    {
        self.rare().on_down = Some(<S as Handles<Down>>::into_info);
        monitor::monitor(&*self.cell, &target.__resolve())
    }

    /// Ends a monitor. Returns true if its `Down` neither is nor will be queued; false if it is already queued, or the
    /// reference is unknown. (Erlang: `demonitor/1`.)
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        monitor::demonitor(&*self.cell, monitor)
    }

    /// Ends a monitor, and removes its `Down` from the queue. (Erlang: `demonitor/2` with `flush`.)
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) {
        monitor::demonitor_flush(&*self.cell, monitor);
    }

    /// Links the server to `target`: when one of them ends abnormally, the other ends too, unless it traps exits. A
    /// second link between the same processes has no effect, and neither has a link of the server to itself. (Erlang:
    /// `link/1`.)
    ///
    /// # Errors
    /// - `NoProcess` if `target` has ended or does not exist. If `target` is on another node, this returns `Ok`, and an
    ///   exit signal with that reason follows.
    /// - `NoConnection` if the node of `target` is unreachable.
    ///
    /// If the server traps exits, this returns `Ok` in each of these cases, and an [`Exit`] with that reason arrives.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn link(&mut self, target: impl Target) -> Result<(), ExitReason> {
        link_to(&*self.cell, &target.__resolve())
    }

    /// Removes the link to `target`, if it exists. (Erlang: `unlink/1`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn unlink(&mut self, target: impl Target) {
        unlink_from(&*self.cell, &target.__resolve());
    }

    /// Sets whether the server traps exits; off by default. While trapping is on, exit signals arrive as [`Exit`]
    /// messages. The exit of its parent still stops the server, and a `Kill` cannot be trapped. (Erlang:
    /// `process_flag(trap_exit, _)`.)
    pub fn trap_exits(&mut self, on: bool)
    where
        S: HandlesExit,
    {
        self.rare().on_exit = Some(<S as Handles<Exit>>::into_info);
        self.cell.core.relations.lock().trap_exits = on;
    }

    /// Starts a plain process that is linked to the server from the beginning. As in OTP, the process keeps running if
    /// the server ends with `Normal`; a [`spawn_task`](Self::spawn_task) always ends with its server. (Erlang:
    /// `spawn_link/1`.)
    ///
    /// # Errors
    /// Never fails; the return type is that of [`ambit::spawn_link`](crate::spawn_link).
    pub fn spawn_link<M, F, Fut>(&mut self, body: F) -> Result<Subject<M>, NotAProcess>
    where
        M: Message,
        F: ProcessBody<M, Fut> + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        spawn::linked(&self.process(), body)
    }

    /// Starts a plain process that is monitored by the server from the beginning, so that the [`Down`] always carries
    /// its real exit reason. (Erlang: `spawn_monitor/1`.)
    ///
    /// # Errors
    /// Never fails; the return type is that of [`ambit::spawn_monitor`](crate::spawn_monitor).
    pub fn spawn_monitor<M, F, Fut>(
        &mut self,
        body: F,
    ) -> Result<(Subject<M>, MonitorRef), NotAProcess>
    where
        S: HandlesDown,
        M: Message,
        F: ProcessBody<M, Fut> + Send + 'static,
        Fut: Future<Output: IntoExit> + Send + 'static,
    {
        self.rare().on_down = Some(<S as Handles<Down>>::into_info);
        spawn::monitored(&self.process(), body)
    }

    /// Sets the label of the server, which reports and listings show. (Erlang: `proc_lib:set_label/1`.)
    pub fn label(&mut self, label: &str) {
        self.cell.core.relations.lock().set_label(label.into());
    }

    /// Returns the remaining time of the call being handled: zero after its deadline, `None` for casts, infos and calls
    /// without a deadline. If the handler runs inline, the time is counted from the first time it is read.
    ///
    /// Calls that the handler makes wait no longer than this time; see [`Call`](crate::Call#inside-a-handler).
    #[must_use]
    pub fn remaining(&self) -> Option<Duration> {
        current_request::left()
    }

    /// Makes `future` part of the request being handled, wherever the future runs: its calls wait no longer than the
    /// [remaining time](Self::remaining). Without this, a spawned task is not part of the request, because it may
    /// outlive the request on purpose.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// struct Slow;
    /// #[gen_server]
    /// impl Slow {
    ///     #[call] async fn think(&self) { std::future::pending().await }
    /// }
    /// struct Done(ReplyTo<Result<(), CallError>>, Result<(), CallError>);
    /// struct Front { slow: SlowSubject }
    /// #[gen_server]
    /// impl Front {
    ///     #[call(deferred)]
    ///     fn ask(&mut self, ctx: &mut Context<Self>, reply: ReplyTo<Result<(), CallError>>) {
    ///         let slow = self.slow.clone();
    ///         let work = ctx.within_deadline(async move { Done(reply, slow.think().await) });
    ///         ctx.spawn_task(work);
    ///     }
    ///     #[info] fn on_done(&mut self, Done(reply, outcome): Done) { reply.send(outcome); }
    /// }
    /// # fn main() {}
    /// ```
    pub fn within_deadline<F: Future>(&self, future: F) -> WithinDeadline<F> {
        WithinDeadline::new(future)
    }

    /// Begins handling the call of this question.
    #[inline]
    pub(crate) fn handles(&mut self, question: Arc<dyn OpenReply>) {
        current_request::begin(question.taken());
        self.question = Some(question);
    }

    /// Ends handling a message; returns the question, if it was a call.
    #[inline]
    pub(crate) fn handled(&mut self) -> Option<Arc<dyn OpenReply>> {
        // Most messages are no calls: then nothing is written.
        self.question.as_ref()?;
        self.question.take()
    }

    /// Returns the state of a higher layer.
    pub(crate) fn extension(&mut self) -> &mut Extension {
        self.rare().extension.get_mut()
    }

    pub(crate) fn look_at_extension<R>(&self, look: impl FnOnce(&dyn Any) -> R) -> Option<R> {
        let extension = self.rare.as_ref()?.extension.lock();
        extension.as_deref().map(|kept| look(kept))
    }
}

impl<S: GenServer> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context")
            .field("pid", &self.pid())
            .finish_non_exhaustive()
    }
}
