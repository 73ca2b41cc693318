//! One question, one answer: the slot behind both, the caller's end and the port the server answers through.
//!
//! A slot knows no types, so server, wheel and queue hold it as it is; the two ends know the type of the answer, and
//! only they touch it. Who may touch it when is said by `phase` alone. What only a caller that really waits needs
//! stands behind a lock that a call answered at once never takes.
//!
//! Slots are used again: the caller's end puts its slot into the pool of its thread, and it is taken out only when
//! nobody else holds it any more, so whoever comes late finds the old question, closed, and never a new one.
#![allow(
    unsafe_code,
    reason = "the answer is written and read without a lock, where the phase says whose it is"
)]

use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::engine::wheel::Expire;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::rt::Instant;
use crate::rt::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use crate::rt::sync::{Mutex, UnsafeCell};

/// What the mailbox and the server know of a question, whatever the type of its answer.
pub(crate) trait Question: Send + Sync {
    /// Answers with an error; the first answer counts.
    fn fail(&self, error: CallError);
    /// Notes that the server has begun with it.
    fn taken(&self);
    /// When the caller gives up; `None` for never, or before the question was sent.
    fn deadline(&self) -> Option<Instant>;
    /// Whether it has no answer, and the caller waits for one.
    fn is_open(&self) -> bool;
    /// It is an observer of its server, under this key, until the caller's end takes it back; false if that has gone.
    fn observed(&self, key: u64) -> bool;
    /// It stands in another queue now.
    fn carried_to(&self, server: Arc<dyn PortOwner>);
    /// Itself, to be told of the end of a server.
    fn observer(self: Arc<Self>) -> Arc<dyn Observer>;
}

/// Who is told when a port is dropped without an answer, and decides what that means.
pub(crate) trait PortOwner: Send + Sync {
    /// The caller needs no answer any more: it is no observer either.
    fn unobserve(&self, key: u64);
    fn port_dropped(&self, question: Arc<dyn Question>);
}

/// Who is told when a process has ended.
pub(crate) trait Observer: Send + Sync {
    fn exited(&self, reason: &ExitReason);
}

// The phase: how far the answer is, and what the caller has said. Each step and each bit is added once.
const WRITING: u8 = 1;
const ANSWERED: u8 = 2;
const FAILED: u8 = 3;
const STAGE: u8 = 3;
/// The caller has its answer, or has gone. Only the caller's end adds it.
const CLOSED: u8 = 4;
/// A waker waits behind the lock. Only the caller's end adds it.
const WAITS: u8 = 8;
/// The port was dropped when nobody was known yet to judge that. Only the port adds it, under the lock.
const ABANDONED: u8 = 16;

/// What one caller waits on.
pub(crate) struct Slot {
    phase: AtomicU8,
    /// The server has begun with it.
    taken: AtomicBool,
    /// Something may stand behind the lock that has to be let go at the end. Only the caller's end uses it.
    kept: AtomicBool,
    answer: Buffer,
    wait: Mutex<Wait>,
}

/// What only matters once the question is in a queue, or the caller waits.
#[derive(Default)]
struct Wait {
    waker: Option<Waker>,
    server: Option<Arc<dyn PortOwner>>,
    deadline: Option<Instant>,
    /// Under which key it is an observer of its server.
    observed: Option<u64>,
}

impl Wait {
    /// Lets go of everything.
    fn end(self) {
        if let (Some(server), Some(key)) = (self.server, self.observed) {
            server.unobserve(key);
        }
    }
}

impl Slot {
    fn new() -> Self {
        Self {
            phase: AtomicU8::new(0),
            taken: AtomicBool::new(false),
            kept: AtomicBool::new(false),
            answer: Buffer::new(),
            wait: Mutex::new(Wait::default()),
        }
    }

    /// Makes it the slot of a new question, unless somebody else still holds it.
    #[cfg(not(ambit_loom))]
    #[inline]
    fn renew_if_unshared(self: &Arc<Self>) -> bool {
        // Nobody but a holder could make a further one, and there are no weak ones.
        if Arc::strong_count(self) != 1 {
            return false;
        }
        // What the last holder did, came before it let go.
        std::sync::atomic::fence(Ordering::Acquire);
        self.phase.store(0, Ordering::Relaxed);
        self.taken.store(false, Ordering::Relaxed);
        true
    }

