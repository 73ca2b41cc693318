//! Starts, sends and cancels the answers to calls of the other node.

use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use ambit::error::CallError;
use ambit::message::{AnswerError, Form, Out, Wire};
use ambit::process::ExitReason;

use crate::session::exits::TOO_LONG;
use crate::session::lane::ProcessPair;
use crate::session::pending_answer::{Answer, AnswerSink, AnsweredCall, ReservedAnswer, failure};
use crate::session::state::Session;
use crate::wire::{CloseCode, Frame, NODE};

impl AnswerSink for Session {
    fn answered(&self, call: AnsweredCall, answer: Result<Vec<u8>, AnswerError>) {
        // Before the answer is removed from the table: a session that leaves looks there first.
        self.sending_answers.fetch_add(1, Ordering::Relaxed);
        self.send_answer(call, answer);
        self.sending_answers.fetch_sub(1, Ordering::Release);
    }

    fn release(&self, req: u64, answer: &Arc<Answer<Self>>) {
        let mut answers = self.answers.lock();
        if let Some(Entry::Occupied(entry)) = answers.as_mut().map(|all| all.entry(req))
            && Arc::ptr_eq(entry.get(), answer)
        {
            entry.remove();
        }
    }
}

impl Session {
    fn send_answer(&self, call: AnsweredCall, answer: Result<Vec<u8>, AnswerError>) {
        let AnsweredCall { req, pair, form } = call;
        let known = self
            .answers
            .lock()
            .as_mut()
            .and_then(|all| all.remove(&req));
        if known.is_none() {
            // No caller waits any more.
            self.unclaimed.cancel(req);
            return;
        }
        match answer {
            Ok(_) if self.is_behind(pair) => {
                self.unclaimed.cancel(req);
                let why = "the node does not read the answers that wait for it".to_owned();
                self.fail(req, pair, &CallError::Unsendable { why });
            }
            Ok(payload) => {
                let frame = Frame::Reply {
                    req,
                    framed: form == Form::Framed,
                    payload: &payload,
                };
                self.answer(pair.0, pair.1, &frame);
            }
            Err(error) => {
                self.unclaimed.cancel(req);
                self.fail(req, pair, &failure(error));
            }
        }
    }

    /// Reserves one of the [`Limits::asks`](crate::wire::Limits::asks) pending answers for a call, before it is
    /// delivered. A number that is in use ends the session.
    pub(super) fn reserve_answer(
        self: &Arc<Self>,
        call: AnsweredCall,
    ) -> Result<ReservedAnswer, NoAnswer> {
        let req = call.req;
        let mut answers = self.answers.lock();
        // Under the lock: a session that leaves sets the flag, and looks for answers after that.
        if call.pair.0 != Some(NODE) && self.leaves.load(Ordering::Relaxed) {
            return Err(NoAnswer::Leaving);
        }
        let Some(pending) = &mut *answers else {
            return Err(NoAnswer::Ended);
        };
        let count = pending.len();
        let Entry::Vacant(slot) = pending.entry(req) else {
            drop(answers);
            let text = format!("the number of call {req} is in use: it has not been answered");
            self.close(CloseCode::Malformed, text);
            return Err(NoAnswer::Ended);
        };
        if count >= self.limits.asks {
            return Err(NoAnswer::Full);
        }
        let answer = Answer::new(Arc::downgrade(self), call);
        slot.insert(answer.clone());
        Ok(ReservedAnswer::new(answer))
    }

    /// Returns true while a call of the other node is not answered, or its answer is not queued.
    pub(super) fn is_answering(&self) -> bool {
        let is_pending = self
            .answers
            .lock()
            .as_ref()
            .is_some_and(|all| !all.is_empty());
        is_pending || self.sending_answers.load(Ordering::Acquire) > 0
    }

    /// Answers a call with an error.
    pub(crate) fn fail(&self, req: u64, pair: ProcessPair, error: &CallError) {
        let out = || Out::with(self.codec, Form::Compact).process_encoding(self);
        let mut bytes = out().limit(self.limits.payload());
        if error.put(&mut bytes).is_err() {
            // A short error replaces one that is too long.
            bytes = out();
            if shortened(error).put(&mut bytes).is_err() {
                return;
            }
        }
        let error = &bytes.into_bytes();
        self.answer(pair.0, pair.1, &Frame::ReplyErr { req, error });
    }

    /// Drops the answer to a call whose caller no longer waits, and stops a server that the call has started.
    pub(crate) fn cancelled(&self, req: u64) {
        let answer = self
            .answers
            .lock()
            .as_mut()
            .and_then(|all| all.remove(&req));
        if let Some(answer) = answer {
            answer.cancel();
        }
        self.unclaimed.cancel(req);
    }
}

/// Returns the error without its text.
fn shortened(error: &CallError) -> CallError {
    match error {
        CallError::Exited { executed, .. } => CallError::Exited {
            reason: ExitReason::error(TOO_LONG),
            executed: *executed,
        },
        _ => CallError::Unsendable {
            why: TOO_LONG.to_owned(),
        },
    }
}

/// The reason why no answer was reserved.
pub(super) enum NoAnswer {
    /// Too many answers are pending.
    Full,
    /// This node leaves, and accepts no more calls to its processes.
    Leaving,
    /// The session ends.
    Ended,
}
