//! A process with its typed mailbox.

mod any_process;
mod converted;
mod unhandled;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;

use crate::engine::mailbox::overflow::Overflow;
use crate::engine::mailbox::{Admission, Envelope, Mailbox, QueueEntry, QueuedMessage};
use crate::engine::reply::{OpenReply, Replier};
use crate::engine::run_cell::{RunCell, RunPermit};
use crate::engine::wake::{ReaderWaker, Wake};
use crate::engine::wake_list::{self};
use crate::error::CallError;
use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::control_lane::{Ask, ControlCommand, ControlLane};
use crate::process::dead_letter::Undelivered;
use crate::process::header::{AnyProcess, ProcessHeader};
use crate::process::mailbox_item::MailboxItem;
use crate::process::offer::{Offer, Patience};
use crate::process::system_message::SystemMessage;
use crate::process::timer::TimerShared;
use crate::process::{current, dropped_ports, guard, monitor};
use crate::rt;
use crate::trace;

/// The next step of the process.
pub(crate) enum NextStep<M> {
    Fatal(ExitReason),
    Leave(ExitReason),
    Ask(Ask),
    Entry(QueueEntry<M, SystemMessage<M>>),
}

/// The state in the cell of a process: that of a server, which its callers may run too. Plain processes and supervisors
/// keep their state in their task, and use `()` here.
pub(crate) trait RunnerState<M>: Sized + Send + 'static {
    /// Spawns a task that takes the run permit.
    fn spawn(cell: Arc<ProcessCell<M, Self>>);
    /// Drops the state, and all references that keep the process's own memory alive.
    fn end(&mut self);
    /// Returns the methods that callers do not run because they are slow.
    fn slow_methods(core: &ProcessHeader) -> Vec<&'static str>;
}

impl<M: MailboxItem> RunnerState<M> for () {
    fn spawn(_: Arc<ProcessCell<M>>) {}

    fn end(&mut self) {}

    fn slow_methods(_: &ProcessHeader) -> Vec<&'static str> {
        Vec::new()
    }
}

/// The second parameter is explicit: as a projection it would prevent `Inbox<&'static str>` from being `Send` in async
/// code.
pub(crate) struct ProcessCell<M, L = ()> {
    pub(crate) core: ProcessHeader,
    pub(crate) cell: RunCell<M, SystemMessage<M>, ControlLane, L>,
}

/// The messages that one incarnation leaves to the next.
pub(crate) struct RetainedMailbox<M: MailboxItem, L: RunnerState<M> = ()> {
    pub(super) left: Mutex<RetainedMessages<M, L>>,
}

pub(super) struct RetainedMessages<M: MailboxItem, L: RunnerState<M>> {
    pub(super) messages: VecDeque<QueueEntry<M, SystemMessage<M>>>,
    /// The current or previous owner of the messages.
    pub(super) owner: Option<Arc<ProcessCell<M, L>>>,
}

/// The mailbox of a process.
type ProcessMailbox<M> = Mailbox<M, SystemMessage<M>>;

/// The permit to run a process.
pub(crate) type ProcessPermit<'a, M, L> = RunPermit<'a, M, SystemMessage<M>, ControlLane, L>;

impl<M: MailboxItem> ProcessCell<M> {
    pub(crate) fn new(core: ProcessHeader, capacity: usize, overflow: Overflow) -> Self {
        Self::living(core, capacity, overflow, ())
    }
}

impl<M: MailboxItem, L: RunnerState<M>> ProcessCell<M, L> {
    pub(crate) fn living(
        core: ProcessHeader,
        capacity: usize,
        overflow: Overflow,
        runner_state: L,
    ) -> Self {
        Self {
            core,
            cell: RunCell::new(capacity, overflow, runner_state),
        }
    }

    /// Runs `what` on the mailbox, and wakes the process if it waits for that.
    pub(super) fn send<T>(&self, what: impl FnOnce(&mut ProcessMailbox<M>) -> T) -> T {
        let (result, wake) = self.cell.send(what);
        self.wake(wake);
        result
    }

    /// Like `send`, for code that runs seldom: it is compiled once, and not for each closure.
    pub(super) fn send_dyn(&self, what: &mut dyn FnMut(&mut ProcessMailbox<M>)) {
        self.send(what);
    }

