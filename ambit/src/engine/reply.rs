//! One question, one answer: the slot behind both, the caller's end, and the port through which the server answers.
//!
//! A slot is untyped, so that server, wheel and queue can hold it; the two ends know the type of the answer, and only
//! they access it. `phase` alone determines which end may access which part and when: the answer, the caller's waker,
//! and the destination of the question. Only rarely used parts are behind a lock.
//!
//! Slots are reused: the caller's end returns its slot to the pool of its thread, and it is taken out only when it has
//! no other holder, so a late holder finds the old, closed question, and never a new one.
#![allow(
    unsafe_code,
    reason = "what is in a slot is written and read without a lock, where the phase says whose it is"
)]

use std::fmt;
use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use crate::engine::wake_list;
use crate::engine::wheel::Expire;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::rt::Instant;
use crate::rt::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use crate::rt::sync::{Mutex, UnsafeCell};

use owner::{ReplyExtras, ReplyRoute};
pub(crate) use owner::{ReplyOwner, ServerRef};

/// The untyped interface of a question, for the mailbox and the server.
pub(crate) trait OpenReply: Send + Sync {
    /// Answers with an error; the first answer counts.
    fn fail(&self, error: CallError);
    /// Records that the server has begun to handle it. Returns the caller's deadline, even if the caller has gone;
    /// `None` without a deadline, or before the question was sent.
    fn taken(&self) -> Option<Instant>;
    /// Like `taken`, without recording anything.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "used only for remote calls")
    )]
    fn until(&self) -> Option<Instant>;
    /// Returns true if it has no answer, and the caller waits for one.
    fn is_open(&self) -> bool;
    /// Records that it observes `server` under this key, until the caller's end removes it; returns false if the
    /// caller's end has gone.
    fn observed(&self, server: ServerRef, key: u64) -> bool;
    /// Records that it was moved to another queue.
    fn carried_to(&self, server: ServerRef);
    /// Returns itself as the observer of a server's end.
    fn observer(self: Arc<Self>) -> Arc<dyn ExitObserver>;
}

/// Notified when a process has ended.
pub(crate) trait ExitObserver: Send + Sync {
    fn exited(&self, reason: &ExitReason);
}

// The phase: the progress of the answer, and the flags of both ends. Each step and each bit is added once; only WAITS
// can be removed. While the question is open each party may add its own bits; once it is answered, only the caller's
// end may.
const WRITING: u8 = 1;
const ANSWERED: u8 = 2;
const FAILED: u8 = 3;
const STAGE: u8 = 3;
/// The caller has its answer, or has gone. Only the caller's end adds it.
const CLOSED: u8 = 4;
/// The caller's waker is stored. Only the caller's end adds it, or removes it. The waker belongs to the end that
/// finishes the wait: to the answer, if it finds this bit and no CLOSED; to the caller's end, if it removes the bit or
/// closes before the answer.
const WAITS: u8 = 8;
/// The destination of the question is known. Only the caller's end adds it.
const SENT: u8 = 16;
/// The port was dropped without an answer. Only the port adds it. Of the two ends that add this bit and SENT, the
/// second one asks the server to decide the consequence.
const ABANDONED: u8 = 32;
/// The locked part holds something to be released at the end. Added under the lock.
const NOTED: u8 = 64;

/// The slot of one question.
pub(crate) struct ReplySlot {
    phase: AtomicU8,
    /// The server has begun to handle it.
    taken: AtomicBool,
    answer: ReplyBuffer,
    waker: UnsafeCell<MaybeUninit<Waker>>,
    /// Written once, before SENT is added.
    sent: UnsafeCell<Option<ReplyRoute>>,
    rare: Mutex<ReplyExtras>,
}

// SAFETY: the locked part is `Send`. The answer is accessed only through `ReplyBuffer::put` and `take`, whose callers
// guarantee exclusive access; its content came through a port and leaves through a `ReplyReceiver`, both of which move
// to another thread only if their type may. Waker and `ReplyRoute` may move to any thread and be read by several; they
// are written only by the one caller's end, when the phase guarantees that no other thread reads them.
unsafe impl Sync for ReplySlot {}

impl ReplySlot {
    fn new() -> Self {
        Self {
            phase: AtomicU8::new(0),
            taken: AtomicBool::new(false),
            answer: ReplyBuffer::new(),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            sent: UnsafeCell::new(None),
            rare: Mutex::new(ReplyExtras::default()),
        }
    }

