//! A small server around a cell, which the models drive.

use std::cell::Cell as Plain;
use std::collections::BTreeMap;
use std::ops::{Deref, Range};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering as Std};
use std::task::{Context, Poll, Wake as Ring};

use loom::sync::Notify;

use super::super::task::WakeReason;
use super::super::*;
use crate::engine::mailbox::{Admission, Envelope, QueuedMessage};
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::wake_list;

/// Joins the other threads.
pub(super) fn join<const N: usize>(others: [loom::thread::JoinHandle<()>; N]) {
    for other in others {
        other.join().unwrap();
    }
}

/// Returns those of `all` within `range`, in order.
pub(super) fn numbers(all: &[u32], range: Range<u32>) -> Vec<u32> {
    all.iter().copied().filter(|n| range.contains(n)).collect()
}

/// The waker of one thread of a model.
pub(super) struct TestWaker(pub(super) Notify);

impl TestWaker {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Notify::new()))
    }
}

impl Ring for TestWaker {
    fn wake(self: Arc<Self>) {
        self.0.notify();
    }
}

/// The one void system message.
pub(super) const VOID: u32 = u32::MAX;

pub(super) struct Number(u32);

impl Voidable for Number {
    fn is_void(&self) -> bool {
        self.0 == VOID
    }
}

#[derive(Default)]
pub(super) struct Orders {
    pub(super) killed: bool,
}

/// The runner state of a model.
#[derive(Default)]
pub(super) struct State {
    seen: Vec<u32>,
    /// True if an inline handler has left work for the task: the process ends.
    pub(super) leaves: bool,
    ended: bool,
}

pub(super) type Model = RunCell<u32, Number, Orders, State>;
pub(super) type ModelPermit<'a> = RunPermit<'a, u32, Number, Orders, State>;

/// Shared by the threads of one model.
#[derive(Clone)]
pub(super) struct Server(Arc<Shared>);

pub(super) struct Shared {
    pub(super) cell: Model,
    wake_count: Arc<TestWaker>,
    capacity: usize,
    /// The numbers of spawned and ended tasks.
    spawned: AtomicUsize,
    done: AtomicUsize,
    /// The number of handled messages, and the number after which the model is over.
    handled: AtomicUsize,
    expected: AtomicUsize,
    ended: AtomicBool,
    /// The messages left in the queue at the end.
    rest: std::sync::Mutex<Vec<u32>>,
}

impl Deref for Server {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl Server {
    /// Creates a server with a task that has the permit and has not begun.
    pub(super) fn new(capacity: usize) -> Self {
        Self::with(capacity, Overflow::Wait)
    }

    pub(super) fn with(capacity: usize, overflow: Overflow) -> Self {
        Self(Arc::new(Shared {
            cell: RunCell::new(capacity, overflow, State::default()),
            wake_count: TestWaker::new(),
            capacity,
            spawned: AtomicUsize::new(1),
            done: AtomicUsize::new(0),
            handled: AtomicUsize::new(0),
            expected: AtomicUsize::new(usize::MAX),
            ended: AtomicBool::new(false),
            rest: std::sync::Mutex::default(),
        }))
    }
}

impl Shared {
    /// Ends the model after this number of handled messages, or with the process.
    pub(super) fn expect(&self, handled: usize) {
        self.expected.store(handled, Std::SeqCst);
    }

    fn is_over(&self) -> bool {
        self.ended.load(Std::SeqCst)
            || self.handled.load(Std::SeqCst) >= self.expected.load(Std::SeqCst)
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ended.load(Std::SeqCst)
    }

    /// Performs a wake-up of the cell, like the process.
    pub(super) fn wake(&self, wake: Wake) {
        match wake {
            Wake::None => {}
            Wake::Task(waker) => waker.wake(),
            Wake::Spawn => {
                self.spawned.fetch_add(1, Std::SeqCst);
                self.wake_count.0.notify();
            }
        }
    }

    pub(super) fn push(&self, number: u32) -> bool {
        let pushed = self.cell.push_if_free(number, envelope);
        pushed.map(|wake| self.wake(wake)).is_ok()
    }