    /// Offers a user message; `wrap` converts it for the queue once there is capacity. A process never waits for
    /// capacity in its own mailbox.
    pub(crate) fn offer<T>(
        &self,
        message: T,
        wrap: impl FnOnce(T) -> M,
        question: Option<Arc<dyn OpenReply>>,
        patience: Patience<'_>,
    ) -> Offer<T> {
        let waits = !matches!(patience, Patience::None);
        let may_wait = || waits && current::pid() != self.core.pid;
        let trace = trace::carried();
        let envelope = |message| Envelope {
            item: wrap(message),
            question,
            trace,
        };
        let (offer, out) = self.send(|mailbox| match mailbox.admission(may_wait) {
            Admission::Free(out) => {
                mailbox.push(envelope(message));
                (Offer::Queued, out)
            }
            Admission::Wait => (
                Offer::Waiting(mailbox.wait(envelope(message), patience.ticket())),
                None,
            ),
            Admission::Full => (Offer::Full(message), None),
            Admission::Drop => (Offer::Dropped(message), None),
            Admission::Closed => (Offer::Closed(message), None),
        });
        if let Some(envelope) = out {
            self.dead_letter(envelope, Undelivered::Overflow);
        }
        offer
    }

    /// Pushes a message if there is capacity now; otherwise returns it, for any reason.
    #[inline]
    pub(crate) fn push_if_free<T>(
        &self,
        message: T,
        envelope: impl FnOnce(T) -> QueuedMessage<M>,
    ) -> Result<(), T> {
        let wake = self.put_if_free(message, envelope)?;
        if !matches!(wake, Wake::None) {
            self.wake(wake);
        }
        Ok(())
    }

    /// Like `push_if_free`, but leaves the wake-up to the caller.
    #[inline]
    pub(crate) fn put_if_free<T>(
        &self,
        message: T,
        envelope: impl FnOnce(T) -> QueuedMessage<M>,
    ) -> Result<Wake, T> {
        if trace::is_on() {
            return self.put_traced(message, envelope);
        }
        self.cell.push_if_free(message, envelope)
    }

    #[cold]
    fn put_traced<T>(
        &self,
        message: T,
        envelope: impl FnOnce(T) -> QueuedMessage<M>,
    ) -> Result<Wake, T> {
        let trace = trace::carried();
        let envelope = |message| envelope(message).within(trace);
        self.cell.push_if_free(message, envelope)
    }

    /// Reports an undelivered message as a dead letter; the caller of a call is notified first.
    pub(crate) fn dead_letter(&self, envelope: Envelope<M>, why: Undelivered) {
        if let Some(question) = envelope.question {
            match why {
                Undelivered::Overflow => question.fail(CallError::Full),
                // It was queued when its server ended: the exit path answers it, with the reason.
                Undelivered::Ended => {
                    self.core.keep_question(question);
                    drop(panics::try_drop(envelope.item));
                    return;
                }
                Undelivered::Unhandled | Undelivered::Nobody | Undelivered::Crashed => {}
            }
        }
        self.dead_letter_item(envelope.item, why);
    }

    pub(crate) fn dead_letter_item(&self, item: M, why: Undelivered) {
        let (kind, content) = item.content();
        self.core.dead_letter(kind, why, content);
    }

    /// Queues a message that the process requested itself; fails if the process has ended.
    pub(crate) fn push_system(&self, system: SystemMessage<M>) -> Result<(), SystemMessage<M>> {
        let (pushed, wake) = self.cell.push_system(system);
        self.wake(wake);
        pushed
    }

    /// Queues the message of a timer; returns false if the process has ended.
    pub(crate) fn push_timed(&self, timer: &Arc<TimerShared>, message: M) -> bool {
        let pushed = self.push_system(SystemMessage::Timed(timer.clone(), message));
        pushed.map_err(|system| self.discard(system)).is_ok()
    }

    /// Drops a system message that an ended process has not taken. The messages that the process requested itself end
    /// with it; the message of a timer that follows a name is a dead letter.
    pub(super) fn discard(&self, system: SystemMessage<M>) {
        match system {
            SystemMessage::Timed(timer, message) if timer.untaken() => {
                self.dead_letter_item(message, Undelivered::Ended);
            }
            system => panics::drop_quietly(system),
        }
    }

    /// Pushes a message whose permit is already held.
    pub(crate) fn push_reserved<T>(
        &self,
        message: T,
        envelope: impl FnOnce(T) -> QueuedMessage<M>,
    ) -> Result<(), T> {
        let trace = trace::carried();
        let waker = self.send(|mailbox| {
            if mailbox.is_closed() {
                return Err(message);
            }
            Ok(mailbox.push_reserved(envelope(message).within(trace)))
        })?;
        wake_list::wake(waker);
        Ok(())
    }

    /// Polls for the next step, the control lane first.
    pub(crate) fn poll_next(&self, cx: &mut Context<'_>) -> Poll<NextStep<M>> {
        self.poll_taking(cx, Mailbox::take_next)
    }