    /// Reuses the slot for a new question, unless it has another holder.
    #[cfg(not(ambit_loom))]
    #[inline]
    fn renew_if_unshared(slot: &mut Arc<Self>) -> bool {
        // Only a holder could create another one, and there are no weak ones.
        if Arc::strong_count(slot) != 1 {
            return false;
        }
        // The last holder's accesses happened before it released the slot.
        std::sync::atomic::fence(Ordering::Acquire);
        // ThreadSanitizer does not support fences; this is equivalent, and costs more.
        #[cfg(ambit_tsan)]
        Arc::get_mut(slot);
        slot.phase.store(0, Ordering::Relaxed);
        slot.taken.store(false, Ordering::Relaxed);
        true
    }

    fn is_open(&self) -> bool {
        self.phase.load(Ordering::Acquire) & (STAGE | CLOSED) == 0
    }

    /// Returns true if the stored waker equals this one; only for the caller's end, and only with WAITS.
    fn waits_with(&self, waker: &Waker) -> bool {
        self.waker.with(|left| {
            // SAFETY: this end has written it. An answer may take it at the same time, which is only a read too; the
            // data behind the two pointers is not accessed here.
            unsafe { (*left).assume_init_ref() }.will_wake(waker)
        })
    }

    /// Adds `bit` while the question is open; returns the previous phase.
    #[inline]
    fn add_if_open(&self, bit: u8) -> Option<u8> {
        let mut phase = self.phase.load(Ordering::Relaxed);
        while phase & (STAGE | CLOSED) == 0 {
            let added = self.phase.compare_exchange_weak(
                phase,
                phase | bit,
                Ordering::AcqRel,
                Ordering::Relaxed,
            );
            match added {
                Ok(before) => return Some(before),
                Err(now) => phase = now,
            }
        }
        None
    }

    /// Answers, unless there is an answer or the caller has gone; returns the wake-up of the caller.
    ///
    /// # Safety
    /// `T` is the type that `stage` requires: for `ANSWERED` the type of this question, for `FAILED` a `CallError`.
    #[inline]
    unsafe fn settle<T>(&self, value: T, stage: u8) -> Option<DeferredWake> {
        // The first answer counts.
        self.add_if_open(WRITING)?;
        // SAFETY: only one thread gets here, and no other accesses the buffer before the stage is added.
        unsafe { self.answer.put(value) };
        let before = self.phase.fetch_add(stage - WRITING, Ordering::AcqRel);
        if before & CLOSED != 0 {
            // SAFETY: it was stored just now, and a caller that closes during the writing leaves it to the writer.
            drop(unsafe { self.answer.take::<T>() });
            return None;
        }
        // SAFETY: the caller was waiting when the answer was added, so the waker belongs to the answer.
        let waker = (before & WAITS != 0).then(|| unsafe { self.take_waker() });
        Some(DeferredWake(waker))
    }

    /// # Safety
    /// The waker is stored, and the phase assigns it to the calling thread; it is taken only once.
    unsafe fn take_waker(&self) -> Waker {
        self.waker.with(|waker| {
            // SAFETY: guaranteed by the caller. The caller's end may compare it at the same time, which is only a
            // second read.
            unsafe { waker.cast::<Waker>().read() }
        })
    }

    /// Returns the last destination of the question; `None` before it was sent, and when the caller has gone.
    fn sent(&self) -> Option<ReplyRoute> {
        let phase = self.phase.load(Ordering::Acquire);
        if phase & CLOSED != 0 {
            return None;
        }
        self.last_sent(phase)
    }

    /// Like `sent`, even if the caller has gone.
    fn last_sent(&self, phase: u8) -> Option<ReplyRoute> {
        if phase & SENT == 0 {
            return None;
        }
        let again = if phase & NOTED == 0 {
            None
        } else {
            self.rare.lock().sent
        };
        // SAFETY: it was written before SENT was added, and is not written again while the slot belongs to this
        // question.
        again.or_else(|| self.sent.with(|sent| unsafe { *sent }))
    }

    #[cold]
    fn rare_deadline(&self, phase: u8) -> Option<Instant> {
        self.last_sent(phase)?.deadline
    }

    /// Records that the question is sent once more.
    fn send_again(&self, sent: ReplyRoute) {
        let mut rare = self.rare.lock();
        if self.add_if_open(NOTED).is_some() {
            rare.sent = Some(sent);
        }
    }
}

impl OpenReply for ReplySlot {
    fn fail(&self, error: CallError) {
        // SAFETY: the type is the one that `FAILED` requires.
        drop(unsafe { self.settle(error, FAILED) });
    }

