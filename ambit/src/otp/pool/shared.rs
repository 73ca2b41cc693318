//! The state shared by the handles, the clients and the manager of a pool: the core behind a lock, and the slots.
//!
//! Checkouts and returns are decided in the calling task; only starts and stops of workers are left to the manager, in
//! the order in which they were decided.

use std::any::Any;
use std::collections::BTreeMap;
use std::marker::PhantomData;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker, ready};
use std::time::Duration;

use parking_lot::{Mutex, RwLock};

use crate::engine::reply::ExitObserver;
use crate::engine::wake_list;
use crate::error::ChildError;
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildRef;
use crate::handle::recipient::Recipient;
use crate::otp::pool::core::{
    Action, CheckoutEnd, Core, Full, Hook, Moment, Rules, Ticket, TicketState, WorkerId,
};
use crate::otp::pool::error::CheckoutError;
use crate::otp::pool::policy::Route;
use crate::otp::pool::slot::PoolSlots;
use crate::otp::pool::status::{PoolStatus, PoolWorker};
use crate::pid::Pid;
use crate::process::header::ProcessRef;
use crate::process::relation::{EndTimes, Introspect};
use crate::process::system_inner::SystemInner;
use crate::rt::Instant;
use crate::server::startable::Startable;
use crate::signal::Down;
use crate::supervisor::child_cell::CurrentChild;

mod routes;

/// The messages of the manager.
#[derive(Clone, Debug)]
pub(super) enum ManagerMessage {
    /// The core has added work.
    Work,
    Down(Down),
    Started(WorkerId, Result<Pid, ChildError>),
    Looked(WorkerId, Hook, Result<(), ExitReason>),
    /// A delayed start is due.
    Due(WorkerId),
    /// The next cycle of pings is due.
    Ping,
    /// A requested action is done, without consequences.
    Done,
}

pub(super) struct Shared<C: Startable> {
    system: Arc<SystemInner>,
    began: Instant,
    route: Route,
    is_lazy: bool,
    next: AtomicUsize,
    /// A route over many slots clones the list, so that no process is asked and nothing dropped under the lock.
    places: RwLock<Arc<PoolSlots>>,
    inner: Mutex<Inner>,
    worker: PhantomData<fn() -> C>,
}

struct Inner {
    core: Core,
    /// The wakers of waiting clients.
    wakers: BTreeMap<Ticket, Waker>,
    /// The pending actions of the manager.
    work: Vec<Action>,
    slots: BTreeMap<WorkerId, Arc<CurrentChild>>,
    /// `None` after its end. The pool has not ended then, but it gives out no more workers.
    manager: Option<Recipient<ManagerMessage>>,
    /// The exit reason of the pool.
    ended: Option<ExitReason>,
}

impl<C: Startable> Shared<C> {
    pub(super) fn new(
        rules: Rules,
        route: Route,
        system: &Arc<SystemInner>,
        manager: Recipient<ManagerMessage>,
    ) -> Arc<Self> {
        let places = PoolSlots::default().resized(rules.size, system);
        Arc::new(Self {
            system: system.clone(),
            began: system.now(),
            route,
            is_lazy: rules.is_lazy,
            next: AtomicUsize::new(0),
            places: RwLock::new(Arc::new(places)),
            inner: Mutex::new(Inner {
                core: Core::new(rules),
                wakers: BTreeMap::new(),
                work: Vec::new(),
                slots: BTreeMap::new(),
                manager: Some(manager),
                ended: None,
            }),
            worker: PhantomData,
        })
    }

    pub(super) fn system(&self) -> &Arc<SystemInner> {
        &self.system
    }

    /// Lets the core decide, and performs the actions that need no process.
    pub(super) fn step<T>(
        &self,
        event: impl FnOnce(&mut Core, Moment, &mut Vec<Action>) -> T,
    ) -> T {
        let at = Moment {
            now: self.system.now().saturating_duration_since(self.began),
            random: self.system.random(),
        };
        // Drops and wake-ups run foreign code, so they happen without the lock.
        let (mut out, mut wakers, mut filled) = (Vec::new(), Vec::new(), Vec::new());
        let mut inner = self.inner.lock();
        let done = event(&mut inner.core, at, &mut out);
        for action in out {
            match action {
                Action::Granted(ticket) => wakers.extend(inner.wakers.remove(&ticket)),
                Action::Place(place, worker) => {
                    let slot = inner.slots.get(&worker).cloned();
                    filled.extend(self.places.read().fill(place, slot));
                }
                Action::Vacate(place) => filled.extend(self.places.read().fill(place, None)),
                work => inner.work.push(work),
            }
        }
        let manager = inner.manager.clone().filter(|_| !inner.work.is_empty());
        drop(inner);
        if let Some(manager) = manager {
            manager.item(ManagerMessage::Work);
        }
        for (place, before) in filled {
            drop(before);
            place.notify_waiters();
        }
        wakers.into_iter().for_each(wake_list::wake_one);
        done
    }

    /// Takes the pending actions of the manager.
    pub(super) fn take_work(&self) -> Vec<Action> {
        std::mem::take(&mut self.inner.lock().work)
    }

    pub(super) fn checkout(&self, is_patient: bool) -> Result<Ticket, CheckoutError> {
        self.step(|core, at, out| core.checkout(is_patient, at, out))
            .map_err(|Full| CheckoutError::Full)
    }