    /// Like [`poll_next`](Self::poll_next), with the first queued entry that `wanted` accepts: the same ones in all calls.
    pub(crate) fn poll_first(
        &self,
        cx: &mut Context<'_>,
        wanted: impl Fn(&QueueEntry<M, SystemMessage<M>>) -> bool,
    ) -> Poll<NextStep<M>> {
        self.poll_taking(cx, |mailbox| mailbox.take_first(&wanted))
    }

    /// Like [`poll_first`](Self::poll_first), and then with the first system message that waits for capacity.
    pub(crate) fn poll_first_or_system(
        &self,
        cx: &mut Context<'_>,
        wanted: impl Fn(&QueueEntry<M, SystemMessage<M>>) -> bool,
    ) -> Poll<NextStep<M>> {
        self.poll_taking(cx, |mailbox| {
            let first = mailbox.take_first(&wanted);
            first.or_else(|| mailbox.take_waiting_system())
        })
    }

    /// Polls the control lane only; queued messages stay. The next message wakes the process.
    pub(crate) fn poll_control(&self, cx: &mut Context<'_>) -> Poll<NextStep<M>> {
        self.poll_taking(cx, |_| None)
    }

    fn poll_taking(
        &self,
        cx: &mut Context<'_>,
        take: impl Fn(&mut Mailbox<M, SystemMessage<M>>) -> Option<QueueEntry<M, SystemMessage<M>>>,
    ) -> Poll<NextStep<M>> {
        let Poll::Ready(coop) = rt::poll_proceed(cx) else {
            return Poll::Pending;
        };
        let mut reader = None;
        loop {
            let mut inner = self.cell.lock();
            let next = match inner.control.say() {
                ControlCommand::Die(reason) => Some(NextStep::Fatal(reason)),
                ControlCommand::Ask(ask) => Some(NextStep::Ask(ask)),
                ControlCommand::Leave(reason) => Some(NextStep::Leave(reason)),
                ControlCommand::Wait => None,
                ControlCommand::Nothing => take(&mut inner.mailbox).map(NextStep::Entry),
            };
            let void = inner.mailbox.void();
            let is_settled = next.is_some() || inner.wait(cx.waker(), &mut reader);
            let admits = inner.mailbox.may_admit();
            drop(inner);
            drop(void);
            if admits {
                self.wake(self.cell.let_in());
            }
            match next {
                // Cancelled after it was taken from the queue.
                Some(NextStep::Entry(entry)) if !self.begins(&entry) => {}
                Some(next) => {
                    coop.made_progress();
                    return Poll::Ready(next);
                }
                None if is_settled => return Poll::Pending,
                None => reader = Some(ReaderWaker::new(cx.waker())),
            }
        }
    }

    /// Ends a wait for a message: the process does something else.
    pub(crate) fn go_on(&self) {
        self.cell.lock().go_on();
    }

    /// Records that the process takes a system message; returns false if it is void.
    pub(crate) fn takes(&self, system: &SystemMessage<M>) -> bool {
        match system {
            SystemMessage::Timed(timer, _) => timer.take(),
            SystemMessage::Down(down) => monitor::take_down(&self.core, down.monitor),
            SystemMessage::Exit(_) | SystemMessage::Stop(_) | SystemMessage::Item(_) => true,
        }
    }

    /// Records that the process handles the entry; returns false if it is void.
    fn begins(&self, entry: &QueueEntry<M, SystemMessage<M>>) -> bool {
        if let QueueEntry::System(system) = entry {
            return self.takes(system);
        }
        if let Some(question) = entry.question() {
            question.taken();
            self.core.keep_question(question.clone());
        }
        true
    }

    pub(crate) fn fatal(&self) -> Option<ExitReason> {
        guard::fatal(self)
    }

    /// Takes a control request for the process, if there is one.
    pub(crate) fn take_ask(&self) -> Option<Ask> {
        self.cell.lock().control.take_ask()
    }
}

impl<M: MailboxItem, L: RunnerState<M>> Replier for ProcessCell<M, L> {
    fn unobserve(&self, key: u64) {
        self.core.unobserve(key);
    }

    fn port_dropped(&self, question: Arc<dyn OpenReply>) {
        dropped_ports::dropped(self, question);
    }
}

impl<M: MailboxItem, L: RunnerState<M>> ProcessCell<M, L> {
    /// Returns the retained mailbox, if it can still have a successor.
    fn kept(&self) -> Option<Arc<RetainedMailbox<M, L>>> {
        let kept = self.core.relations.lock().rare()?.kept.take()?;
        let kept = kept.downcast().ok()?;
        (Arc::strong_count(&kept) > 1).then_some(kept)
    }

    /// Fails the calls whose ports the handler has dropped, unless the server is about to end.
    #[inline]
    pub(crate) fn settle_ports(&self) {
        if self.core.has_dropped_ports() {
            dropped_ports::settle_dropped(self);
        }
    }
}
