//! Decodes a message and passes it to the process.

use std::sync::Arc;
use std::time::Duration;

use ambit::distribution::MethodEncoding;
use ambit::error::{CallError, CastError, Executed};
use ambit::message::{AnswerAs, DeliverError, Form, WaitingDelivery};

use super::message::{CallHeader, ReceivedMessage};
use super::receiver::Receiver;
use crate::codecs::any::AnyCodec;
use crate::remote_processes::exports::ExportedSink;
use crate::session::answers::NoAnswer;
use crate::session::node_answer_encoding::NodeAnswerEncoding;
use crate::session::pending_answer::{AnsweredCall, PendingAnswer, ReservedAnswer};
use crate::session::state::Session;
use crate::wire::{CloseCode, NODE};

/// Longer than any wait.
const FOREVER: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);

/// The outcome of a delivery.
pub(super) enum DeliveryOutcome {
    Done,
    /// The mailbox is full: the message waits in it.
    Waits(WaitingDelivery),
    /// The process does not exist.
    Gone,
}

impl Receiver {
    /// Reserves the answer to a call; `None` for a cast. If it cannot be reserved, the call is over.
    pub(super) fn reserve(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
    ) -> Result<Option<ReservedAnswer>, ()> {
        let Some(ask) = message.ask else {
            return Ok(None);
        };
        let reserved = session.reserve_answer(AnsweredCall {
            req: ask.req,
            pair: (Some(self.to), message.from),
            form: match message.framed {
                true => Form::Framed,
                false => Form::Compact,
            },
        });
        reserved.map(Some).map_err(|error| {
            let executed = Executed::No;
            match error {
                NoAnswer::Full => self.refuse(session, message, &CallError::Full),
                NoAnswer::Leaving => {
                    self.refuse(session, message, &CallError::NoConnection { executed });
                }
                NoAnswer::Ended => {}
            }
        })
    }

    /// Reads a message in the form that was agreed, and passes it to the process.
    pub(super) fn deliver(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        terms: MethodEncoding,
        sink: &ExportedSink,
        reserved: Option<ReservedAnswer>,
    ) -> DeliveryOutcome {
        let form = match terms {
            MethodEncoding::Incompatible => {
                let differs = self.differs(session, message);
                self.refuse(session, message, &self.incompatible(message, differs));
                return DeliveryOutcome::Done;
            }
            // A framed message can be read whenever the two protocols are compatible.
            MethodEncoding::Form(_) if message.framed => Form::Framed,
            MethodEncoding::Form(Form::Compact) => Form::Compact,
            MethodEncoding::Form(Form::Framed) => {
                let text = "a message in a form that was not agreed";
                session.close(CloseCode::Malformed, text);
                return DeliveryOutcome::Done;
            }
        };
        match (message.ask, reserved) {
            (Some(ask), Some(answer)) => self.call(session, message, (ask, answer), form, sink),
            _ => self.cast(session, message, form, sink),
        }
    }

    fn cast(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        form: Form,
        sink: &ExportedSink,
    ) -> DeliveryOutcome {
        let input = message.input(session.codec, &**session, form);
        match message.caught(|| sink.exposed.cast(message.method, input)) {
            Ok(Ok(None)) => {}
            Ok(Ok(Some(waiting))) => return DeliveryOutcome::Waits(waiting),
            Ok(Err(DeliverError::Cast(CastError::Full))) => session.stats.undelivered(),
            Ok(Err(DeliverError::Decode(error))) => session.stats.undecoded(&error.to_string()),
            Ok(Err(_)) => {
                session.stats.undelivered();
                return DeliveryOutcome::Gone;
            }
            Err(()) => session.stats.undecoded("reading it panicked"),
        }
        DeliveryOutcome::Done
    }

    fn call(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        (ask, answer): (CallHeader, ReservedAnswer),
        form: Form,
        sink: &ExportedSink,
    ) -> DeliveryOutcome {
        if ask.left == Some(Duration::ZERO) {
            // No caller would see the answer.
            return DeliveryOutcome::Done;
        }
        let bytes_guard = match self.is_counted {
            true => None,
            false => {
                let begun = session.request_budget.try_acquire(message.bytes());
                if begun.is_none() {
                    self.refuse(session, message, &CallError::Full);
                    return DeliveryOutcome::Done;
                }
                begun
            }
        };
        let input = message.input(session.codec, &**session, form);
        let answer_as = self.answer_as(session, message, form, ask);
        match message.caught(|| sink.exposed.call(message.method, input, answer_as)) {
            Ok(Ok(mut answering)) => {
                let waiting = answering.take_waiting();
                answer.begin(PendingAnswer {
                    answering,
                    _bytes: bytes_guard,
                });
                if let Some(waiting) = waiting {
                    return DeliveryOutcome::Waits(waiting);
                }
            }
            Ok(Err(error)) => self.unread(session, message, error.to_string()),
            Err(()) => self.unread(session, message, "reading it panicked".to_owned()),
        }
        DeliveryOutcome::Done
    }

    fn answer_as(
        &self,
        session: &Arc<Session>,
        message: &ReceivedMessage<'_>,
        form: Form,
        ask: CallHeader,
    ) -> AnswerAs<AnyCodec> {
        let limit = ambit::distribution::Session::limit(&**session);
        let answer = AnswerAs::form(form).limit(limit);
        let answer = match self.to == NODE {
            true => answer.process_encoding(NodeAnswerEncoding::new(session.clone(), ask.req)),
            false => answer.process_encoding(session.clone()),
        };
        let mut answer = answer.timeout(ask.left.unwrap_or(FOREVER));
        if form == Form::Framed
            && let Some(theirs) = message.theirs.contract()
        {
            answer = answer.for_peer(theirs);
        }
        answer
    }
}