    pub(super) fn push_system(&self, number: u32) {
        let (pushed, wake) = self.cell.push_system(Number(number));
        assert!(pushed.is_ok());
        self.wake(wake);
    }

    /// Sends, and waits for capacity; returns the outcome.
    pub(super) fn send(&self, number: u32) -> TicketOutcome {
        let ticket = Arc::new(QueueTicket::default());
        self.offer(number, &ticket)
            .unwrap_or_else(|_waiting| wait_for(&ticket))
    }

    /// Sends, or begins to wait under the returned id.
    pub(super) fn offer(
        &self,
        number: u32,
        ticket: &Arc<QueueTicket>,
    ) -> Result<TicketOutcome, u64> {
        let known = ticket.clone();
        let (outcome, wake) = self.cell.send(|mailbox| match mailbox.admission(|| true) {
            Admission::Free(out) => {
                assert!(out.is_none());
                mailbox.push(envelope(number));
                Ok(TicketOutcome::Admitted)
            }
            Admission::Wait => Err(mailbox.wait(envelope(number), Some(known))),
            Admission::Closed => Ok(TicketOutcome::Closed),
            Admission::Full | Admission::Drop => panic!("it may wait"),
        });
        self.wake(wake);
        outcome
    }

    /// Sends with a held permit.
    pub(super) fn push_reserved(&self, number: u32) -> bool {
        let (pushed, wake) = self.cell.send(|mailbox| {
            if mailbox.is_closed() {
                return Err(());
            }
            Ok(mailbox.push_reserved(envelope(number)))
        });
        self.wake(wake);
        let Ok(waker) = pushed else { return false };
        wake_list::wake(waker);
        true
    }

    /// Withdraws a wait; returns false if it is over.
    pub(super) fn withdraw(&self, id: u64) -> bool {
        let (withdrawn, wake) = self.cell.send(|mailbox| mailbox.withdraw(id));
        self.wake(wake);
        withdrawn.is_some()
    }

    pub(super) fn kill(&self) {
        let ((), wake) = self.cell.control(|inner| inner.control.killed = true);
        self.wake(wake);
    }

    /// Calls: runs the handler inline or queues the message; returns false if neither is possible.
    pub(super) fn call(&self, number: u32) -> bool {
        self.call_and(number, |_| {})
    }

    pub(super) fn call_and(&self, number: u32, handler: impl FnOnce(&mut State)) -> bool {
        if !self.cell.may_enter() {
            return self.push(number);
        }
        let Some(mut permit) = self.cell.enter() else {
            return self.push(number);
        };
        if permit.runner_state().ended {
            self.wake(permit.leave());
            return false;
        }
        self.handle(&mut permit, number);
        handler(permit.runner_state());
        let wake = if permit.runner_state().leaves {
            permit.hand_over()
        } else {
            permit.leave()
        };
        self.wake(wake);
        true
    }

    fn handle(&self, permit: &mut ModelPermit<'_>, number: u32) {
        permit.runner_state().seen.push(number);
        self.handled.fetch_add(1, Std::SeqCst);
        if self.is_over() {
            self.wake_count.0.notify();
        }
    }

    /// Runs the task of the process, and its successors, on this thread.
    pub(super) fn run_task(&self) {
        let waker = Waker::from(self.wake_count.clone());
        let cx = Context::from_waker(&waker);
        while !self.is_over() {
            if !self.has_task() {
                self.wake_count.0.wait();
                continue;
            }
            self.cell.runs_in(&waker);
            match self.cell.poll_granted(&cx, true) {
                Poll::Pending => self.wake_count.0.wait(),
                Poll::Ready(WakeReason::Released) => {
                    self.done.fetch_add(1, Std::SeqCst);
                }
                Poll::Ready(WakeReason::Granted(permit)) => self.work(permit),
            }
        }
    }

    /// Returns true if a task has been spawned and has not ended.
    pub(super) fn has_task(&self) -> bool {
        let tasks = self.spawned.load(Std::SeqCst) - self.done.load(Std::SeqCst);
        // The last one may be about to end.
        assert!(tasks <= 1, "two tasks for one process");
        tasks == 1
    }

