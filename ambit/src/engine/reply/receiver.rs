//! The caller's end of a question.
#![allow(
    unsafe_code,
    reason = "what is in a slot is written and read without a lock, where the phase says whose it is"
)]

use std::marker::PhantomData;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use super::count::OpenCount;
use super::phase::{ABANDONED, ANSWERED, CLOSED, NOTED, SENT, STAGE, WAITS};
use super::pool;
use super::route::{OpenReply, ReplyExtras, ReplyRoute, ServerRef};
use super::slot::{ReplySlot, Typed};
use crate::error::CallError;
use crate::rt::Instant;
use crate::rt::sync::atomic::Ordering;

/// The caller's end of a question, which is a call and its reply in one slot. Dropping it closes the question and
/// returns the slot to the pool.
pub struct ReplyReceiver<R> {
    pub(super) slot: ManuallyDrop<Arc<ReplySlot>>,
    answer: Typed<R>,
    count: OpenCount,
}

impl<R> ReplyReceiver<R> {
    pub(super) fn new(slot: Arc<ReplySlot>) -> Self {
        Self {
            slot: ManuallyDrop::new(slot),
            answer: PhantomData,
            count: OpenCount::opened(),
        }
    }

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
        self.count.closed();
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
        self.count.closed();
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