    /// Ready with the worker of a ticket, unless the worker is ending: then the client waits for another one.
    pub(super) fn poll_worker(
        &self,
        ticket: Ticket,
        cx: &Context<'_>,
    ) -> Poll<Result<C::Handle, CheckoutError>> {
        loop {
            let (worker, slot) = ready!(self.poll_granted(ticket, cx))?;
            // Processes are looked at without the lock, so either step may come too late, and changes nothing then.
            if !slot.process().is_some_and(|process| is_usable(&process)) {
                self.step(|core, at, out| core.wait_again(ticket, worker, at, out));
            } else if self.inner.lock().core.take(ticket) == TicketState::Has(worker) {
                return Poll::Ready(Ok(C::__follow(ChildRef(slot))));
            }
        }
    }

    /// Ready with the worker that a ticket was granted, which is not taken yet.
    fn poll_granted(
        &self,
        ticket: Ticket,
        cx: &Context<'_>,
    ) -> Poll<Result<(WorkerId, Arc<CurrentChild>), CheckoutError>> {
        // Wakers are cloned and dropped without the lock.
        let waker = cx.waker().clone();
        let mut inner = self.inner.lock();
        if let Some(reason) = &inner.ended {
            return Poll::Ready(Err(CheckoutError::Exited(reason.clone())));
        }
        let state = match inner.manager {
            Some(_) => inner.core.look(ticket),
            None => TicketState::Waits,
        };
        let granted = match state {
            TicketState::Waits => {
                let old = inner.wakers.insert(ticket, waker);
                drop(inner);
                drop(old);
                return Poll::Pending;
            }
            TicketState::Has(worker) => inner.slots.get(&worker).map(|slot| (worker, slot.clone())),
            TicketState::Unknown => None,
        };
        drop(inner);
        Poll::Ready(granted.ok_or(CheckoutError::NoProcess))
    }

    pub(super) fn leave(&self, ticket: Ticket, left: CheckoutEnd) {
        let waker = self.inner.lock().wakers.remove(&ticket);
        drop(waker);
        // The reason may hold a user's error, whose last owner must not be dropped under the lock.
        let kept = left.clone();
        self.step(|core, at, out| core.leave(ticket, left, at, out));
        drop(kept);
    }

    pub(super) fn status(&self) -> PoolStatus {
        let inner = self.inner.lock();
        if inner.manager.is_none() {
            return PoolStatus::default();
        }
        inner.core.status()
    }

    /// Returns all workers, oldest first.
    pub(super) fn workers(&self) -> Vec<PoolWorker<C::Handle>> {
        let workers: Vec<_> = {
            let inner = self.inner.lock();
            if inner.manager.is_none() {
                return Vec::new();
            }
            let known = |(worker, state)| (inner.slots.get(&worker).cloned(), state);
            inner.core.workers().map(known).collect()
        };
        // Without the lock: building a handle runs code of the worker's type.
        let shown = |(slot, state): (Option<Arc<CurrentChild>>, _)| {
            // The manager has not begun to start it.
            let slot = slot.unwrap_or_else(|| CurrentChild::new("worker".into()));
            let worker = slot.process().filter(|worker| worker.core().is_alive());
            PoolWorker {
                pid: worker.map(|worker| worker.core().pid),
                handle: C::__follow(ChildRef(slot)),
                state,
            }
        };
        workers.into_iter().map(shown).collect()
    }

    pub(super) fn resize(&self, size: usize) {
        let before = self.step(|core, at, out| {
            core.resize(size, at, out);
            let mut places = self.places.write();
            let resized = places.resized(size, &self.system);
            // A concurrent route may have released its clone, so the previous list is dropped without the lock.
            std::mem::replace(&mut *places, Arc::new(resized))
        });
        drop(before);
    }

    /// Sets the child slot that handles of a new worker lead to.
    pub(super) fn add_slot(&self, worker: WorkerId, slot: Arc<CurrentChild>) {
        self.inner.lock().slots.insert(worker, slot);
    }

    pub(super) fn remove_slot(&self, worker: WorkerId) {
        let slot = self.inner.lock().slots.remove(&worker);
        drop(slot);
    }
}

/// Returns whether a worker runs, and is not about to be killed.
fn is_usable(worker: &ProcessRef) -> bool {
    let mut is_fatal = false;
    worker.check_control(&mut |control| is_fatal = control.fatal.is_some());
    worker.core().is_alive() && !is_fatal
}

/// Observes the manager of a pool: after its end, the pool gives out no more workers.
pub(super) struct ManagerEnd<C: Startable>(pub(super) Weak<Shared<C>>);

impl<C: Startable> ExitObserver for ManagerEnd<C> {
    fn exited(&self, _: &ExitReason) {
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        let (manager, work) = {
            let mut inner = shared.inner.lock();
            (inner.manager.take(), std::mem::take(&mut inner.work))
        };
        // The recipient holds the process, which holds this observer.
        drop(manager);
        drop(work);
    }
}

/// Observes the pool, and fails the waiting checkouts when it ends.
pub(super) struct PoolEnd<C: Startable>(pub(super) Weak<Shared<C>>);

impl<C: Startable> ExitObserver for PoolEnd<C> {
    fn exited(&self, reason: &ExitReason) {
        let Some(shared) = self.0.upgrade() else {
            return;
        };
        let wakers = {
            let mut inner = shared.inner.lock();
            inner.ended = Some(reason.clone());
            std::mem::take(&mut inner.wakers)
        };
        wakers.into_values().for_each(wake_list::wake_one);
    }
}

/// Found by the handles without asking the manager.
impl<C: Startable> Introspect for Shared<C> {
    fn end_times(&self, _: Duration) -> Option<EndTimes> {
        None
    }

    fn as_any(self: Arc<Self>) -> Arc<dyn Any + Send + Sync> {
        self
    }
}