    fn taken(&self) -> Option<Instant> {
        self.taken.store(true, Ordering::Release);
        let phase = self.phase.load(Ordering::Acquire);
        if phase & (SENT | NOTED) != SENT {
            return self.rare_deadline(phase);
        }
        // SAFETY: it was written before SENT was added, and is not written again while the slot belongs to this
        // question.
        self.sent.with(|sent| unsafe { &*sent }.as_ref()?.deadline)
    }

    fn until(&self) -> Option<Instant> {
        self.rare_deadline(self.phase.load(Ordering::Acquire))
    }

    fn is_open(&self) -> bool {
        Self::is_open(self)
    }

    fn observed(&self, server: ServerRef, key: u64) -> bool {
        let mut rare = self.rare.lock();
        let open = self.add_if_open(NOTED).is_some();
        if open {
            rare.observed = Some((server, key));
        }
        open
    }

    fn carried_to(&self, server: ServerRef) {
        let deadline = self.sent().and_then(|sent| sent.deadline);
        self.send_again(ReplyRoute { server, deadline });
    }

    fn observer(self: Arc<Self>) -> Arc<dyn ExitObserver> {
        self
    }
}

impl ExitObserver for ReplySlot {
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

impl Expire for ReplySlot {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.fail(CallError::Timeout);
    }
}

/// A deferred wake-up: its drop wakes the caller, whose answer is stored.
#[must_use = "dropped, it wakes"]
#[derive(Default)]
pub(crate) struct DeferredWake(Option<Waker>);

impl DeferredWake {
    /// Returns true if there is a caller to wake.
    #[inline]
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for DeferredWake {
    #[inline]
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            // The waker belongs to the caller: its panic must not reach the answering server.
            wake_list::wake_one(waker);
        }
    }
}

/// The caller's end of a question. Its drop closes the question and returns the slot to the pool.
pub struct ReplyReceiver<R> {
    slot: ManuallyDrop<Arc<ReplySlot>>,
    answer: Typed<R>,
}

/// Represents a lock around an `R`, which the phase is equivalent to: `Send` and `Sync` follow from that.
type Typed<R> = PhantomData<Arc<Mutex<R>>>;

impl<R> ReplyReceiver<R> {
    /// Returns the slot for server, queue and wheel.
    pub(crate) fn slot(&self) -> Arc<ReplySlot> {
        Arc::clone(&self.slot)
    }

    /// Records the destination, and the caller's deadline. Must be called before the slot is shared.
    pub(crate) fn sent_to(&self, server: ServerRef, deadline: Option<Instant>) {
        let slot = &**self.slot;
        let sent = ReplyRoute { server, deadline };
        let mut before = slot.phase.load(Ordering::Acquire);
        if before & SENT == 0 {
            // SAFETY: it is not read before SENT is added, which only this end does.
            slot.sent.with_mut(|to| unsafe { *to = Some(sent) });
            before = slot.phase.fetch_add(SENT, Ordering::AcqRel);
        } else {
            slot.send_again(sent);
        }
        if before & ABANDONED != 0 {
            server.port_dropped(self.slot());
        }
    }

    /// Answers with an error; the first answer counts.
    pub(crate) fn fail(&self, error: CallError) {
        self.slot.fail(error);
    }

    /// Returns true if there is no answer yet.
    #[inline]
    pub(crate) fn is_waiting(&mut self) -> bool {
        self.slot.phase.load(Ordering::Acquire) & STAGE < ANSWERED
    }

    /// Returns the answer, if there is one. After the answer has been returned, it returns `NoReply`.
    #[inline]
    pub(crate) fn look(&mut self) -> Option<Result<R, CallError>> {
        let phase = self.slot.phase.load(Ordering::Acquire);
        if phase & CLOSED != 0 {
            Some(Err(CallError::NoReply))
        } else if phase & STAGE < ANSWERED {
            None
        } else {
            self.shut_answered(phase)
        }
    }

    #[inline(always)]
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<R, CallError>> {
        if let Some(answer) = self.look() {
            return Poll::Ready(answer);
        }
        if self.wait_with(cx.waker()) {
            return self.look().map_or(Poll::Pending, Poll::Ready);
        }
        Poll::Pending
    }

