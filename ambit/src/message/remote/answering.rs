//! The answer to a call from another node, as bytes.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use crate::error::CallError;
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::message::error::EncodeError;
use crate::rt::BoxFuture;

/// A future that resolves to the encoded reply to a call from another node.
///
/// # Cancel safety
/// Polling the future by reference, as in `select!`, loses nothing. Dropping the future notifies the server that the
/// caller no longer waits.
///
/// [`Exposed`](crate::message::Exposed) has an example.
#[must_use = "an answer is dropped unless it is awaited"]
pub struct Answering {
    answer: BoxFuture<'static, Result<Vec<u8>, AnswerError>>,
    waiting: Option<WaitingDelivery>,
}

impl Answering {
    /// Creates an `Answering` from a future that resolves to the encoded reply.
    pub fn of(answer: impl Future<Output = Result<Vec<u8>, AnswerError>> + Send + 'static) -> Self {
        Self {
            answer: Box::pin(answer),
            waiting: None,
        }
    }

    pub(super) fn waiting_for(mut self, waiting: Option<WaitingDelivery>) -> Self {
        self.waiting = waiting;
        self
    }

    /// Returns the wait of the call for capacity; `None` if the call did not wait when it was sent, or if the wait was
    /// returned before.
    pub fn take_waiting(&mut self) -> Option<WaitingDelivery> {
        self.waiting.take()
    }
}

/// The reason why a call from another node has no encoded reply.
///
/// ```
/// use ambit::error::CallError;
/// use ambit::message::{AnswerError, EncodeError};
///
/// /// Returns true if the server has handled the call.
/// fn was_handled(error: &AnswerError) -> bool {
///     matches!(error, AnswerError::Encode(_))
/// }
///
/// assert!(was_handled(&EncodeError::TooLarge { limit: 1024 }.into()));
/// assert!(!was_handled(&CallError::Full.into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// The call failed; the caller on the other node gets the same error.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The server has replied, but the reply cannot be encoded.
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
