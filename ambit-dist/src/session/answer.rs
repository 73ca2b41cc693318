//! Calls of the other node that wait for their answers here.
//!
//! No task waits for an answer: the thread that completes it writes it to the lane.

use std::collections::btree_map::Entry;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Wake, Waker};

use ambit::error::CallError;
use ambit::message::{AnswerError, Answering, EncodeError, Form, Out, Wire};
use parking_lot::Mutex;

use crate::session::Session;
use crate::session::lane::ProcessPair;
use crate::session::request_bytes::RequestBytesGuard;
use crate::wire::{CloseCode, Frame};

/// A pending answer, and its count if the request was for the node itself.
pub(crate) struct PendingAnswer {
    pub(crate) answering: Answering,
    /// Counts until this value is dropped.
    pub(crate) _bytes: Option<RequestBytesGuard>,
}

/// One call that is being answered.
pub(crate) struct Answer {
    session: Weak<Session>,
    req: u64,
    pair: ProcessPair,
    form: Form,
    answering: Mutex<Option<PendingAnswer>>,
    /// The number of wake-ups since the last poll. The thread that raises it above zero polls.
    wakes: AtomicUsize,
    cancelled: AtomicBool,
}

impl Answer {
    /// Starts to wait for the answer of a call. Returns false if there are too many. A number that is in use ends the
    /// session.
    pub(crate) fn start(
        session: &Arc<Session>,
        req: u64,
        pair: ProcessPair,
        form: Form,
        pending: PendingAnswer,
    ) -> bool {
        let answer = Arc::new(Self {
            session: Arc::downgrade(session),
            req,
            pair,
            form,
            answering: Mutex::new(Some(pending)),
            wakes: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
        });
        {
            let mut answers = session.answers.lock();
            let Some(answers) = &mut *answers else {
                return true;
            };
            let count = answers.len();
            let Entry::Vacant(slot) = answers.entry(req) else {
                // Its predecessor would be lost, together with its count.
                let text = format!("the number of call {req} is in use: it has not been answered");
                session.close(CloseCode::Malformed, text);
                return true;
            };
            if count >= session.limits.asks {
                return false;
            }
            slot.insert(answer.clone());
        }
        answer.wake();
        true
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
        self.finish(polled);
    }

    /// Drops the pending answer. If another thread polls it now, that thread drops it.
    pub(super) fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        let left = self.answering.try_lock().and_then(|mut slot| slot.take());
        drop(left);
    }

    fn finish(&self, answer: Result<Vec<u8>, AnswerError>) {
        let Some(session) = self.session.upgrade() else {
            return;
        };
        let known = session
            .answers
            .lock()
            .as_mut()
            .and_then(|all| all.remove(&self.req));
        if known.is_none() {
            // No caller waits any more.
            return;
        }
        match answer {
            Ok(_) if session.is_behind(self.pair) => {
                let why = "the node does not read the answers that wait for it".to_owned();
                session.fail(self.req, self.pair, &CallError::Unsendable { why });
            }
            Ok(payload) => {
                let frame = Frame::Reply {
                    req: self.req,
                    framed: self.form == Form::Framed,
                    payload: &payload,
                };
                session.answer(self.pair.0, self.pair.1, &frame);
            }
            Err(error) => session.fail(self.req, self.pair, &failure(error)),
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

impl Wake for Answer {
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

impl Session {
    /// Answers a call with an error.
    pub(crate) fn fail(&self, req: u64, pair: ProcessPair, error: &CallError) {
        let mut out = Out::with(self.codec, Form::Compact).process_encoding(self);
        if error.put(&mut out).is_err() {
            return;
        }
        let error = &out.into_bytes();
        self.answer(pair.0, pair.1, &Frame::ReplyErr { req, error });
    }

    /// Drops the answer to a call whose caller no longer waits.
    pub(crate) fn cancelled(&self, req: u64) {
        let answer = self
            .answers
            .lock()
            .as_mut()
            .and_then(|all| all.remove(&req));
        if let Some(answer) = answer {
            answer.cancel();
        }
    }
}