    fn is_open(&self) -> bool {
        self.phase.load(Ordering::Acquire) & (STAGE | CLOSED) == 0
    }

    /// The first answer counts: who gets `true` writes it.
    #[inline]
    fn claim(&self) -> bool {
        let mut phase = self.phase.load(Ordering::Relaxed);
        while phase & (STAGE | CLOSED) == 0 {
            let claimed = self.phase.compare_exchange_weak(
                phase,
                phase + WRITING,
                Ordering::Acquire,
                Ordering::Relaxed,
            );
            match claimed {
                Ok(_) => return true,
                Err(now) => phase = now,
            }
        }
        false
    }

    /// Answers, unless somebody has, or the caller has gone.
    ///
    /// # Safety
    /// `T` is what `stage` says it is: for `ANSWERED` the type of this question, for `FAILED` a `CallError`.
    #[inline]
    unsafe fn settle<T>(&self, value: T, stage: u8) -> bool {
        if !self.claim() {
            return false;
        }
        // SAFETY: only one claims, and nobody else touches the buffer before the stage is added.
        unsafe { self.answer.put(value) };
        let before = self.phase.fetch_add(stage - WRITING, Ordering::AcqRel);
        if before & CLOSED != 0 {
            // SAFETY: it was put in just now, and a caller that closes during the writing leaves it to the writer.
            drop(unsafe { self.answer.take::<T>() });
            return false;
        }
        if before & WAITS != 0 {
            self.wake();
        }
        true
    }

    fn wake(&self) {
        let waker = self.wait.lock().waker.take();
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Question for Slot {
    fn fail(&self, error: CallError) {
        // SAFETY: the type is the one that `FAILED` asks for.
        unsafe { self.settle(error, FAILED) };
    }

    fn taken(&self) {
        self.taken.store(true, Ordering::Release);
    }

    fn deadline(&self) -> Option<Instant> {
        self.wait.lock().deadline
    }

    fn is_open(&self) -> bool {
        Self::is_open(self)
    }

    fn observed(&self, key: u64) -> bool {
        let mut wait = self.wait.lock();
        // As in `carried_to`.
        let open = self.is_open();
        if open {
            wait.observed = Some(key);
        }
        open
    }

    fn carried_to(&self, server: Arc<dyn PortOwner>) {
        let mut wait = self.wait.lock();
        // Whoever has gone must not keep a server: its end closes first and then looks behind the lock.
        if self.is_open() {
            let before = wait.server.replace(server);
            drop(wait);
            drop(before);
        }
    }

    fn observer(self: Arc<Self>) -> Arc<dyn Observer> {
        self
    }
}

impl Observer for Slot {
    fn exited(&self, reason: &ExitReason) {
        let executed = if self.taken.load(Ordering::Acquire) {
            Executed::Maybe
        } else {
            Executed::No
        };
        self.fail(CallError::Exited {
            reason: reason.clone(),
            executed,
        });
    }
}

impl Expire for Slot {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.fail(CallError::Timeout);
    }
}

/// The caller's end of a question. Its drop closes the question and gives the slot to the next one.
pub(crate) struct Asked<R> {
    slot: ManuallyDrop<Arc<Slot>>,
    answer: Typed<R>,
}

/// As if there were a lock around an `R`, which is what the phase stands for: what may be sent follows from that.
type Typed<R> = PhantomData<Arc<Mutex<R>>>;

impl<R> Asked<R> {
    /// What server, queue and wheel hold.
    pub(crate) fn slot(&self) -> Arc<Slot> {
        Arc::clone(&self.slot)
    }

    /// Notes who will answer, and until when the caller waits. Has to come before anybody is given the slot.
    pub(crate) fn sent_to(&self, server: Arc<dyn PortOwner>, deadline: Option<Instant>) {
        self.slot.kept.store(true, Ordering::Relaxed);
        let mut wait = self.slot.wait.lock();
        let abandoned = self.slot.phase.load(Ordering::Relaxed) & ABANDONED != 0;
        let judge = abandoned.then(|| server.clone());
        let before = wait.server.replace(server);
        wait.deadline = deadline;
        drop(wait);
        drop(before);
        if let Some(judge) = judge {
            judge.port_dropped(self.slot());
        }
    }

