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
use crate::handle::reserve::Permit;
use crate::handle::subject::Subject;
use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::EncodeError;
use crate::message::out::{Form, Out};
use crate::message::process_encoding::ProcessEncoding;
use crate::message::wire::Wire;
use crate::rt::{BoxFuture, FAR};

/// Capacity for most answers, in bytes.
const SMALL: usize = 64;

/// How an answer is written, and how long it is waited for.
pub struct AnswerAs<C: Codec> {
    timeout: Option<Duration>,
    form: Form,
    limit: usize,
    peer: Option<Arc<Contract>>,
    process_encoding: Option<Arc<dyn ProcessEncoding<C>>>,
    now: bool,
}

impl<C: Codec> AnswerAs<C> {
    /// In this form; without a limit, and waiting as the handle says.
    #[must_use]
    pub fn form(form: Form) -> Self {
        Self {
            timeout: None,
            form,
            limit: usize::MAX,
            peer: None,
            process_encoding: None,
            now: false,
        }
    }

    /// Does not let the question wait for room: [`Answering::is_full`] says that there was none.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.now = true;
        self
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

    /// Writes processes for this node. Without one, an answer that holds a process is refused.
    #[must_use]
    pub fn process_encoding(mut self, node: Arc<dyn ProcessEncoding<C>>) -> Self {
        self.process_encoding = Some(node);
        self
    }

    /// Writes an answer.
    ///
    /// # Errors
    /// Those of the value.
    pub fn write<R: Wire>(&self, codec: C, value: &R) -> Result<Vec<u8>, EncodeError> {
        let mut out = Out::with(codec, self.form)
            .onto(Vec::with_capacity(SMALL))
            .limit(self.limit);
        if let Some(peer) = &self.peer {
            out = out.for_peer(peer);
        }
        if let Some(node) = &self.process_encoding {
            out = out.process_encoding(&**node);
        }
        value.put(&mut out)?;
        Ok(out.into_bytes())
    }
}

impl<C: Codec> Clone for AnswerAs<C> {
    fn clone(&self) -> Self {
        Self {
            timeout: self.timeout,
            form: self.form,
            limit: self.limit,
            peer: self.peer.clone(),
            process_encoding: self.process_encoding.clone(),
            now: self.now,
        }
    }
}

impl<C: Codec> fmt::Debug for AnswerAs<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AnswerAs")
            .field("timeout", &self.timeout)
            .field("form", &self.form)
            .field("limit", &self.limit)
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
enum AnswerTarget<'a, P: Protocol + ?Sized> {
    Process(&'a Subject<P>),
    Place(Permit<P>),
}

/// Whom to ask what has been read, and what to do with the answer.
#[derive(Debug)]
pub struct Asking<'a, P: Protocol + ?Sized, C: Codec> {
    whom: AnswerTarget<'a, P>,
    codec: C,
    answer: AnswerAs<C>,
}

impl<'a, P: Protocol + ?Sized, C: Codec> Asking<'a, P, C> {
    /// Asks this process; the answer is written with `codec`, which is that of the question.
    #[must_use]
    pub fn new(subject: &'a Subject<P>, codec: C, answer: AnswerAs<C>) -> Self {
        Self {
            whom: AnswerTarget::Process(subject),
            codec,
            answer,
        }
    }

    /// Asks in this place of a mailbox.
    #[must_use]
    pub fn in_place(place: Permit<P>, codec: C, answer: AnswerAs<C>) -> Self {
        Self {
            whom: AnswerTarget::Place(place),
            codec,
            answer,
        }
    }

    /// Asks, now: the message stands in the mailbox, or in line for it, when this returns.
    pub fn send<R: Wire>(self, make: impl FnOnce(ReplyTo<R>) -> P::Call) -> Answering {
        let Self {
            whom,
            codec,
            answer,
        } = self;
        let pending = match whom {
            AnswerTarget::Place(place) => place.call_within(answer.timeout.unwrap_or(FAR), make),
            AnswerTarget::Process(subject) => {
                let call = subject.call(make);
                let call = match answer.timeout {
                    Some(timeout) => call.timeout(timeout),
                    None => call,
                };
                if !answer.now {
                    call.send()
                } else {
                    match call.now() {
                        Ok(pending) => pending,
                        Err(error) => return Answering::refused(error),
                    }
                }
            }
        };
        let bytes = async move {
            let value = pending.await?;
            Ok(answer.write(codec, &value)?)
        };
        Answering::of(bytes)
    }
}

/// An answer to come, as bytes.
///
/// # Cancel safety
/// Polling by reference loses nothing; dropping it tells the server that nobody waits.
#[must_use = "an answer is dropped unless it is awaited"]
pub struct Answering {
    answer: BoxFuture<'static, Result<Vec<u8>, AnswerError>>,
    full: bool,
}

impl Answering {
    /// What this future gives.
    pub fn of(answer: impl Future<Output = Result<Vec<u8>, AnswerError>> + Send + 'static) -> Self {
        Self {
            answer: Box::pin(answer),
            full: false,
        }
    }

    fn refused(error: CallError) -> Self {
        let full = error == CallError::Full;
        let answer = std::future::ready(Err(AnswerError::Call(error)));
        Self {
            full,
            ..Self::of(answer)
        }
    }

    /// Whether there was no room for the question, which was not asked.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full
    }
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
