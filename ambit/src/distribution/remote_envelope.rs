//! The envelope of one message to another node.

use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};

use crate::distribution::protocol_binding::ProtocolBinding;
use crate::engine::queue_ticket::{QueueTicket, TicketOutcome};
use crate::engine::reply::OpenReply;
use crate::error::CallError;
use crate::message::{AnswerWaiter, Codec, DecodeError, Form, In};
use crate::pid::Pid;
use crate::process::system_inner::SystemInner;
use crate::trace::TraceContext;

/// An encoded message to a process of another node.
pub struct RemoteEnvelope<C: Codec> {
    /// The number of the message, unique in this system.
    pub id: u64,
    /// The receiver, a process of the other node.
    pub to: Pid,
    /// The sender; [`Pid::NOBODY`] if the sender is not a process.
    pub from: Pid,
    /// The protocol of the message, in the version of the local node.
    pub protocol: Arc<ProtocolBinding>,
    /// The tag of the method.
    pub method: u32,
    /// The encoding of the arguments.
    pub form: Form,
    /// The encoded arguments.
    pub payload: Vec<u8>,
    /// The pending reply; `None` for a cast.
    pub request: Option<Request<C>>,
    /// The trace context of the sender, if spans of handlers are enabled.
    pub trace: Option<Box<TraceContext>>,
    /// The ticket of the sender that waits for capacity.
    pub(crate) ticket: Option<Arc<QueueTicket>>,
    /// Its cost, if it is buffered without blocking its sender.
    pub(crate) accepted: Option<u32>,
}

/// The outcome of passing a message to a session.
#[derive(Debug)]
#[must_use = "credits are due only for an envelope that was taken, and a failed call must be notified"]
pub enum SendOutcome<C: Codec> {
    /// The message is sent.
    Sent,
    /// The call will never be sent, and its credits are returned. Its caller is not notified yet.
    NotSent(FailedCall<C>),
    /// The cast will never be sent, and its credits are returned.
    Unsendable {
        /// The reason, for the sender.
        why: String,
    },
    /// The session has ended, and the call will never be sent. Its credits have ended with the session.
    Lost(FailedCall<C>),
}

impl<C: Codec> SendOutcome<C> {
    /// Returns the call that was not sent.
    pub(crate) fn into_failed(self) -> Option<FailedCall<C>> {
        match self {
            Self::Sent | Self::Unsendable { .. } => None,
            Self::NotSent(failed) | Self::Lost(failed) => Some(failed),
        }
    }
}

/// A call that was not sent. Its caller is notified without a lock, because its waker is user code.
#[derive(Debug)]
#[must_use = "a call that is dropped leaves its caller waiting until the deadline"]
pub struct FailedCall<C: Codec> {
    request: Request<C>,
    error: CallError,
}

impl<C: Codec> FailedCall<C> {
    /// The call of `request` fails with `error`.
    pub fn new(request: Request<C>, error: CallError) -> Self {
        Self { request, error }
    }

    /// Notifies the caller. Not under a lock.
    pub(crate) fn notify(self) {
        self.request.fail(self.error);
    }
}

/// Why a message was not sent; with the message, if it may still be sent.
pub(crate) enum Unsent<C: Codec> {
    /// Neither credit nor capacity is left for it.
    Full(RemoteEnvelope<C>),
    /// The session that it was encoded for has ended.
    Lost(RemoteEnvelope<C>),
    /// It cannot be sent, for this reason.
    Unsendable(String),
}

impl<C: Codec> RemoteEnvelope<C> {
    /// Settles it with `outcome`, and its caller with `error`: it will not be sent.
    pub(crate) fn fail(self, outcome: TicketOutcome, error: CallError) {
        if let Some(ticket) = self.ticket {
            ticket.settle(outcome);
        }
        if let Some(request) = self.request {
            request.fail(error);
        }
    }
}

impl<C: Codec> fmt::Debug for RemoteEnvelope<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteEnvelope")
            .field("to", &self.to)
            .field("protocol", &self.protocol.name())
            .field("bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}

/// A pending reply from another node.
#[must_use = "a request that is dropped leaves its caller waiting until the deadline"]
pub struct Request<C: Codec> {
    question: Arc<dyn OpenReply>,
    waiting: AnswerWaiter<C>,
    system: Arc<SystemInner>,
}

impl<C: Codec> Request<C> {
    pub(crate) fn new(
        question: Arc<dyn OpenReply>,
        waiting: AnswerWaiter<C>,
        system: Arc<SystemInner>,
    ) -> Self {
        Self {
            question,
            waiting,
            system,
        }
    }

    /// Returns the time until the caller's deadline; `None` if the caller waits without a time limit.
    #[must_use]
    pub fn left(&self) -> Option<Duration> {
        let until = self.question.until()?;
        Some(until.saturating_duration_since(self.system.now()))
    }

    /// Returns true if the caller still waits.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.question.is_open()
    }

    /// Decodes all of `input` as the reply, and passes it to the caller.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not a valid reply of the method; the caller gets `NoReply`.
    ///
    /// # Panics
    /// Panics if the user's code that decodes the reply panics; the caller gets `NoReply` then, too.
    pub fn answer(self, input: In<'_, C>) -> Result<(), DecodeError> {
        let unless_read = NoReplyOnDrop(&*self.question);
        let read = self.waiting.answer(input);
        if read.is_ok() {
            mem::forget(unless_read);
        }
        read
    }
}

/// Fails a question unless its reply was read, even if reading it panics.
struct NoReplyOnDrop<'a>(&'a dyn OpenReply);

impl Drop for NoReplyOnDrop<'_> {
    fn drop(&mut self) {
        self.0.fail(CallError::NoReply);
    }
}

impl<C: Codec> Request<C> {
    /// Fails the call with `error`.
    pub fn fail(self, error: CallError) {
        self.question.fail(error);
    }
}

impl<C: Codec> fmt::Debug for Request<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").finish_non_exhaustive()
    }
}
