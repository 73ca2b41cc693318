//! Calls of the other node whose answers are pending on this node.
//!
//! No task waits for an answer: the thread that completes the answer writes it to the lane.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

use ambit::error::CallError;
use ambit::message::{AnswerError, Answering, EncodeError, Form};
use parking_lot::Mutex;

use crate::session::lane::ProcessPair;
use crate::session::request_budget::RequestPermit;

/// A pending answer, and its permit if the request was for the node itself.
pub(crate) struct PendingAnswer {
    pub(crate) answering: Answering,
    /// The request counts against the budget until this permit is dropped.
    pub(crate) _bytes: Option<RequestPermit>,
}

/// A call whose answer is awaited.
#[derive(Clone, Copy)]
pub(crate) struct AnsweredCall {
    pub(crate) req: u64,
    pub(crate) pair: ProcessPair,
    pub(crate) form: Form,
}

/// Sends complete answers.
pub(crate) trait AnswerSink: Send + Sync + 'static {
    fn answered(&self, call: AnsweredCall, answer: Result<Vec<u8>, AnswerError>);

    /// Releases the reservation of an answer to a call that was not delivered.
    fn release(&self, req: u64, answer: &Arc<Answer<Self>>)
    where
        Self: Sized;
}

/// A reserved answer. Dropping it releases the reservation.
pub(super) struct ReservedAnswer(Option<Arc<dyn Reservation>>);

impl ReservedAnswer {
    pub(super) fn new(answer: Arc<impl Reservation + 'static>) -> Self {
        Self(Some(answer))
    }

    /// Starts to wait for the answer to the delivered call.
    pub(super) fn begin(mut self, pending: PendingAnswer) {
        if let Some(answer) = self.0.take() {
            answer.begin(pending);
        }
    }
}

impl Drop for ReservedAnswer {
    fn drop(&mut self) {
        if let Some(answer) = self.0.take() {
            answer.release();
        }
    }
}

/// An [`Answer`] of any sink whose call is not delivered yet.
pub(super) trait Reservation: Send + Sync {
    /// Starts to wait for the answer. An answer that was cancelled before is dropped.
    fn begin(self: Arc<Self>, pending: PendingAnswer);
    fn release(self: Arc<Self>);
}

impl<S: AnswerSink> Reservation for Answer<S> {
    fn begin(self: Arc<Self>, pending: PendingAnswer) {
        *self.answering.lock() = Some(pending);
        self.wake();
    }

    fn release(self: Arc<Self>) {
        if let Some(sink) = self.sink.upgrade() {
            sink.release(self.call.req, &self);
        }
    }
}

/// One call that is being delivered or answered.
pub(crate) struct Answer<S> {
    sink: Weak<S>,
    call: AnsweredCall,
    /// Empty while the call is being delivered, and once the answer is sent or cancelled.
    answering: Mutex<Option<PendingAnswer>>,
    /// The number of wake-ups since the last poll. The thread that raises it above zero polls.
    wakes: AtomicUsize,
    cancelled: AtomicBool,
}

impl<S: AnswerSink> Answer<S> {
    /// Creates the answer to a call that is not delivered yet. It passes its result to the sink.
    pub(super) fn new(sink: Weak<S>, call: AnsweredCall) -> Arc<Self> {
        Arc::new(Self {
            sink,
            call,
            answering: Mutex::new(None),
            wakes: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
        })
    }

    fn look(self: &Arc<Self>) {
        let waker = Waker::from(self.clone());
        let mut cx = Context::from_waker(&waker);
        let polled = {
            let mut slot = self.answering.lock();
            let Some(PendingAnswer { answering, .. }) = &mut *slot else {
                return;
            };
            let polled = catch_unwind(AssertUnwindSafe(|| Pin::new(answering).poll(&mut cx)));
            match polled {
                Ok(Poll::Pending) => {
                    let left = slot.take_if(|_| self.cancelled.load(Ordering::Acquire));
                    drop(slot);
                    drop(left);
                    return;
                }
                Ok(Poll::Ready(answer)) => {
                    *slot = None;
                    answer
                }
                Err(_) => {
                    *slot = None;
                    Err(AnswerError::Encode(EncodeError::Refused(
                        "writing it panicked".to_owned(),
                    )))
                }
            }
        };
        if let Some(sink) = self.sink.upgrade() {
            sink.answered(self.call, polled);
        }
    }

    /// Drops the pending answer. If another thread polls it now, that thread polls once more, and then drops it.
    pub(super) fn cancel(self: &Arc<Self>) {
        self.cancelled.store(true, Ordering::Release);
        match self.answering.try_lock() {
            Some(mut slot) => {
                let left = slot.take();
                drop(slot);
                drop(left);
            }
            None => self.clone().wake(),
        }
    }
}

/// Converts a failed answer into the error for its caller.
pub(crate) fn failure(error: AnswerError) -> CallError {
    match error {
        AnswerError::Call(error) => error,
        AnswerError::Encode(EncodeError::TooLarge { limit }) => CallError::TooLarge { limit },
        error => CallError::Unsendable {
            why: error.to_string(),
        },
    }
}

impl<S: AnswerSink> Wake for Answer<S> {
    /// Several threads may wake it at once, and it may wake itself: one thread polls, as often as necessary.
    fn wake(self: Arc<Self>) {
        if self.wakes.fetch_add(1, Ordering::AcqRel) > 0 {
            return;
        }
        loop {
            let seen = self.wakes.load(Ordering::Acquire);
            self.look();
            if self.wakes.fetch_sub(seen, Ordering::AcqRel) == seen {
                return;
            }
        }
    }
}
