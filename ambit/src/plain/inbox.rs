//! The receiving end of a plain process.

use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::handle::protocol::Message;
use crate::handle::recipient::Recipient;
use crate::handle::sink::PlainMessage;
use crate::handle::subject::Subject;
use crate::handle::target::Target;
use crate::panics;
use crate::pid::Pid;
use crate::plain::create;
use crate::plain::inbox_event::{InboxEvent, TakenEvent, choose, is_message, take};
use crate::process::cell::{NextStep, ProcessCell};
use crate::process::clock::within;
use crate::process::header::{AnyProcess, ProcessRef, Stage, TypeName};
use crate::process::link::{link_to, unlink_from};
use crate::process::queue_scan::QueueScan;
use crate::process::system_inner::SystemInner;
use crate::process::telemetry::Event;
use crate::process::{exit_path, monitor};
use crate::signal::MonitorRef;

/// The receiving end of a plain process. It belongs to that process and cannot be cloned. The mailbox holds 1024
/// messages.
///
/// # Cancel safety
/// Dropping the future of any async method of the inbox loses no event.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main(mut inbox: Inbox<u8>) {
///     let worker = inbox.spawn_monitor(|_: Inbox<()>| async { ExitReason::Shutdown }).unwrap();
///     let InboxEvent::Down(down) = inbox.next().await else { panic!("only a Down can come") };
///     assert_eq!((down.monitor, down.reason), (worker.1, ExitReason::Shutdown));
/// }
/// ```
pub struct Inbox<M: Message> {
    cell: Arc<ProcessCell<PlainMessage<M>>>,
    /// It has no task: its reader acts for it, and dropping the inbox ends the process.
    is_side: bool,
    /// The number of queued `Down` events that became void since the void ones were last removed.
    flushed: usize,
    /// The last poll found no event, and the receive has not ended since.
    waits: bool,
}

/// The entries that a poll takes from the queue.
#[derive(Clone, Copy)]
enum Wanted {
    Nothing,
    /// Messages and stop requests; exits and downs stay.
    Messages,
    Everything,
}

impl<M: Message> Inbox<M> {
    pub(crate) fn new(cell: Arc<ProcessCell<PlainMessage<M>>>) -> Self {
        Self {
            cell,
            is_side: false,
            flushed: 0,
            waits: false,
        }
    }

    /// Creates the inbox of a process without a task; its reader acts for the process.
    pub(crate) fn side(system: Arc<SystemInner>, type_name: Option<TypeName>) -> Self {
        let cell = create::make_side(system, type_name);
        cell.core.system.telemetry.emit(&Event::Started {
            pid: cell.core.pid,
            type_name: cell.core.type_name(),
        });
        Self {
            cell,
            is_side: true,
            flushed: 0,
            waits: false,
        }
    }

    /// Opens another inbox for messages of type `N`, with its own subject, pid and mailbox. It is read by the same
    /// code, usually through a [`Selector`](crate::Selector). Dropping it ends its process with the reason `Normal`, or
    /// with that of an exit signal that had arrived.
    pub fn open<N: Message>(&self) -> Inbox<N> {
        Inbox::side(self.cell.core.system.clone(), None)
    }

    pub(super) fn process(&self) -> ProcessRef {
        self.cell.clone()
    }

    /// Returns the pid of this process.
    pub fn pid(&self) -> Pid {
        self.cell.core.pid
    }

    /// Returns a handle to this process, to pass to others.
    pub fn subject(&self) -> Subject<M> {
        Subject::fixed(self.cell.clone())
    }

    /// Returns a handle to this process that only accepts its messages, to pass to others: to timers, topics and
    /// registries.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// #[ambit::main]
    /// async fn main(mut inbox: Inbox<u8>) {
    ///     let answers: Recipient<u8> = inbox.recipient();
    ///     answers.send(7).await.unwrap();
    ///     assert_eq!(inbox.recv().await, Some(7));
    /// }
    /// ```
    pub fn recipient(&self) -> Recipient<M> {
        Recipient::of_plain(&self.subject())
    }