    /// Stores this waker; returns false if it was stored already. The caller may call it before the question is shared,
    /// and then need not repeat it.
    #[inline]
    pub(crate) fn wait_with(&mut self, waker: &Waker) -> bool {
        let waits = self.slot.phase.load(Ordering::Relaxed) & WAITS != 0;
        if waits && self.slot.waits_with(waker) {
            return false;
        }
        // The clone and the drop may be user code, which may panic: the state in between is consistent.
        let waker = waker.clone();
        let before = if waits { self.take_back() } else { Ok(None) };
        if let Ok(_before) = before {
            self.leave(waker);
        }
        true
    }

    /// Stores a waker. An answer before this step is visible here; one after it sees the waker.
    fn leave(&mut self, waker: Waker) {
        let slot = &**self.slot;
        slot.waker.with_mut(|to| {
            // SAFETY: WAITS is not set, so no other thread accesses the waker before it is added, which only this end
            // does; and none is left in there.
            unsafe { to.write(MaybeUninit::new(waker)) }
        });
        let before = slot.phase.fetch_add(WAITS, Ordering::AcqRel);
        if before & STAGE >= ANSWERED {
            // SAFETY: the answer did not find WAITS, so this end must drop it.
            drop(unsafe { slot.take_waker() });
        }
    }

    /// Takes the stored waker back; `Err` if the answer has taken it.
    fn take_back(&mut self) -> Result<Option<Waker>, ()> {
        let before = self.slot.phase.fetch_sub(WAITS, Ordering::AcqRel);
        if before & STAGE >= ANSWERED {
            return Err(());
        }
        // SAFETY: it was stored, and WAITS was removed before the answer.
        Ok(Some(unsafe { self.slot.take_waker() }))
    }

    /// Ends the caller's wait; a late answer is dropped by its sender.
    #[inline]
    pub(crate) fn close(&mut self) {
        if !self.has_ended() {
            let left = self.end();
            left.let_go();
        }
    }

    /// Returns true if it is closed, and nothing of it is left to be released.
    #[inline]
    fn has_ended(&self) -> bool {
        self.slot.phase.load(Ordering::Relaxed) & (CLOSED | NOTED) == CLOSED
    }

    /// Closes the question, and returns the values to be dropped: their drops may be user code, which may panic.
    #[cold]
    fn end(&mut self) -> UnreadReply<R> {
        let (unread, waker) = self.shut();
        let slot = &**self.slot;
        // NOTED is added before the phase is closed, and under the lock.
        let pushed = slot.phase.load(Ordering::Relaxed) & NOTED != 0;
        let rare = pushed.then(|| {
            slot.phase.fetch_sub(NOTED, Ordering::Relaxed);
            std::mem::take(&mut *slot.rare.lock())
        });
        UnreadReply {
            unread,
            waker,
            rare,
        }
    }

    /// Closes the phase, and takes the values that then belong to the caller: the answer if there is one, otherwise the
    /// waker.
    fn shut(&mut self) -> (Option<Result<R, CallError>>, Option<Waker>) {
        let phase = self.slot.phase.load(Ordering::Acquire);
        if phase & CLOSED != 0 {
            return (None, None);
        }
        if phase & STAGE >= ANSWERED {
            return (self.shut_answered(phase), None);
        }
        let phase = self.slot.phase.fetch_add(CLOSED, Ordering::AcqRel);
        if phase & STAGE >= ANSWERED {
            return (self.shut_answered(phase), None);
        }
        count::closed();
        // A concurrent writer finds the phase closed and keeps its answer.
        // SAFETY: the waker is stored, and an answer after this step does not take it.
        let waker = (phase & WAITS != 0).then(|| unsafe { self.slot.take_waker() });
        (None, waker)
    }

    /// Closes an answered phase, which this end has just seen open, and takes the answer.
    #[inline]
    fn shut_answered(&mut self, phase: u8) -> Option<Result<R, CallError>> {
        // No other thread changes the phase after the answer.
        self.slot.phase.store(phase | CLOSED, Ordering::Relaxed);
        count::closed();
        if phase & STAGE == ANSWERED {
            // SAFETY: it was stored, as the stage records, by a port of this type; it is taken once, because the phase
            // is closed only once.
            Some(Ok(unsafe { self.slot.answer.take() }))
        } else {
            // SAFETY: the same, with the type that FAILED requires.
            Some(Err(unsafe { self.slot.answer.take() }))
        }
    }
}

/// The remaining values of a closed question.
struct UnreadReply<R> {
    unread: Option<Result<R, CallError>>,
    waker: Option<Waker>,
    rare: Option<ReplyExtras>,
}

