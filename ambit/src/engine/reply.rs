//! One question, one answer: the slot behind both, the caller's end and the port the server answers through.
//!
//! A slot knows no types, so server, wheel and queue hold it as it is; the two ends know the type of the answer, and
//! only they touch it. Who may touch what of it when is said by `phase` alone: the answer, the waker of the caller, and
//! where the question was sent. Only what few questions have stands behind a lock.
//!
//! Slots are used again: the caller's end puts its slot into the pool of its thread, and it is taken out only when
//! nobody else holds it any more, so whoever comes late finds the old question, closed, and never a new one.
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

pub(crate) use owner::{PortOwner, Server};
use owner::{Rare, Sent};

/// What the mailbox and the server know of a question, whatever the type of its answer.
pub(crate) trait Question: Send + Sync {
    /// Answers with an error; the first answer counts.
    fn fail(&self, error: CallError);
    /// Notes that the server has begun with it. When the caller gives up, or would have if he had not gone before;
    /// `None` for never, or before the question was sent.
    fn taken(&self) -> Option<Instant>;
    /// The same, without beginning.
    #[cfg_attr(
        not(feature = "remote"),
        allow(dead_code, reason = "asked where it travels")
    )]
    fn until(&self) -> Option<Instant>;
    /// Whether it has no answer, and the caller waits for one.
    fn is_open(&self) -> bool;
    /// It is an observer of `server`, under this key, until the caller's end takes it back; false if that has gone.
    fn observed(&self, server: Server, key: u64) -> bool;
    /// It stands in another queue now.
    fn carried_to(&self, server: Server);
    /// Itself, to be told of the end of a server.
    fn observer(self: Arc<Self>) -> Arc<dyn Observer>;
}

/// Who is told when a process has ended.
pub(crate) trait Observer: Send + Sync {
    fn exited(&self, reason: &ExitReason);
}

// The phase: how far the answer is, and what both ends have said. Each step and each bit is added once; only WAITS can
// be taken back. While the question is open anybody may add what is his; once it is answered, only the caller's end.
const WRITING: u8 = 1;
const ANSWERED: u8 = 2;
const FAILED: u8 = 3;
const STAGE: u8 = 3;
/// The caller has its answer, or has gone. Only the caller's end adds it.
const CLOSED: u8 = 4;
/// The waker of the caller is there. Only the caller's end adds it, or takes it back. Who ends the wait owns the waker:
/// the answer, if it finds this bit and no CLOSED; the caller's end, if it takes it back or closes before the answer.
const WAITS: u8 = 8;
/// It is known where the question was sent. Only the caller's end adds it.
const SENT: u8 = 16;
/// The port was dropped without an answer. Only the port adds it; of the two who add this and SENT, the second one asks
/// the server to judge that.
const ABANDONED: u8 = 32;
/// There is something behind the lock that has to be let go at the end. Added under the lock.
const NOTED: u8 = 64;

/// What one caller waits on.
pub(crate) struct Slot {
    phase: AtomicU8,
    /// The server has begun with it.
    taken: AtomicBool,
    answer: Buffer,
    waker: UnsafeCell<MaybeUninit<Waker>>,
    /// Written once, before SENT is added.
    sent: UnsafeCell<Option<Sent>>,
    rare: Mutex<Rare>,
}

// SAFETY: behind the lock is what may be sent. The answer is touched only through `Buffer::put` and `take`, whose callers
// promise to be alone; what is in it came through a port and goes out through an `Asked`, both of which go to another
// thread only if their type may. Waker and `Sent` may go to any thread and be read by several; they are written only by
// the one caller's end, when the phase says that nobody else reads them.
unsafe impl Sync for Slot {}

impl Slot {
    fn new() -> Self {
        Self {
            phase: AtomicU8::new(0),
            taken: AtomicBool::new(false),
            answer: Buffer::new(),
            waker: UnsafeCell::new(MaybeUninit::uninit()),
            sent: UnsafeCell::new(None),
            rare: Mutex::new(Rare::default()),
        }
    }

