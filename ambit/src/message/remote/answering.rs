//! The side that answers.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::engine::reply::ReplyTo;
use crate::error::CallError;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::EncodeError;
use crate::message::out::{Form, Out};
use crate::message::wire::Wire;
use crate::rt::BoxFuture;

/// How an answer is written, and how long it is waited for.
#[derive(Clone, Debug)]
pub struct AnswerAs {
    timeout: Option<Duration>,
    form: Form,
    limit: usize,
    peer: Option<Arc<Contract>>,
}

impl AnswerAs {
    /// In this form; without a limit, and waiting as the handle says.
    #[must_use]
    pub fn form(form: Form) -> Self {
        Self {
            timeout: None,
            form,
            limit: usize::MAX,
            peer: None,
        }
    }

    /// Waits so long for the answer: what is left of the caller's time.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Refuses an answer of more bytes.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Refuses variants that the caller does not know, going by what it offers.
    #[must_use]
    pub fn for_peer(mut self, peer: Arc<Contract>) -> Self {
        self.peer = Some(peer);
        self
    }
}

/// Whom to ask what has been read, and what to do with the answer.
#[derive(Debug)]
pub struct Asking<'a, P: Protocol + ?Sized> {
    subject: &'a Subject<P>,
    answer: AnswerAs,
}

impl<'a, P: Protocol + ?Sized> Asking<'a, P> {
    /// Asks this process.
    #[must_use]
    pub fn new(subject: &'a Subject<P>, answer: AnswerAs) -> Self {
        Self { subject, answer }
    }

    /// Asks, now: the message stands in the mailbox, or in line for it, when this returns.
    pub fn send<C: Codec, R: Wire>(self, make: impl FnOnce(ReplyTo<R>) -> P::Call) -> Answering {
        let AnswerAs {
            timeout,
            form,
            limit,
            peer,
        } = self.answer;
        let call = self.subject.call(make);
        let call = match timeout {
            Some(timeout) => call.timeout(timeout),
            None => call,
        };
        let pending = call.send();
        let answer = async move {
            let value = pending.await?;
            let mut out = Out::<C>::new(form).limit(limit);
            if let Some(peer) = &peer {
                out = out.for_peer(peer);
            }
            value.put(&mut out)?;
            Ok(out.into_bytes())
        };
        Answering {
            answer: Box::pin(answer),
        }
    }
}

/// An answer to come, as bytes.
///
/// # Cancel safety
/// Polling by reference loses nothing; dropping it tells the server that nobody waits.
#[must_use = "an answer is dropped unless it is awaited"]
pub struct Answering {
    answer: BoxFuture<'static, Result<Vec<u8>, AnswerError>>,
}

/// Why there are no bytes of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The call failed; what it says holds for the caller elsewhere.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server has answered, and the answer cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
}

impl Future for Answering {
    type Output = Result<Vec<u8>, AnswerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        self.answer.as_mut().poll(context)
    }
}

impl fmt::Debug for Answering {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Answering").finish_non_exhaustive()
    }
}
