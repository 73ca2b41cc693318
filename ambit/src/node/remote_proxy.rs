//! What is known here of one process of another node.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Waker;

use parking_lot::Mutex;

use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wake_list::wake;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::message::{Codec, ProcessEncoding};
use crate::node::credit_window::CreditWindow;
use crate::node::remote_envelope::RemoteEnvelope;
use crate::node::send_queue::{Kept, NEVER_LEFT, SendEntry, SendQueue};
use crate::pid::Pid;
use crate::process::current;
use crate::process::header::{ProcessHeader, ProcessKind, Stage};
use crate::process::node_signal::Cause;
use crate::process::node_signal::Signal;
use crate::process::system_inner::SystemInner;
use crate::signal::MonitorRef;
use crate::system::System;

/// One life of another node, which may be reached through one session after the other.
pub trait Peer<C: Codec>: Send + Sync + 'static {
    /// The session that is open now.
    fn session(&self) -> Option<Arc<dyn Session<C>>>;

    /// The last handle on a process has gone.
    fn forget(&self, pid: Pid);
}

/// An open way to another node.
pub trait Session<C: Codec>: ProcessEncoding<C> {
    /// The codec that the two nodes have agreed on.
    fn codec(&self) -> C;

    /// Who the other node is, for those who read logs.
    fn peer(&self) -> String;

    /// How many bytes a message may have.
    fn limit(&self) -> usize;

    /// How many credits a message of so many bytes costs: at least one, and never more than come back when everything
    /// before it has been handled.
    fn cost(&self, bytes: usize) -> u32;

    /// Takes a message, after everything else from its sender to its receiver.
    ///
    /// # Errors
    /// The queue of bytes is full; [`RemoteProxy::go_on`] is called when it is not any more. The message comes back.
    #[allow(
        clippy::result_large_err,
        reason = "what could not go is sent again, whole"
    )]
    fn send(&self, envelope: RemoteEnvelope<C>) -> Result<SendOutcome, RemoteEnvelope<C>>;

    /// Takes a signal, after everything else from its sender to its receiver. It is never refused.
    fn signal(&self, to: Pid, signal: Signal);

    /// Nobody waits for the answer to this message any more.
    fn cancel(&self, id: u64);
}

/// What a session does with a message that it has taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "for what does not go nothing is to be paid"]
pub enum SendOutcome {
    /// It goes.
    Goes,
    /// It never will, and whoever waits for its answer has been told.
    Stays,
}

/// What is known here of one process of another node: whether it has ended, who waits for that, and how many messages
/// may go to it. All handles on the process share it.
pub struct RemoteProxy<C: Codec> {
    pub(crate) core: ProcessHeader,
    peer: Arc<dyn Peer<C>>,
    queue: Mutex<SendQueue<C>>,
    /// True once a message was refused, until the gate is open again.
    refused: AtomicBool,
    /// Its monitor there, while somebody waits here, and who is said to be watching.
    monitor: Mutex<Option<(Pid, MonitorRef)>>,
}

impl<C: Codec> RemoteProxy<C> {
    /// The process `pid` of `peer`, whose credits are those of `account`. `type_name` returns the name of its type.
    #[must_use]
    pub fn new(
        system: &System,
        peer: Arc<dyn Peer<C>>,
        pid: Pid,
        type_name: fn() -> &'static str,
        window: Arc<CreditWindow>,
    ) -> Arc<Self> {
        let queue = SendQueue::new(window);
        Arc::new(Self {
            core: ProcessHeader::new(
                pid,
                system.inner.clone(),
                type_name,
                ProcessKind::Far,
                Pid::NOBODY,
                current::group(),
            ),
            peer,
            queue: Mutex::new(queue),
            refused: AtomicBool::new(false),
            monitor: Mutex::new(None),
        })
    }

    /// Which process.
    #[must_use]
    pub fn pid(&self) -> Pid {
        self.core.pid
    }

    /// How many messages wait here, and how many may go now.
    #[must_use]
    pub fn queued(&self) -> (usize, u32) {
        let queue = self.queue.lock();
        (queue.queued(), queue.credits())
    }