    /// Makes it the slot of a new question, unless somebody else still holds it.
    #[cfg(not(ambit_loom))]
    #[inline]
    fn renew_if_unshared(slot: &mut Arc<Self>) -> bool {
        // Nobody but a holder could make a further one, and there are no weak ones.
        if Arc::strong_count(slot) != 1 {
            return false;
        }
        // What the last holder did, came before it let go.
        std::sync::atomic::fence(Ordering::Acquire);
        // ThreadSanitizer knows no fences; this says the same, and costs more.
        #[cfg(ambit_tsan)]
        Arc::get_mut(slot);
        slot.phase.store(0, Ordering::Relaxed);
        slot.taken.store(false, Ordering::Relaxed);
        true
    }

    fn is_open(&self) -> bool {
        self.phase.load(Ordering::Acquire) & (STAGE | CLOSED) == 0
    }

    /// Whether that waker is the one that is there; only for the caller's end, and only with WAITS.
    fn waits_with(&self, waker: &Waker) -> bool {
        self.waker.with(|left| {
            // SAFETY: this end has written it. An answer may take it at the same time, which only reads it too; what the
            // two pointers name is not looked at here.
            unsafe { (*left).assume_init_ref() }.will_wake(waker)
        })
    }

    /// Adds `bit` while it is open; gives the phase before.
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

    /// Answers, unless somebody has, or the caller has gone; gives whom to wake.
    ///
    /// # Safety
    /// `T` is what `stage` says it is: for `ANSWERED` the type of this question, for `FAILED` a `CallError`.
    #[inline]
    unsafe fn settle<T>(&self, value: T, stage: u8) -> Option<Bell> {
        // The first answer counts.
        self.add_if_open(WRITING)?;
        // SAFETY: only one comes here, and nobody else touches the buffer before the stage is added.
        unsafe { self.answer.put(value) };
        let before = self.phase.fetch_add(stage - WRITING, Ordering::AcqRel);
        if before & CLOSED != 0 {
            // SAFETY: it was put in just now, and a caller that closes during the writing leaves it to the writer.
            drop(unsafe { self.answer.take::<T>() });
            return None;
        }
        // SAFETY: the caller waited when the answer was added, so the waker belongs to the answer.
        let waker = (before & WAITS != 0).then(|| unsafe { self.take_waker() });
        Some(Bell(waker))
    }

    /// # Safety
    /// The waker is there, and the phase says that it belongs to whoever calls this; it is taken only once.
    unsafe fn take_waker(&self) -> Waker {
        self.waker.with(|waker| {
            // SAFETY: as the caller promises. The caller's end may look at it at the same time, which is no more than a
            // second read.
            unsafe { waker.cast::<Waker>().read() }
        })
    }

    /// Where the question was sent last; `None` before that, and when the caller has gone.
    fn sent(&self) -> Option<Sent> {
        let phase = self.phase.load(Ordering::Acquire);
        if phase & CLOSED != 0 {
            return None;
        }
        self.last_sent(phase)
    }

    /// The same, whether or not the caller has gone.
    fn last_sent(&self, phase: u8) -> Option<Sent> {
        if phase & SENT == 0 {
            return None;
        }
        let again = if phase & NOTED == 0 {
            None
        } else {
            self.rare.lock().sent
        };
        // SAFETY: it was written before SENT was added, and is not written again while the slot stands for this question.
        again.or_else(|| self.sent.with(|sent| unsafe { *sent }))
    }

    #[cold]
    fn rare_deadline(&self, phase: u8) -> Option<Instant> {
        self.last_sent(phase)?.deadline
    }

    /// It is sent once more.
    fn send_again(&self, sent: Sent) {
        let mut rare = self.rare.lock();
        if self.add_if_open(NOTED).is_some() {
            rare.sent = Some(sent);
        }
    }
}

