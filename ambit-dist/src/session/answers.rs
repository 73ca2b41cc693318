//! Starts, sends and cancels the answers to calls of the other node.

use std::collections::btree_map::Entry;
use std::sync::Arc;
use std::task::Wake;

use ambit::error::CallError;
use ambit::message::{AnswerError, Form, Out, Wire};

use crate::session::answer::{Answer, AnswerSink, AnsweredCall, PendingAnswer, failure};
use crate::session::lane::ProcessPair;
use crate::session::state::Session;
use crate::wire::{CloseCode, Frame};

impl AnswerSink for Session {
    fn answered(&self, call: AnsweredCall, answer: Result<Vec<u8>, AnswerError>) {
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
}

impl Session {
    /// Starts to wait for the answer of a call. Returns false if [`Limits::asks`](crate::wire::Limits::asks) answers
    /// are already pending. A number that is in use ends the session.
    pub(super) fn start_answer(
        self: &Arc<Self>,
        call: AnsweredCall,
        pending: PendingAnswer,
    ) -> bool {
        let answer = Answer::new(Arc::downgrade(self), call, pending);
        {
            let mut answers = self.answers.lock();
            let Some(answers) = &mut *answers else {
                return true;
            };
            let count = answers.len();
            let req = call.req;
            let Entry::Vacant(slot) = answers.entry(req) else {
                // Its predecessor would be lost, together with its count.
                let text = format!("the number of call {req} is in use: it has not been answered");
                self.close(CloseCode::Malformed, text);
                return true;
            };
            if count >= self.limits.asks {
                return false;
            }
            slot.insert(answer.clone());
        }
        answer.wake();
        true
    }

    /// Answers a call with an error.
    pub(crate) fn fail(&self, req: u64, pair: ProcessPair, error: &CallError) {
        let mut out = Out::with(self.codec, Form::Compact).process_encoding(self);
        if error.put(&mut out).is_err() {
            return;
        }
        let error = &out.into_bytes();
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