    /// Links this process to `target`: when one of them ends abnormally, the other ends too, unless it traps exits. A
    /// second link between the same processes has no effect, and neither has a link of a process to itself. (Erlang:
    /// `link/1`.)
    ///
    /// # Errors
    /// - `NoProcess` if this process has ended.
    /// - `NoProcess` if `target` has ended or does not exist. If `target` is on another node, this returns `Ok`, and an
    ///   exit signal with that reason follows.
    /// - `NoConnection` if the node of `target` is unreachable.
    ///
    /// If this process is running and traps exits, this returns `Ok` in each of these cases, and an
    /// [`Exit`](crate::Exit) with that reason arrives.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn link(&mut self, target: impl Target) -> Result<(), ExitReason> {
        link_to(&*self.cell, &target.__resolve())
    }

    /// Removes the link to `target`, if it exists. No [`Exit`](crate::Exit) of `target` is queued after this returns.
    /// (Erlang: `unlink/1`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn unlink(&mut self, target: impl Target) {
        unlink_from(&*self.cell, &target.__resolve());
    }

    /// Monitors `target`: exactly one [`Down`](crate::Down) arrives when it ends, or at once with the reason
    /// `NoProcess` if it does not exist. A process that monitors itself receives no `Down`. (Erlang: `monitor/2`.)
    #[allow(
        clippy::needless_pass_by_value,
        reason = "targets are handles and references"
    )]
    pub fn monitor(&mut self, target: impl Target) -> MonitorRef {
        monitor::monitor(&*self.cell, &target.__resolve())
    }

    /// Ends a monitor. Returns true if its `Down` neither is nor will be queued; false if it is already queued, or the
    /// reference is unknown. (Erlang: `demonitor/1`.)
    pub fn demonitor(&mut self, monitor: MonitorRef) -> bool {
        monitor::demonitor(&*self.cell, monitor)
    }

    /// Ends a monitor, and removes its `Down` from the queue. (Erlang: `demonitor/2` with `flush`.)
    pub fn demonitor_flush(&mut self, monitor: MonitorRef) {
        if monitor::demonitor_flush(&*self.cell, monitor) {
            self.flushed += 1;
            if self.cell.remove_void(self.flushed) {
                self.flushed = 0;
            }
        }
    }

    /// Sets whether exit signals arrive as [`Exit`](crate::Exit) events instead of ending the process; off by default.
    /// A `Kill` cannot be trapped. (Erlang: `process_flag(trap_exit, _)`.)
    pub fn trap_exits(&mut self, on: bool) {
        self.cell.core.relations.lock().trap_exits = on;
    }

    /// Sets the label of the process, which reports and listings show. (Erlang: `proc_lib:set_label/1`.)
    pub fn label(&mut self, label: &str) {
        self.cell.core.relations.lock().set_label(label.into());
    }

    /// Returns the next event of any kind. When a `stop()` request reaches the front of the queue, the process ends and
    /// this method does not return.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn next(&mut self) -> InboxEvent<M> {
        let receive = Receive(self);
        poll_fn(|cx| receive.0.poll_next(cx)).await
    }

    /// Returns the next event, or `None` if no event arrives within `time`, counted from the first poll. A `stop()`
    /// request ends the process, as in [`next`](Self::next). (Erlang: `receive .. after`.)
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn next_within(&mut self, time: Duration) -> Option<InboxEvent<M>> {
        let system = self.cell.core.system.clone();
        let receive = Receive(self);
        within(&system, time, |cx| receive.0.poll_next(cx)).await
    }

    /// Returns the next message; `Exit` and `Down` events stay queued. Returns `None` when a `stop()` request reaches
    /// the front of the queue; a body that then returns `()` ends with the reason of that request. Dropping all handles
    /// of a process does not end it.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn recv(&mut self) -> Option<M> {
        let receive = Receive(self);
        match poll_fn(|cx| receive.0.poll_taken(cx, Wanted::Messages)).await {
            TakenEvent::Event(InboxEvent::Message(message)) => Some(message),
            TakenEvent::Stop(reason) => {
                let before = {
                    let mut relations = receive.0.cell.core.relations.lock();
                    relations.make_rare().asked_to_stop.replace(reason)
                };
                // An error of the user, dropped outside the lock.
                panics::drop_quietly(before);
                None
            }
            TakenEvent::Event(InboxEvent::Exit(_) | InboxEvent::Down(_)) => None,
        }
    }

    /// Waits for the first event that `wanted` accepts, queued or new, and returns it; all other events stay queued, in
    /// order. A `stop()` request that was queued before that event ends the process. (Erlang: selective `receive`.)
    ///
    /// If no queued event is wanted, an `Exit`, a `Down`, a `stop()` request or a timer message that arrived after the
    /// messages of senders that wait for capacity is queued before these messages.
    ///
    /// # Panics
    /// Panics if `wanted` panics; the event it was called with stays queued.
    ///
    /// # Cancel safety
    /// Dropping the future loses no event.
    pub async fn recv_match(
        &mut self,
        mut wanted: impl FnMut(&InboxEvent<M>) -> bool,
    ) -> InboxEvent<M> {
        let mut look = QueueScan::default();
        let receive = Receive(self);
        poll_fn(|cx| receive.0.poll_match(cx, &mut look, &mut wanted)).await
    }

    /// Ends the wait of a receive that is no longer polled: the process now does something else.
    pub(super) fn end_wait(&mut self) {
        if std::mem::take(&mut self.waits) {
            self.cell.go_on();
        }
    }

    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<InboxEvent<M>> {
        match std::task::ready!(self.poll_taken(cx, Wanted::Everything)) {
            TakenEvent::Event(event) => Poll::Ready(event),
            TakenEvent::Stop(reason) => self.end_here(reason),
        }
    }

    /// Polls for the next message; exits and downs stay queued, and a `stop()` at the front of the queue ends the
    /// process.
    pub(crate) fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<M> {
        loop {
            match std::task::ready!(self.poll_taken(cx, Wanted::Messages)) {
                TakenEvent::Event(InboxEvent::Message(message)) => return Poll::Ready(message),
                TakenEvent::Stop(reason) => return self.end_here(reason),
                TakenEvent::Event(InboxEvent::Exit(_) | InboxEvent::Down(_)) => {}
            }
        }
    }

    /// Ends the process with `reason` at its next suspension, which is now.
    fn end_here<T>(&self, reason: ExitReason) -> Poll<T> {
        if self.is_side {
            self.end_side(reason);
        } else {
            let mut reason = Some(reason);
            self.cell.control(&mut |control| {
                if control.fatal.is_none() {
                    control.fatal = reason.take();
                }
            });
        }
        Poll::Pending
    }

    /// Ends a process without a task, which has nothing else that ends it.
    fn end_side(&self, reason: ExitReason) {
        if self.cell.core.stage() < Stage::Gone {
            exit_path::finish(&self.process(), reason);
        }
    }

    fn poll_taken(&mut self, cx: &mut Context<'_>, wanted: Wanted) -> Poll<TakenEvent<M>> {
        loop {
            let next = match wanted {
                Wanted::Nothing => self.cell.poll_control(cx),
                Wanted::Messages => self.cell.poll_first(cx, is_message),
                Wanted::Everything => self.cell.poll_next(cx),
            };
            self.waits = next.is_pending();
            return Poll::Ready(match std::task::ready!(next) {
                NextStep::Ask(ask) => {
                    ask(None);
                    continue;
                }
                NextStep::Fatal(reason) if self.is_side => return self.end_here(reason),
                // The process task sees it as soon as this poll is over; an inbox that outlives its process has none,
                // and must not spin.
                NextStep::Fatal(_) | NextStep::Leave(_) => {
                    if self.cell.core.is_alive() {
                        self.cell.core.call_attention();
                        cx.waker().wake_by_ref();
                    }
                    return Poll::Pending;
                }
                NextStep::Entry(entry) => take(entry),
            });
        }
    }

    fn poll_match(
        &mut self,
        cx: &mut Context<'_>,
        look: &mut QueueScan,
        wanted: &mut impl FnMut(&InboxEvent<M>) -> bool,
    ) -> Poll<InboxEvent<M>> {
        // This scan takes nothing; it serves the control lane and arms the wake-up.
        if let Poll::Ready(TakenEvent::Event(event)) = self.poll_taken(cx, Wanted::Nothing) {
            return Poll::Ready(event);
        }
        let mut found = self.cell.search(look, |entry| choose(entry, wanted));
        // Another one may have arrived during each scan.
        while found.is_none() && self.cell.admit_waiting_system() {
            found = self.cell.search(look, |entry| choose(entry, wanted));
        }
        match found {
            Some(TakenEvent::Event(event)) => Poll::Ready(event),
            Some(TakenEvent::Stop(reason)) => self.end_here(reason),
            None => Poll::Pending,
        }
    }
}

/// A receive in progress. Its end, with or without an event, ends the wait of the process.
struct Receive<'a, M: Message>(&'a mut Inbox<M>);

impl<M: Message> Drop for Receive<'_, M> {
    fn drop(&mut self) {
        self.0.end_wait();
    }
}

impl<M: Message> Drop for Inbox<M> {
    fn drop(&mut self) {
        if self.is_side {
            let asked = {
                let mut relations = self.cell.core.relations.lock();
                let rare = relations.rare();
                rare.and_then(|rare| rare.asked_to_stop.take())
            };
            // The first fatal signal decides, also if no poll has seen it.
            let reason = self.cell.fatal().or(asked);
            self.end_side(reason.unwrap_or(ExitReason::Normal));
        }
    }
}

impl<M: Message> fmt::Debug for Inbox<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inbox({:?})", self.subject())
    }
}
