//! The caller's side of a call to another node.

use std::fmt;

use crate::engine::reply::ReplyTo;
use crate::message::codec::Codec;
use crate::message::error::DecodeError;
use crate::message::process_encoding::In;

type Answer<C> = dyn for<'a> FnOnce(In<'a, C>) -> Result<(), DecodeError> + Send;

/// The caller's side of a call to another node, which waits for the encoded reply. If it is dropped, the caller gets
/// `NoReply`.
pub struct AnswerWaiter<C: Codec> {
    answer: Box<Answer<C>>,
}

impl<C: Codec> AnswerWaiter<C> {
    /// Creates it for this port; `take` reads the answer.
    pub(in crate::message) fn reading<R: Send + 'static>(
        port: ReplyTo<R>,
        take: impl FnOnce(&mut In<'_, C>) -> Result<R, DecodeError> + Send + 'static,
    ) -> Self {
        let answer = move |mut input: In<'_, C>| {
            let value = take(&mut input)?;
            input.finish()?;
            port.send(value);
            Ok(())
        };
        Self {
            answer: Box::new(answer),
        }
    }

    /// Decodes all of `input` as the reply, and passes it to the caller.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not a valid reply of the method; the caller then gets `NoReply`.
    pub fn answer(self, input: In<'_, C>) -> Result<(), DecodeError> {
        (self.answer)(input)
    }
}

impl<C: Codec> fmt::Debug for AnswerWaiter<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AnswerWaiter")
            .finish_non_exhaustive()
    }
}
