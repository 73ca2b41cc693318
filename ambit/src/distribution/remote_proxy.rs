//! The remote proxy: the local state of one process of another node.

mod sending;
mod signals;

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use parking_lot::Mutex;

use crate::distribution::credit_queue::{CreditQueue, NEVER_LEFT, SendEntry};
use crate::distribution::credit_window::CreditWindow;
use crate::distribution::session::{Peer, Session};
use crate::engine::queue_ticket::TicketOutcome;
use crate::exit_reason::ExitReason;
use crate::message::{Codec, DecodeError, DecodedProxy};
use crate::pid::Pid;
use crate::process::current;
use crate::process::header::{ProcessHeader, ProcessKind, Stage};
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
    /// Its monitors on the other node while there are local waiters, and the processes in whose names they are, each at
    /// most once. Each of them is answered once.
    monitors: Mutex<Vec<(Pid, MonitorRef)>>,
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
            monitors: Mutex::default(),
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

    /// Handles the loss of the session: queued messages are discarded, and waiters for the end of the process get
    /// `NoConnection`.
    pub fn lost(&self) {
        let (waiting, _kept) = self.queue.lock().close();
        for entry in waiting {
            entry.refuse(TicketOutcome::Lost, &NEVER_LEFT);
        }
        self.monitors.lock().clear();
        self.tell(&ExitReason::NoConnection);
    }

    /// Handles a notice from the other node that the process has ended. `answers` is the monitor that the notice
    /// answers, or `None` for an unsolicited notice.
    ///
    /// While monitors are open, `NoProcess` is accepted only when it has answered all of them. Any other `NoProcess` is
    /// ignored, because it may have overtaken the notice with the actual exit reason.
    pub fn end(&self, reason: &ExitReason, answers: Option<MonitorRef>) {
        if *reason == ExitReason::NoProcess {
            let mut monitors = self.monitors.lock();
            monitors.retain(|(_, monitor)| Some(*monitor) != answers);
            if !monitors.is_empty() {
                return;
            }
        }
        self.ended(reason);
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
        // The queue is closed afterwards: a sender that queues a message later finds the process ended.
        self.core.advance(Stage::Gone);
        self.refuse_queued(reason);
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
        let mut monitors = self.monitors.lock();
        // The loss of the session needs the lock too. If it had it first, a later session may be open already.
        if session.is_over() {
            drop(monitors);
            return self.tell(&ExitReason::NoConnection);
        }
        if monitors.is_empty() {
            self.watch_as(Pid::NOBODY, &mut monitors, &*session);
        }
        drop(monitors);
        // The session was lost meanwhile, and the notification of the others did not include this waiter.
        if self.peer.session().is_none() {
            self.tell(&ExitReason::NoConnection);
        }
    }

    fn watch_as(&self, from: Pid, monitors: &mut Vec<(Pid, MonitorRef)>, session: &dyn Session<C>) {
        let monitor = MonitorRef(self.system().next_ref());
        monitors.push((from, monitor));
        session.signal(self.core.pid, Signal::Monitor { from, monitor });
    }

    pub(crate) fn system(&self) -> &Arc<SystemInner> {
        &self.core.system
    }

    pub(crate) fn session(&self) -> Option<Arc<dyn Session<C>>> {
        self.peer.session()
    }

    /// Asks the process to stop, behind the queued messages. All waiters for its end monitor it in the name of the
    /// caller too from now on: only messages in one name keep their order, and a request to stop must not overtake the
    /// monitor. The earlier monitors stay: if the process has ended already, one of them is answered with the reason.
    pub(crate) fn stop(self: &Arc<Self>, reason: ExitReason) -> bool {
        let Some(session) = self.peer.session() else {
            return false;
        };
        let from = current::pid();
        let mut monitors = self.monitors.lock();
        let is_known = monitors.iter().any(|(known, _)| *known == from);
        if !session.is_over() && !monitors.is_empty() && !is_known {
            self.watch_as(from, &mut monitors, &*session);
        }
        drop(monitors);
        self.wait(SendEntry::Stop { from, reason });
        true
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
        let monitors = std::mem::take(self.monitors.get_mut());
        if !monitors.is_empty()
            && let Some(session) = self.peer.session()
        {
            for (from, monitor) in monitors {
                session.signal(pid, Signal::Demonitor { from, monitor });
            }
        }
        self.peer.forget(pid);
    }
}

impl<C: Codec> fmt::Debug for RemoteProxy<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RemoteProxy({})", self.core.pid)
    }
}