    /// Handles a task that was never spawned, or is not needed.
    pub(super) fn dismiss(&self) -> bool {
        let dismissed = self.cell.dismiss_task();
        if dismissed {
            self.done.fetch_add(1, Std::SeqCst);
        }
        dismissed
    }

    /// Polls the task once, as its spawner may.
    pub(super) fn poll_task(&self) {
        let waker = Waker::from(self.wake_count.clone());
        self.cell.runs_in(&waker);
        match self.cell.poll_granted(&Context::from_waker(&waker), true) {
            Poll::Ready(WakeReason::Granted(permit)) => self.work(permit),
            Poll::Ready(WakeReason::Released) => {
                self.done.fetch_add(1, Std::SeqCst);
            }
            Poll::Pending => {}
        }
    }

    /// Parks the task before the other threads begin.
    pub(super) fn park(&self) {
        self.poll_task();
        assert!(self.cell.may_enter());
    }

    /// Takes the permit like the task, when it is known to be granted.
    fn granted_permit(&self, waker: &Waker) -> ModelPermit<'_> {
        self.cell.runs_in(waker);
        match self.cell.poll_granted(&Context::from_waker(waker), true) {
            Poll::Ready(WakeReason::Granted(permit)) => permit,
            _ => panic!("the turn is granted"),
        }
    }

    /// Begins one message, and continues after `meanwhile`, like a handler that waits.
    pub(super) fn handle_one_and(&self, meanwhile: impl FnOnce()) {
        let mut permit = self.granted_permit(&Waker::from(self.wake_count.clone()));
        let NextWork::Entry(entry) = permit.next() else {
            panic!("there is a message");
        };
        let Ok(envelope) = entry.open() else {
            panic!("it is a message");
        };
        meanwhile();
        self.handle(&mut permit, envelope.item);
        drop(permit);
    }

    fn work(&self, mut permit: ModelPermit<'_>) {
        loop {
            if permit.runner_state().leaves {
                return self.end(permit);
            }
            match permit.next() {
                NextWork::Entry(entry) => {
                    let item = entry
                        .open()
                        .map_or_else(|system| system.0, |envelope| envelope.item);
                    self.handle(&mut permit, item);
                }
                NextWork::Control => {
                    if permit.control(|orders| (orders.killed, orders.killed)) {
                        return self.end(permit);
                    }
                }
                NextWork::Nothing => match permit.park() {
                    Ok(_) => return,
                    // Under `DropOldest` a taken message counts as begun.
                    Err(busy) => {
                        permit = busy;
                        continue;
                    }
                },
            }
            self.look(&mut permit);
        }
    }

    /// There are never more user messages in the queue than permits.
    fn look(&self, permit: &mut ModelPermit<'_>) {
        let is_user = |entry: &&QueueEntry<u32, Number>| entry.is_user();
        let begun_soon = permit.runner().batch.iter().filter(is_user).count();
        let mut inner = self.cell.lock();
        let queue = inner.mailbox.take_out();
        let queued = queue.iter().filter(is_user).count();
        inner.mailbox.put_back(queue);
        assert!(
            begun_soon + queued <= self.capacity,
            "{begun_soon} + {queued}"
        );
    }

    /// Ends the process in its own task, like `run::leave` and `exit_path`.
    pub(super) fn end(&self, mut permit: ModelPermit<'_>) {
        permit.put_back();
        assert!(!permit.runner_state().ended, "it ends once");
        permit.runner_state().ended = true;
        self.cell.lock().mailbox.close();
        self.finish();
        std::mem::forget(permit);
    }

    /// Ends a process whose task is dropped, like `process_task`.
    pub(super) fn lose_task(&self) {
        self.done.fetch_add(1, Std::SeqCst);
        self.cell.lock().mailbox.close();
        match self.cell.claim() {
            Some(permit) => self.end(permit),
            None => self.kill(),
        }
    }

    fn finish(&self) {
        let rest = self.cell.lock().mailbox.drain().unwrap_or_default();
        let item = |entry: QueueEntry<u32, Number>| match entry.open() {
            Ok(envelope) => envelope.item,
            Err(system) => system.0,
        };
        let queued = rest.queued.into_iter().map(item);
        let mut all = self.rest.lock().unwrap();
        all.extend(queued);
        for ticket in rest.tickets {
            ticket.settle(TicketOutcome::Closed);
        }
        assert!(!self.ended.swap(true, Std::SeqCst), "it ends once");
        self.wake_count.0.notify();
    }