impl<R> UnreadReply<R> {
    fn let_go(self) {
        if let Some(rare) = self.rare {
            rare.end();
        }
        drop(self.waker);
        drop(self.unread);
    }
}

impl<R> Drop for ReplyReceiver<R> {
    #[inline]
    fn drop(&mut self) {
        let left = (!self.has_ended()).then(|| self.end());
        // SAFETY: taken only here, and this end is not accessed after its drop.
        pool::put(unsafe { ManuallyDrop::take(&mut self.slot) });
        if let Some(left) = left {
            left.let_go();
        }
    }
}

/// The port through which one call is answered. (Erlang: the `From` of `handle_call/3`.)
///
/// It can be stored in the server's state or moved elsewhere and answered later, from any task or thread. Dropped
/// without an answer, it fails the call with `NoReply` at once.
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
    slot: Option<Arc<ReplySlot>>,
    answer: Typed<T>,
}

impl<T> ReplyTo<T> {
    /// Sends the answer. Returns whether the caller was still waiting; a late answer is dropped.
    #[inline]
    pub fn send(self, value: T) -> bool {
        self.give(value).is_some()
    }

    /// Stores the answer, and wakes the caller only when the result is dropped; `None` if the caller no longer waits.
    #[inline]
    pub(crate) fn give(mut self, value: T) -> Option<DeferredWake> {
        let slot = self.slot.take()?;
        // SAFETY: `question` created this port for a slot whose answer is a `T`.
        unsafe { slot.settle(value, ANSWERED) }
    }

    /// Returns true if the caller has gone: it timed out, or dropped its call. An answer would be dropped.
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

/// Creates a question: the port for the server, the end for the caller.
#[inline]
pub(crate) fn question<R: Send + 'static>() -> (ReplyTo<R>, ReplyReceiver<R>) {
    let slot = pool::take();
    count::opened();
    let port = ReplyTo {
        slot: Some(slot.clone()),
        answer: PhantomData,
    };
    let asked = ReplyReceiver {
        slot: ManuallyDrop::new(slot),
        answer: PhantomData,
    };
    (port, asked)
}

/// Creates a question that was not delivered, and is already answered with an error.
pub(crate) fn refused<R: Send + 'static>(error: CallError) -> ReplyReceiver<R> {
    let (port, asked) = question();
    asked.fail(error);
    drop(port);
    asked
}

#[cold]
fn abandoned(slot: Arc<ReplySlot>) {
    let before = slot.add_if_open(ABANDONED);
    // If the destination is not known yet, the caller's end notifies it later.
    if before.is_some_and(|phase| phase & SENT != 0)
        && let Some(sent) = slot.sent()
    {
        sent.server.port_dropped(slot);
    }
}

/// The buffer of one answer; a larger or more strictly aligned value is boxed.
struct ReplyBuffer(UnsafeCell<Bytes>);

#[repr(align(16))]
struct Bytes {
    _room: [MaybeUninit<u8>; 64],
}

impl ReplyBuffer {
    fn new() -> Self {
        let _room = [MaybeUninit::uninit(); 64];
        Self(UnsafeCell::new(Bytes { _room }))
    }

    const fn fits<T>() -> bool {
        size_of::<T>() <= size_of::<Bytes>() && align_of::<T>() <= align_of::<Bytes>()
    }

    /// # Safety
    /// No other thread uses the buffer now. Its previous content is forgotten.
    #[inline]
    unsafe fn put<T>(&self, value: T) {
        self.0.with_mut(|to| {
            if Self::fits::<T>() {
                // SAFETY: it fits and is aligned; the caller guarantees exclusive access.
                unsafe { to.cast::<T>().write(value) }
            } else {
                // SAFETY: as above, and a box always fits.
                unsafe { to.cast::<Box<T>>().write(Box::new(value)) }
            }
        });
    }

    /// # Safety
    /// No other thread uses the buffer now, the last stored value was a `T`, and it has not been taken.
    #[inline]
    unsafe fn take<T>(&self) -> T {
        self.0.with(|from| {
            if Self::fits::<T>() {
                // SAFETY: `put` wrote it here, and the caller guarantees that it is still there.
                unsafe { from.cast::<T>().read() }
            } else {
                // SAFETY: as above, with the box.
                *unsafe { from.cast::<Box<T>>().read() }
            }
        })
    }
}

pub(crate) mod count;
mod owner;
mod pool;

#[cfg(all(test, ambit_loom))]
mod models;
#[cfg(all(test, not(ambit_loom)))]
mod tests;
