//! The callee's side of a call from another node.

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

/// The initial capacity in bytes, enough for most answers.
const SMALL: usize = 64;

/// The encoding of an answer, and the timeout of the call.
pub struct AnswerAs<C: Codec> {
    timeout: Option<Duration>,
    form: Form,
    limit: usize,
    peer: Option<Arc<Contract>>,
    process_encoding: Option<Arc<dyn ProcessEncoding<C>>>,
    now: bool,
}

impl<C: Codec> AnswerAs<C> {
    /// Creates it with this form, without a size limit, and with the timeout of the handle.
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

    /// Does not let the request wait for capacity: [`Answering::is_full`] reports that there was none.
    #[must_use]
    pub fn now(mut self) -> Self {
        self.now = true;
        self
    }

    /// Sets the timeout of the call: the remaining time of the caller.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Limits the size of the answer in bytes; a longer one is rejected.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Rejects variants that the caller does not know, according to its contract.
    #[must_use]
    pub fn for_peer(mut self, peer: Arc<Contract>) -> Self {
        self.peer = Some(peer);
        self
    }

    /// Encodes processes for this node. Without a node, an answer that contains a process is rejected.
    #[must_use]
    pub fn process_encoding(mut self, node: Arc<dyn ProcessEncoding<C>>) -> Self {
        self.process_encoding = Some(node);
        self
    }

    /// Encodes an answer.
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

/// The target of a request that was read, and the encoding of its answer.
#[derive(Debug)]
pub struct Asking<'a, P: Protocol + ?Sized, C: Codec> {
    whom: AnswerTarget<'a, P>,
    codec: C,
    answer: AnswerAs<C>,
}

impl<'a, P: Protocol + ?Sized, C: Codec> Asking<'a, P, C> {
    /// Creates a request to this process; the answer is encoded with `codec`, which is that of the request.
    #[must_use]
    pub fn new(subject: &'a Subject<P>, codec: C, answer: AnswerAs<C>) -> Self {
        Self {
            whom: AnswerTarget::Process(subject),
            codec,
            answer,
        }
    }

    /// Creates a request through this reserved slot of a mailbox.
    #[must_use]
    pub fn in_place(place: Permit<P>, codec: C, answer: AnswerAs<C>) -> Self {
        Self {
            whom: AnswerTarget::Place(place),
            codec,
            answer,
        }
    }

    /// Sends the request now: the message is in the mailbox, or waits for capacity, when this returns.
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

/// A pending answer, as bytes.
///
/// # Cancel safety
/// Polling by reference loses nothing; dropping it notifies the server that the caller no longer waits.
#[must_use = "an answer is dropped unless it is awaited"]
pub struct Answering {
    answer: BoxFuture<'static, Result<Vec<u8>, AnswerError>>,
    full: bool,
}

impl Answering {
    /// Creates it from this future.
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

    /// Returns true if there was no capacity for the request, which was not sent.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.full
    }
}

/// The reason why there are no bytes of an answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The call failed; the error is valid for the caller on the other node.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server has answered, and the answer cannot be encoded.
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