    /// Answers with an error; the first answer counts.
    pub(crate) fn fail(&self, error: CallError) {
        self.slot.fail(error);
    }

    /// Whether there is no answer yet.
    #[inline]
    pub(crate) fn is_waiting(&mut self) -> bool {
        self.slot.phase.load(Ordering::Acquire) & STAGE < ANSWERED
    }

    /// The answer, if it has come. Whoever has had it gets `NoReply`.
    #[inline]
    pub(crate) fn look(&mut self) -> Option<Result<R, CallError>> {
        let phase = self.slot.phase.load(Ordering::Acquire);
        if phase & CLOSED != 0 {
            Some(Err(CallError::NoReply))
        } else if phase & STAGE < ANSWERED {
            None
        } else {
            self.shut()
        }
    }

    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<R, CallError>> {
        if let Some(answer) = self.look() {
            return Poll::Ready(answer);
        }
        let before = self.wait_with(cx.waker());
        // An answer before this step is seen below; one after it sees the waker.
        if self.slot.phase.load(Ordering::Relaxed) & WAITS == 0 {
            self.slot.phase.fetch_add(WAITS, Ordering::AcqRel);
        }
        drop(before);
        self.look().map_or(Poll::Pending, Poll::Ready)
    }

    /// Leaves a waker behind the lock; gives the one that was there.
    fn wait_with(&self, waker: &Waker) -> Option<Waker> {
        self.slot.kept.store(true, Ordering::Relaxed);
        let mut wait = self.slot.wait.lock();
        match &wait.waker {
            Some(known) if known.will_wake(waker) => None,
            _ => wait.waker.replace(waker.clone()),
        }
    }

    /// The caller no longer waits; a late answer is dropped by whoever gives it.
    pub(crate) fn close(&mut self) {
        let (unread, wait) = self.end();
        if let Some(wait) = wait {
            wait.end();
        }
        drop(unread);
    }

    /// Closes, and hands out what has to be dropped: that may be code of the user's, which may panic.
    fn end(&mut self) -> (Option<Result<R, CallError>>, Option<Wait>) {
        let unread = self.shut();
        if !self.slot.kept.load(Ordering::Relaxed) {
            return (unread, None);
        }
        self.slot.kept.store(false, Ordering::Relaxed);
        let wait = std::mem::take(&mut *self.slot.wait.lock());
        (unread, Some(wait))
    }

    /// Closes the phase, and takes the answer if it is there.
    #[inline]
    fn shut(&mut self) -> Option<Result<R, CallError>> {
        let mut phase = self.slot.phase.load(Ordering::Acquire);
        if phase & CLOSED != 0 {
            return None;
        }
        if phase & STAGE < ANSWERED {
            phase = self.slot.phase.fetch_add(CLOSED, Ordering::AcqRel);
        } else {
            // Nobody else changes the phase after the answer.
            self.slot.phase.store(phase | CLOSED, Ordering::Relaxed);
        }
        count::closed();
        match phase & STAGE {
            // SAFETY: it has been put in, as the stage says, by a port of this type; it is taken once, for the phase is
            // closed only once.
            ANSWERED => Some(Ok(unsafe { self.slot.answer.take() })),
            // SAFETY: the same, with the type that this stage asks for.
            FAILED => Some(Err(unsafe { self.slot.answer.take() })),
            // Whoever is writing finds the phase closed and keeps what it has.
            _ => None,
        }
    }
}

impl<R> Drop for Asked<R> {
    fn drop(&mut self) {
        let (unread, wait) = self.end();
        // SAFETY: taken only here, and nobody sees this end after its drop.
        pool::put(unsafe { ManuallyDrop::take(&mut self.slot) });
        if let Some(wait) = wait {
            wait.end();
        }
        drop(unread);
    }
}

/// The port through which one call is answered. (Erlang: the `From` of `handle_call/3`.)
///
/// It can be kept in the server's state or sent elsewhere and answered later, from any task or thread. Dropped
/// without an answer, it tells the caller `NoReply` at once.
///
/// ```
/// use ambit::prelude::*;
/// struct Door { waiting: Vec<ReplyTo<&'static str>> }
/// #[gen_server]
/// impl Door {
///     #[call(deferred)]
///     fn pass(&mut self, reply: ReplyTo<&'static str>) { self.waiting.push(reply) }
///     #[cast]
///     fn open(&mut self) {
///         for reply in self.waiting.drain(..) { reply.send("open"); }
///     }
/// }
/// # fn main() {}
/// ```
#[must_use = "a port dropped without an answer tells the caller `NoReply`"]
pub struct ReplyTo<T> {
    slot: Option<Arc<Slot>>,
    answer: Typed<T>,
}

impl<T> ReplyTo<T> {
    /// Answers. Returns whether the caller still waited; a late answer is dropped.
    #[inline]
    pub fn send(mut self, value: T) -> bool {
        let Some(slot) = self.slot.take() else {
            return false;
        };
        // SAFETY: `question` made this port for a slot whose answer is a `T`.
        unsafe { slot.settle(value, ANSWERED) }
    }

