//! The remote proxy: the local state of one process of another node.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use parking_lot::Mutex;

use crate::distribution::credit_queue::{CreditQueue, NEVER_LEFT, SendEntry};
use crate::distribution::credit_window::CreditWindow;
use crate::distribution::remote_envelope::{RemoteEnvelope, SendOutcome};
use crate::distribution::session::{Peer, Session};
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wake_list::wake;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::message::{Codec, DecodeError, DecodedProxy};
use crate::pid::Pid;
use crate::process::current;
use crate::process::header::{ProcessHeader, ProcessKind, Stage};
use crate::process::node_signal::Cause;
use crate::process::node_signal::Signal;
use crate::process::system_inner::SystemInner;
use crate::signal::MonitorRef;
use crate::system::System;

/// The local state of one process of another node: whether the process has ended, the waiters for its end, and the
/// queue of messages that wait for credits. All handles to the process share the proxy.
pub struct RemoteProxy<C: Codec> {
    pub(crate) core: ProcessHeader,
    peer: Arc<dyn Peer<C>>,
    queue: Mutex<CreditQueue<C, Arc<Self>>>,
    /// True once a message was refused, until the credit window is open again.
    refused: AtomicBool,
    /// Its monitor on the other node while there are local waiters, and the process in whose name it monitors.
    monitor: Mutex<Option<(Pid, MonitorRef)>>,
}

impl<C: Codec> RemoteProxy<C> {
    /// Creates the proxy of the process `pid` of `peer`, with the credits of `window`. `type_name` returns the name of
    /// the process's type.
    #[must_use]
    pub fn new(
        system: &System,
        peer: Arc<dyn Peer<C>>,
        pid: Pid,
        type_name: fn() -> &'static str,
        window: Arc<CreditWindow>,
    ) -> Arc<Self> {
        let queue = CreditQueue::new(window);
        Arc::new(Self {
            core: ProcessHeader::new(
                pid,
                system.inner.clone(),
                type_name,
                ProcessKind::Remote,
                Pid::NOBODY,
                current::group(),
            ),
            peer,
            queue: Mutex::new(queue),
            refused: AtomicBool::new(false),
            monitor: Mutex::new(None),
        })
    }

    /// Returns the proxy that a handle was decoded to.
    ///
    /// # Errors
    /// It is of another codec than the value.
    pub(crate) fn decoded(proxy: Arc<dyn DecodedProxy>) -> Result<Arc<Self>, DecodeError> {
        let proxy: Arc<dyn Any + Send + Sync> = proxy;
        let other = |_| DecodeError::Invalid("a handle of another codec".to_owned());
        proxy.downcast().map_err(other)
    }

