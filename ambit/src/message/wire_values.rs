//! Writes and reads values whose type is [`Wire`], where other methods take a function.

use crate::engine::reply::ReplyTo;
use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::Record;
use crate::message::out::Out;
use crate::message::process_encoding::AnswerAs;
use crate::message::remote::{AnswerWaiter, Answering, Asking};
use crate::message::wire::Wire;

impl<C: Codec> Out<'_, C> {
    /// Appends one field.
    ///
    /// # Errors
    /// The errors of encoding the value, and [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn field<T: Wire>(&mut self, tag: u32, value: &T) -> Result<(), EncodeError> {
        self.field_with(tag, |out| value.put(out))
    }
}

impl<C: Codec> Record<'_, '_, C> {
    /// Reads a field; a missing field has a value for some types, such as `Option`.
    ///
    /// # Errors
    /// - The errors of the value.
    /// - [`DecodeError::MissingField`] if the field is missing, and its type has no value for that.
    /// - [`DecodeError::TrailingBytes`] if bytes follow the value in the field.
    pub fn field<T: Wire>(&mut self, name: &'static str, tag: u32) -> Result<T, DecodeError> {
        T::take_field(name, tag, self)
    }

    /// Reads the field with this [`tag`](crate::message::tag). A missing field has the value that `default` returns. In
    /// [`Form::Compact`](crate::message::Form::Compact) no field is missing: the next value is read, and the tag is
    /// ignored.
    ///
    /// # Errors
    /// - The errors of decoding the value.
    /// - [`DecodeError::TrailingBytes`] if bytes follow the value in the field.
    pub fn field_or<T: Wire>(
        &mut self,
        tag: u32,
        default: impl FnOnce() -> T,
    ) -> Result<T, DecodeError> {
        T::take_field_or(default, tag, self)
    }
}

impl<C: Codec> AnswerAs<C> {
    /// Encodes an answer.
    ///
    /// # Errors
    /// The errors of the value, and [`EncodeError::TooLarge`] if the answer exceeds the limit.
    pub fn write<R: Wire>(&self, codec: C, value: &R) -> Result<Vec<u8>, EncodeError> {
        self.write_with(codec, |out| value.put(out))
    }
}

impl<C: Codec> AnswerWaiter<C> {
    /// Creates it for this port.
    #[must_use]
    pub fn of<R: Wire>(port: ReplyTo<R>) -> Self {
        Self::reading(port, R::take)
    }
}

impl<P: Protocol + ?Sized, C: Codec> Asking<'_, P, C> {
    /// Sends the request now: the message is in the mailbox, or waits for capacity, when this returns.
    pub fn send<R: Wire>(self, make: impl FnOnce(ReplyTo<R>) -> P::Call) -> Answering {
        self.send_with(make, R::put)
    }
}