    /// Sends what waits, as far as there is credit and room.
    pub fn go_on(self: &Arc<Self>) {
        let Some(session) = self.peer.session() else {
            return;
        };
        // Dropped, and woken, after the lock.
        let (mut kept, mut wakers): (Kept<C>, Vec<Waker>) = (None, Vec::new());
        {
            // The lock is held while things go, so that nothing overtakes them.
            let mut queue = self.queue.lock();
            while let Some((entry, paid)) = queue.next(|bytes| session.cost(bytes)) {
                match entry {
                    SendEntry::Stop { from, reason } => {
                        session.signal(self.core.pid, Signal::Stop { from, reason });
                    }
                    SendEntry::Signal(signal) => session.signal(self.core.pid, signal),
                    SendEntry::Place { ticket, .. } => {
                        wakers.extend(ticket.resolve(TicketOutcome::Admitted))
                    }
                    SendEntry::Parcel(mut envelope) => {
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

    /// Lets an exit signal or a down message wait behind the messages of its sender that wait here: it may not overtake what
    /// has been sent. A kill waits for nothing, since it must end a process that takes no messages. Gives the signal back if it
    /// is to go now.
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

    /// The session has been lost: what waits does not go, and whoever waits for the end of the process is told so.
    pub fn lost(&self) {
        let (waiting, _kept) = self.queue.lock().close();
        for entry in waiting {
            entry.refuse(TicketOutcome::Lost, &NEVER_LEFT);
        }
        *self.monitor.lock() = None;
        self.tell(&ExitReason::NoConnection);
    }

    /// Its node says that the process has ended, in answer to a monitor or unasked.
    ///
    /// That there is no such process is believed only in answer to the latest question, if one is open: another word to
    /// that effect may have overtaken the reason.
    pub fn told(&self, reason: &ExitReason, answers: Option<MonitorRef>) {
        let monitor = self.monitor.lock().map(|(_, monitor)| monitor);
        if *reason != ExitReason::NoProcess || monitor.is_none() || monitor == answers {
            self.ended(reason);
        }
    }

    /// The process has ended; false if that was known.
    pub fn ended(&self, reason: &ExitReason) -> bool {
        {
            let mut relations = self.core.relations.lock();
            if relations.dead().is_some() {
                return false;
            }
            relations.die(reason.clone());
            relations.told = true;
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

    /// Tells everybody who waits for the end; whoever comes later waits anew.
    fn tell(&self, reason: &ExitReason) {
        let observers = self.core.relations.lock().take_observers_for_now();
        for observer in observers {
            observer.exited(reason);
        }
    }

    /// Somebody waits for the end: asks for it, unless that has been done in this session.
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
        // It was lost meanwhile, and whoever told the others did not see this one.
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

    /// Lets a message go now, or as soon as there is credit for it, or says that it may not.
    #[allow(
        clippy::result_large_err,
        reason = "what could not go is sent again, whole"
    )]
    pub(crate) fn try_send(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) -> Result<(), RemoteEnvelope<C>> {
        let cost = session.cost(envelope.payload.len());
        // The lock is held until it has gone, so that nothing overtakes it.
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
            // The credit or the end of the session that comes next needs the lock, and so finds it.
            false => queue.accept(envelope, cost, self),
        };
        if refused.is_err() {
            self.refused.store(true, Ordering::Relaxed);
        }
        refused
    }

    /// Lets a message go in its place.
    pub(crate) fn send_inline(
        self: &Arc<Self>,
        session: &dyn Session<C>,
        envelope: RemoteEnvelope<C>,
    ) {
        let cost = session.cost(envelope.payload.len());
        let mut queue = self.queue.lock();
        let unsent = match queue.enter_inline(cost) {
            true => match session.send(envelope) {
                Ok(SendOutcome::Goes) => return,
                // Waiting messages may use its credits.
                Ok(SendOutcome::Stays) => {
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

    /// Lets a message wait, and looks once more whether it must.
    pub(crate) fn wait(self: &Arc<Self>, entry: SendEntry<C>) {
        self.queue.lock().wait(entry);
        self.goes_or_waits();
    }

    /// Something waits: it may go already, and if the session was lost meanwhile, whoever told the others did not see it.
    fn goes_or_waits(self: &Arc<Self>) {
        self.go_on();
        if self.peer.session().is_none() {
            self.lost();
        }
    }

    /// Takes back what waits; false if it has gone.
    pub(crate) fn withdraw(self: &Arc<Self>, id: u64) -> bool {
        // Dropped without the lock.
        let withdrawn = self.queue.lock().withdraw(id);
        if withdrawn.is_some() {
            // Messages behind it may be sent now.
            self.go_on();
        }
        withdrawn.is_some()
    }

    /// Asks the process to stop, behind what waits. Whoever waits for its end does so in the name of the caller from now on:
    /// only what is said in one name keeps its order, and a request to stop may not overtake the question for the end.
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

    /// Gives a place back.
    pub(crate) fn release(self: &Arc<Self>) {
        self.queue.lock().release();
        self.go_on();
    }

    /// How many messages wait.
    pub(crate) fn waiting(&self) -> usize {
        self.queue.lock().queued()
    }

    /// Whether a message could go now.
    pub(crate) fn may_send(&self) -> bool {
        self.queue.lock().is_open()
    }

    /// The same, but for a message that is still whole if it is refused: without the lock while none was.
    pub(crate) fn may_try(&self) -> bool {
        if !self.refused.load(Ordering::Relaxed) {
            return true;
        }
        let is_open = self.may_send();
        self.refused.store(!is_open, Ordering::Relaxed);
        is_open
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
        write!(f, "Shadow({})", self.core.pid)
    }
}