impl Question for Slot {
    fn fail(&self, error: CallError) {
        // SAFETY: the type is the one that `FAILED` asks for.
        drop(unsafe { self.settle(error, FAILED) });
    }

    fn taken(&self) -> Option<Instant> {
        self.taken.store(true, Ordering::Release);
        let phase = self.phase.load(Ordering::Acquire);
        if phase & (SENT | NOTED) != SENT {
            return self.rare_deadline(phase);
        }
        // SAFETY: it was written before SENT was added, and is not written again while the slot stands for this question.
        self.sent.with(|sent| unsafe { &*sent }.as_ref()?.deadline)
    }

    fn until(&self) -> Option<Instant> {
        self.rare_deadline(self.phase.load(Ordering::Acquire))
    }

    fn is_open(&self) -> bool {
        Self::is_open(self)
    }

    fn observed(&self, server: Server, key: u64) -> bool {
        let mut rare = self.rare.lock();
        let open = self.add_if_open(NOTED).is_some();
        if open {
            rare.observed = Some((server, key));
        }
        open
    }

    fn carried_to(&self, server: Server) {
        let deadline = self.sent().and_then(|sent| sent.deadline);
        self.send_again(Sent { server, deadline });
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

/// Wakes the caller whose answer is there when it is dropped.
#[must_use = "dropped, it wakes"]
#[derive(Default)]
pub(crate) struct Bell(Option<Waker>);

impl Bell {
    /// Whether there is anybody to wake.
    #[inline]
    pub(crate) fn is_there(&self) -> bool {
        self.0.is_some()
    }
}

impl Drop for Bell {
    #[inline]
    fn drop(&mut self) {
        if let Some(waker) = self.0.take() {
            // The waker is the caller's: its panic is none of the server that answers.
            wake_list::wake_one(waker);
        }
    }
}

/// The caller's end of a question. Its drop closes the question and gives the slot to the next one.
pub struct Asked<R> {
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
    pub(crate) fn sent_to(&self, server: Server, deadline: Option<Instant>) {
        let slot = &**self.slot;
        let sent = Sent { server, deadline };
        let mut before = slot.phase.load(Ordering::Acquire);
        if before & SENT == 0 {
            // SAFETY: nobody reads it before SENT is added, which only this end does.
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

    /// Waits with this waker from now on; false if it did already. Whoever asks may do so before there is anybody to
    /// answer, and need not do it then.
    #[inline]
    pub(crate) fn wait_with(&mut self, waker: &Waker) -> bool {
        let waits = self.slot.phase.load(Ordering::Relaxed) & WAITS != 0;
        if waits && self.slot.waits_with(waker) {
            return false;
        }
        // The clone and the drop may be code of the user's, which may panic: what is between them is whole then.
        let waker = waker.clone();
        let before = if waits { self.take_back() } else { Ok(None) };
        if let Ok(_before) = before {
            self.leave(waker);
        }
        true
    }

    /// Leaves a waker. An answer before this step is there to be seen; one after it sees the waker.
    fn leave(&mut self, waker: Waker) {
        let slot = &**self.slot;
        slot.waker.with_mut(|to| {
            // SAFETY: WAITS is not there, so nobody else looks at the waker before it is added, which only this end does;
            // and none is left in there.
            unsafe { to.write(MaybeUninit::new(waker)) }
        });
        let before = slot.phase.fetch_add(WAITS, Ordering::AcqRel);
        if before & STAGE >= ANSWERED {
            // SAFETY: the answer did not find WAITS, so it is for this end to drop.
            drop(unsafe { slot.take_waker() });
        }
    }

    /// Takes back the waker that is there; `Err` if the answer has it.
    fn take_back(&mut self) -> Result<Option<Waker>, ()> {
        let before = self.slot.phase.fetch_sub(WAITS, Ordering::AcqRel);
        if before & STAGE >= ANSWERED {
            return Err(());
        }
        // SAFETY: it was there, and WAITS was taken back before the answer.
        Ok(Some(unsafe { self.slot.take_waker() }))
    }

    /// The caller no longer waits; a late answer is dropped by whoever gives it.
    #[inline]
    pub(crate) fn close(&mut self) {
        if !self.has_ended() {
            let left = self.end();
            left.let_go();
        }
    }

    /// Whether it is closed, and nothing of it is left to be let go.
    #[inline]
    fn has_ended(&self) -> bool {
        self.slot.phase.load(Ordering::Relaxed) & (CLOSED | NOTED) == CLOSED
    }

    /// Closes, and hands out what has to be dropped: that may be code of the user's, which may panic.
    #[cold]
    fn end(&mut self) -> Left<R> {
        let (unread, waker) = self.shut();
        let slot = &**self.slot;
        // Whoever adds NOTED does it before the phase is closed, and under the lock.
        let noted = slot.phase.load(Ordering::Relaxed) & NOTED != 0;
        let rare = noted.then(|| {
            slot.phase.fetch_sub(NOTED, Ordering::Relaxed);
            std::mem::take(&mut *slot.rare.lock())
        });
        Left {
            unread,
            waker,
            rare,
        }
    }

    /// Closes the phase, and takes what belongs to the caller then: the answer if it is there, else the waker.
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
        // Whoever is writing finds the phase closed and keeps what it has.
        // SAFETY: the waker is there, and an answer that comes after this step leaves it alone.
        let waker = (phase & WAITS != 0).then(|| unsafe { self.slot.take_waker() });
        (None, waker)
    }

    /// Closes an answered phase, which this end has just seen open, and takes the answer.
    #[inline]
    fn shut_answered(&mut self, phase: u8) -> Option<Result<R, CallError>> {
        // Nobody else changes the phase after the answer.
        self.slot.phase.store(phase | CLOSED, Ordering::Relaxed);
        count::closed();
        if phase & STAGE == ANSWERED {
            // SAFETY: it has been put in, as the stage says, by a port of this type; it is taken once, for the phase is
            // closed only once.
            Some(Ok(unsafe { self.slot.answer.take() }))
        } else {
            // SAFETY: the same, with the type that FAILED asks for.
            Some(Err(unsafe { self.slot.answer.take() }))
        }
    }
}

/// What a question leaves at its end.
struct Left<R> {
    unread: Option<Result<R, CallError>>,
    waker: Option<Waker>,
    rare: Option<Rare>,
}

impl<R> Left<R> {
    fn let_go(self) {
        if let Some(rare) = self.rare {
            rare.end();
        }
        drop(self.waker);
        drop(self.unread);
    }
}

impl<R> Drop for Asked<R> {
    #[inline]
    fn drop(&mut self) {
        let left = (!self.has_ended()).then(|| self.end());
        // SAFETY: taken only here, and nobody sees this end after its drop.
        pool::put(unsafe { ManuallyDrop::take(&mut self.slot) });
        if let Some(left) = left {
            left.let_go();
        }
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
    pub fn send(self, value: T) -> bool {
        self.give(value).is_some()
    }

    /// Answers, and leaves the caller asleep until the bell is dropped; `None` if nobody waits for the answer.
    #[inline]
    pub(crate) fn give(mut self, value: T) -> Option<Bell> {
        let slot = self.slot.take()?;
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

#[cold]
fn abandoned(slot: Arc<Slot>) {
    let before = slot.add_if_open(ABANDONED);
    // If it is not known yet whose it is, whoever says so tells him.
    if before.is_some_and(|phase| phase & SENT != 0)
        && let Some(sent) = slot.sent()
    {
        sent.server.port_dropped(slot);
    }
}

/// Room for one answer; what is larger than it or stricter aligned stands in a box.
struct Buffer(UnsafeCell<Bytes>);

#[repr(align(16))]
struct Bytes {
    _room: [MaybeUninit<u8>; 64],
}

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
mod owner;
mod pool;

#[cfg(all(test, ambit_loom))]
mod models;
#[cfg(all(test, not(ambit_loom)))]
mod tests;