    /// Returns the pid of the process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.core.pid
    }

    /// Returns the number of queued messages and the number of remaining credits.
    #[must_use]
    pub fn queued(&self) -> (usize, u32) {
        let queue = self.queue.lock();
        (queue.queued(), queue.credits())
    }

    /// Sends queued messages, as far as credits and the byte queue allow.
    pub fn go_on(self: &Arc<Self>) {
        let Some(session) = self.peer.session() else {
            return;
        };
        // Dropped, and woken, after the lock.
        let (mut kept, mut wakers): (Option<Arc<Self>>, Vec<Waker>) = (None, Vec::new());
        {
            // The lock is held during sending, so that nothing overtakes the messages.
            let mut queue = self.queue.lock();
            while let Some((entry, paid)) = queue.next(|bytes| session.cost(bytes)) {
                match entry {
                    SendEntry::Stop { from, reason } => {
                        session.signal(self.core.pid, Signal::Stop { from, reason });
                    }
                    SendEntry::Signal(signal) => session.signal(self.core.pid, signal),
                    SendEntry::Reservation { ticket, .. } => {
                        wakers.extend(ticket.resolve(TicketOutcome::Admitted))
                    }
                    SendEntry::Envelope(mut envelope) => {
                        let ticket = envelope.ticket.take();
                        let (accepted, bytes) = (envelope.accepted, envelope.payload.len());
                        match session.send(envelope) {
                            Ok(taken) => {
                                queue.paid_for(taken, paid);
                                kept = queue.left(accepted, bytes).or(kept);
                                let admitted = |ticket: Arc<QueueTicket>| {
                                    ticket.resolve(TicketOutcome::Admitted)
                                };
                                wakers.extend(ticket.and_then(admitted));
                            }
                            Err(mut unsent) => {
                                unsent.ticket = ticket;
                                queue.put_back(paid);
                                queue.wait_first(unsent);
                                break;
                            }
                        }
                    }
                }
            }
            wakers.extend(queue.let_go_on(|bytes| session.cost(bytes), self));
        }
        for waker in wakers {
            wake(Some(waker));
        }
        drop(kept);
    }

    /// Queues an exit signal or a `Down` behind the buffered messages of its sender, which it must not overtake.
    /// Returns the signal if it need not be queued and must be sent now. A kill is never queued, since it must end even
    /// a process that takes no messages.
    #[must_use]
    pub fn follow(&self, signal: Signal) -> Option<Signal> {
        let (Signal::Down { from, .. } | Signal::Exit { from, .. }) = signal else {
            return Some(signal);
        };
        let is_kill = matches!(
            signal,
            Signal::Exit {
                reason: ExitReason::Kill,
                cause: Cause::Sent,
                ..
            }
        );
        let mut queue = self.queue.lock();
        if is_kill || !queue.has_accepted_of(from) {
            return Some(signal);
        }
        queue.wait_behind_accepted(signal);
        None
    }

    /// Handles the loss of the session: queued messages are discarded, and waiters for the end of the process get
    /// `NoConnection`.
    pub fn lost(&self) {
        let (waiting, _kept) = self.queue.lock().close();
        for entry in waiting {
            entry.refuse(TicketOutcome::Lost, &NEVER_LEFT);
        }
        *self.monitor.lock() = None;
        self.tell(&ExitReason::NoConnection);
    }

    /// Handles a notice from the other node that the process has ended. `answers` is the monitor that the notice
    /// answers, or `None` for an unsolicited notice.
    ///
    /// While a monitor is open, `NoProcess` is accepted only as the answer to that monitor. Any other `NoProcess` is
    /// ignored, because it may have overtaken the notice with the actual exit reason.
    pub fn end(&self, reason: &ExitReason, answers: Option<MonitorRef>) {
        let monitor = self.monitor.lock().map(|(_, monitor)| monitor);
        if *reason != ExitReason::NoProcess || monitor.is_none() || monitor == answers {
            self.ended(reason);
        }
    }

    /// Marks the process as ended, and notifies all waiters. Returns false if it was already marked as ended.
    pub fn ended(&self, reason: &ExitReason) -> bool {
        {
            let mut relations = self.core.relations.lock();
            if relations.dead().is_some() {
                return false;
            }
            relations.die(reason.clone());
            relations.notified = true;
        }
        self.core.advance(Stage::Gone);
        let (waiting, _kept) = self.queue.lock().close();
        let error = CallError::Exited {
            reason: reason.clone(),
            executed: Executed::No,
        };
        for entry in waiting {
            entry.refuse(TicketOutcome::Closed, &error);
        }
        self.tell(reason);
        true
    }

    /// Notifies all waiters for the end; later waiters monitor again.
    fn tell(&self, reason: &ExitReason) {
        let observers = self.core.relations.lock().take_observers_for_now();
        for observer in observers {
            observer.exited(reason);
        }
    }

    /// Monitors the process for a new waiter, unless that has been done in this session.
    pub(crate) fn watch(&self) {
        let Some(session) = self.peer.session() else {
            self.tell(&ExitReason::NoConnection);
            return;
        };
        let mut watched = self.monitor.lock();
        if watched.is_none() {
            self.watch_as(Pid::NOBODY, &mut watched, &*session);
        }
        drop(watched);
        // The session was lost meanwhile, and the notification of the others did not include this waiter.
        if self.peer.session().is_none() {
            self.tell(&ExitReason::NoConnection);
        }
    }

    fn watch_as(
        &self,
        from: Pid,
        watched: &mut Option<(Pid, MonitorRef)>,
        session: &dyn Session<C>,
    ) {
        let monitor = MonitorRef(self.system().next_ref());
        session.signal(self.core.pid, Signal::Monitor { from, monitor });
        if let Some((from, monitor)) = watched.replace((from, monitor)) {
            session.signal(self.core.pid, Signal::Demonitor { from, monitor });
        }
    }

    pub(crate) fn system(&self) -> &Arc<SystemInner> {
        &self.core.system
    }

    pub(crate) fn session(&self) -> Option<Arc<dyn Session<C>>> {
        self.peer.session()
    }

    /// Sends a message now, or as soon as there is credit for it; returns it if neither is allowed.
    #[allow(
        clippy::result_large_err,
        reason = "a message that was not sent is sent again, whole"
    )]
    pub(crate) fn try_send(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) -> Result<(), RemoteEnvelope<C>> {
        let cost = session.cost(envelope.payload.len());
        // The lock is held until the message is sent, so that nothing overtakes it.
        let mut queue = self.queue.lock();
        let refused = match queue.enter(cost) {
            true => match session.send(envelope) {
                Ok(taken) => {
                    queue.paid_for(taken, cost);
                    return Ok(());
                }
                Err(unsent) => {
                    queue.put_back(cost);
                    Err(unsent)
                }
            },
            // The next grant or the end of the session needs the lock, and so finds the message.
            false => queue.accept(envelope, cost, self),
        };
        if refused.is_err() {
            self.refused.store(true, Ordering::Relaxed);
        }
        refused
    }

    /// Sends a message through its reserved slot.
    pub(crate) fn send_inline(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) {
        let cost = session.cost(envelope.payload.len());
        let mut queue = self.queue.lock();
        let unsent = match queue.enter_inline(cost) {
            true => match session.send(envelope) {
                Ok(SendOutcome::Sent) => return,
                // Queued messages may use its credits.
                Ok(SendOutcome::NotSent) => {
                    queue.put_back(cost);
                    None
                }
                Err(unsent) => {
                    queue.put_back(cost);
                    Some(unsent)
                }
            },
            false => Some(envelope),
        };
        if let Some(unsent) = unsent {
            queue.wait_inline(unsent);
        }
        drop(queue);
        self.goes_or_waits();
    }

    /// Queues a message, and checks again whether it must wait.
    pub(crate) fn wait(self: &Arc<Self>, entry: SendEntry<C>) {
        self.queue.lock().wait(entry);
        self.goes_or_waits();
    }

    /// Handles a new queue entry: it may be sendable already, and if the session was lost meanwhile, the notification
    /// of the others did not include it.
    fn goes_or_waits(self: &Arc<Self>) {
        self.go_on();
        if self.peer.session().is_none() {
            self.lost();
        }
    }

    /// Withdraws a queued message; returns false if it has been sent.
    pub(crate) fn withdraw(self: &Arc<Self>, id: u64) -> bool {
        // Dropped without the lock.
        let withdrawn = self.queue.lock().withdraw(id);
        if withdrawn.is_some() {
            // Messages behind it may be sent now.
            self.go_on();
        }
        withdrawn.is_some()
    }

    /// Asks the process to stop, behind the queued messages. All waiters for its end monitor it in the name of the
    /// caller from now on: only messages in one name keep their order, and a request to stop must not overtake the
    /// monitor.
    pub(crate) fn stop(self: &Arc<Self>, reason: ExitReason) -> bool {
        let Some(session) = self.peer.session() else {
            return false;
        };
        let from = current::pid();
        let mut watched = self.monitor.lock();
        if watched.is_some_and(|(known, _)| known != from) {
            self.watch_as(from, &mut watched, &*session);
        }
        drop(watched);
        self.wait(SendEntry::Stop { from, reason });
        true
    }

    /// Releases a reserved slot.
    pub(crate) fn release(self: &Arc<Self>) {
        self.queue.lock().release();
        self.go_on();
    }

    /// Returns the number of queued messages.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.lock().queued()
    }

    /// Returns true if a message could be sent now.
    pub(crate) fn may_send(&self) -> bool {
        self.queue.lock().is_open()
    }

    /// Like `may_send`, for a message that is not encoded yet: lock-free while none was refused.
    pub(crate) fn may_try(&self) -> bool {
        if !self.refused.load(Ordering::Relaxed) {
            return true;
        }
        let is_open = self.may_send();
        self.refused.store(!is_open, Ordering::Relaxed);
        is_open
    }
}

impl<C: Codec> DecodedProxy for RemoteProxy<C> {
    fn pid(&self) -> Pid {
        self.core.pid
    }
}

impl<C: Codec> Drop for RemoteProxy<C> {
    fn drop(&mut self) {
        let pid = self.core.pid;
        if let (Some((from, monitor)), Some(session)) =
            (*self.monitor.get_mut(), self.peer.session())
        {
            session.signal(pid, Signal::Demonitor { from, monitor });
        }
        self.peer.forget(pid);
    }
}

impl<C: Codec> fmt::Debug for RemoteProxy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteProxy({})", self.core.pid)
    }
}