    /// Takes the permit, finds nothing, and waits for a message as with an idle timeout.
    pub(super) fn wait_until_notified(&self) {
        let waker = Waker::from(self.wake_count.clone());
        let mut permit = self.granted_permit(&waker);
        loop {
            match permit.next() {
                NextWork::Nothing if permit.take_more() => continue,
                NextWork::Nothing => {}
                NextWork::Entry(entry) => {
                    if let Ok(envelope) = entry.open() {
                        break self.handle(&mut permit, envelope.item);
                    }
                }
                NextWork::Control => break,
            }
            if permit.wait() {
                self.wake_count.0.wait();
                self.cell.runs_in(&waker);
            }
        }
        self.end(permit);
    }

    /// Receives in another task than the process's, and returns the message; `None` once the process is killed.
    pub(super) fn receive_elsewhere(&self) -> Option<u32> {
        let wake_count = TestWaker::new();
        let (waker, mut clone) = (Waker::from(wake_count.clone()), None);
        loop {
            let mut inner = self.cell.lock();
            if inner.control.killed {
                return None;
            }
            if let Some(entry) = inner.mailbox.take_next() {
                return entry.open().ok().map(|envelope| envelope.item);
            }
            let waits = inner.wait(&waker, &mut clone);
            drop(inner);
            if waits {
                wake_count.0.wait();
            } else {
                clone = Some(ReaderWaker::new(&waker));
            }
        }
    }

    /// Polls the task for a reason of its own: it does not reach the receive.
    pub(super) fn poll_for_another_reason(&self) {
        self.cell.runs_in(&Waker::from(self.wake_count.clone()));
    }

    /// Like `wait_until_told`, but a timeout may end the wait: `is_late` is asked when the task is polled. Returns
    /// whether it was the timeout.
    pub(super) fn wait_or_be_late(&self, is_late: impl Fn() -> bool) -> bool {
        let waker = Waker::from(self.wake_count.clone());
        let mut permit = self.granted_permit(&waker);
        let late = loop {
            if !permit.wait() {
                break false;
            }
            if is_late() {
                break true;
            }
            self.wake_count.0.wait();
        };
        permit.go_on();
        // A handler is running now.
        assert!(!self.cell.is_idle(), "it is at its handler");
        self.work(permit);
        late
    }

    /// Wakes the task, like a timer.
    pub(super) fn ring(&self) {
        self.wake_count.0.notify();
    }

    /// Returns the handled messages, in order. All other threads must have been joined.
    pub(super) fn seen(&self) -> Vec<u32> {
        self.cell.look(|runner_state| runner_state.seen.clone())
    }

    pub(super) fn rest(&self) -> Vec<u32> {
        self.rest.lock().unwrap().clone()
    }

    /// Each accepted message was handled or is in the rest, exactly once, and no other is.
    pub(super) fn account(&self, accepted: &[(u32, bool)]) {
        let mut counts = BTreeMap::<u32, usize>::new();
        for number in self.seen().into_iter().chain(self.rest()) {
            *counts.entry(number).or_default() += 1;
        }
        for (number, accepted) in accepted {
            let count = counts.get(number).copied().unwrap_or(0);
            assert_eq!(count, usize::from(*accepted), "message {number}");
        }
    }
}

pub(super) fn envelope(item: u32) -> Envelope<u32> {
    QueuedMessage::plain(item).within(None)
}

/// Waits for the outcome of a ticket.
pub(super) fn wait_for(ticket: &QueueTicket) -> TicketOutcome {
    let wake_count = TestWaker::new();
    let waker = Waker::from(wake_count.clone());
    let polls = Plain::new(0);
    loop {
        if let Poll::Ready(outcome) = ticket.poll(&Context::from_waker(&waker)) {
            return outcome;
        }
        polls.set(polls.get() + 1);
        assert!(polls.get() < 3, "it was woken for nothing");
        wake_count.0.wait();
    }
}
