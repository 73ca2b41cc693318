//! The slot behind both ends of a question.
//!
//! A slot is untyped, so that server, wheel and queue can hold it; the two ends know the type of the answer, and only
//! they access it. `phase` alone determines which end may access which part and when: the answer, the caller's waker,
//! and the destination of the question. Only rarely used parts are behind a lock.
#![allow(
    unsafe_code,
    reason = "what is in a slot is written and read without a lock, where the phase says whose it is"
)]

use std::marker::PhantomData;
use std::mem::MaybeUninit;
use std::sync::Arc;
use std::task::Waker;

use super::buffer::ReplyBuffer;
use super::deferred_wake::DeferredWake;
use super::phase::{CLOSED, FAILED, NOTED, SENT, STAGE, WAITS, WRITING};
use super::route::{ExitObserver, OpenReply, ReplyExtras, ReplyRoute, ServerRef};
use crate::engine::wheel::Expire;
use crate::error::{CallError, Executed};
use crate::exit_reason::ExitReason;
use crate::rt::Instant;
use crate::rt::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use crate::rt::sync::{Mutex, UnsafeCell};

/// Represents a lock around an `R`, which the phase is equivalent to: `Send` and `Sync` follow from that.
pub(super) type Typed<R> = PhantomData<Arc<Mutex<R>>>;

/// The slot of one question.
pub(crate) struct ReplySlot {
    pub(super) phase: AtomicU8,
    /// The server has begun to handle it.
    taken: AtomicBool,
    pub(super) answer: ReplyBuffer,
    pub(super) waker: UnsafeCell<MaybeUninit<Waker>>,
    /// Written once, before SENT is added.
    pub(super) sent: UnsafeCell<Option<ReplyRoute>>,
    pub(super) rare: Mutex<ReplyExtras>,
}

// SAFETY: the locked part is `Send`. The answer is accessed only through `ReplyBuffer::put` and `take`, whose callers
// guarantee exclusive access; its content came through a port and leaves through a `ReplyReceiver`, both of which move
// to another thread only if their type may. Waker and `ReplyRoute` may move to any thread and be read by several; they
// are written only by the one caller's end, when the phase guarantees that no other thread reads them.
unsafe impl Sync for ReplySlot {}

impl ReplySlot {
    pub(super) fn new() -> Self {
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
    pub(super) fn renew_if_unshared(slot: &mut Arc<Self>) -> bool {
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

    pub(super) fn is_open(&self) -> bool {
        self.phase.load(Ordering::Acquire) & (STAGE | CLOSED) == 0
    }

    /// Returns true if the stored waker equals this one; only for the caller's end, and only with WAITS.
    pub(super) fn waits_with(&self, waker: &Waker) -> bool {
        self.waker.with(|left| {
            // SAFETY: this end has written it. An answer may take it at the same time, which is only a read too; the
            // data behind the two pointers is not accessed here.
            unsafe { (*left).assume_init_ref() }.will_wake(waker)
        })
    }

    /// Adds `bit` while the question is open; returns the previous phase.
    #[inline]
    pub(super) fn add_if_open(&self, bit: u8) -> Option<u8> {
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
    pub(super) unsafe fn settle<T>(&self, value: T, stage: u8) -> Option<DeferredWake> {
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
    pub(super) unsafe fn take_waker(&self) -> Waker {
        self.waker.with(|waker| {
            // SAFETY: guaranteed by the caller. The caller's end may compare it at the same time, which is only a
            // second read.
            unsafe { waker.cast::<Waker>().read() }
        })
    }

    /// Returns the last destination of the question; `None` before it was sent, and when the caller has gone.
    pub(super) fn sent(&self) -> Option<ReplyRoute> {
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
    pub(super) fn send_again(&self, sent: ReplyRoute) {
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