    /// Whether the caller has gone: it timed out, or dropped its call. Nobody would see an answer.
    pub fn is_closed(&self) -> bool {
        self.slot.as_ref().is_none_or(|slot| !slot.is_open())
    }
}

impl<T> Drop for ReplyTo<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(slot) = self.slot.take() {
            abandoned(slot);
        }
    }
}

impl<T> fmt::Debug for ReplyTo<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplyTo")
            .field("is_closed", &self.is_closed())
            .finish()
    }
}

/// A new question: the port for the server, the end for the caller.
#[inline]
pub(crate) fn question<R: Send + 'static>() -> (ReplyTo<R>, Asked<R>) {
    let slot = pool::take();
    count::opened();
    let port = ReplyTo {
        slot: Some(slot.clone()),
        answer: PhantomData,
    };
    let asked = Asked {
        slot: ManuallyDrop::new(slot),
        answer: PhantomData,
    };
    (port, asked)
}

/// A question that reached nobody: it has its answer.
pub(crate) fn refused<R: Send + 'static>(error: CallError) -> Asked<R> {
    let (port, asked) = question();
    asked.fail(error);
    drop(port);
    asked
}

fn abandoned(slot: Arc<Slot>) {
    if !slot.is_open() {
        return;
    }
    let wait = slot.wait.lock();
    let server = wait.server.clone();
    if server.is_none() {
        // It is not known yet whose it is; whoever says so is told.
        slot.phase.fetch_add(ABANDONED, Ordering::AcqRel);
    }
    drop(wait);
    if let Some(server) = server {
        server.port_dropped(slot);
    }
}

/// Room for one answer; what is larger than it or stricter aligned stands in a box.
struct Buffer(UnsafeCell<Bytes>);

#[repr(align(16))]
struct Bytes {
    _room: [MaybeUninit<u8>; 64],
}

// SAFETY: it is touched only through `put` and `take`, whose callers promise to be alone; and what is in it came through
// a port and goes out through an `Asked`, both of which go to another thread only if their type may.
unsafe impl Sync for Buffer {}

impl Buffer {
    fn new() -> Self {
        let _room = [MaybeUninit::uninit(); 64];
        Self(UnsafeCell::new(Bytes { _room }))
    }

    const fn fits<T>() -> bool {
        size_of::<T>() <= size_of::<Bytes>() && align_of::<T>() <= align_of::<Bytes>()
    }

    /// # Safety
    /// Nobody else uses the buffer now. What was in it before is forgotten.
    #[inline]
    unsafe fn put<T>(&self, value: T) {
        self.0.with_mut(|to| {
            if Self::fits::<T>() {
                // SAFETY: it fits and is aligned; the caller promises that we are alone.
                unsafe { to.cast::<T>().write(value) }
            } else {
                // SAFETY: as above, and a box always fits.
                unsafe { to.cast::<Box<T>>().write(Box::new(value)) }
            }
        });
    }

    /// # Safety
    /// Nobody else uses the buffer now, the last thing put into it was a `T`, and it has not been taken.
    #[inline]
    unsafe fn take<T>(&self) -> T {
        self.0.with(|from| {
            if Self::fits::<T>() {
                // SAFETY: `put` wrote it here, and the caller promises that it is still there.
                unsafe { from.cast::<T>().read() }
            } else {
                // SAFETY: as above, with the box.
                *unsafe { from.cast::<Box<T>>().read() }
            }
        })
    }
}

pub(crate) mod count;
mod pool;

#[cfg(all(test, ambit_loom))]
mod models;
#[cfg(all(test, not(ambit_loom)))]
mod tests;
