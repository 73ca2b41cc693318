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
    /// Appends a field with this [`tag`](crate::message::tag). In [`Form::Compact`](crate::message::Form::Compact),
    /// only the value is written, without the tag.
    ///
    /// # Errors
    /// The errors of encoding the value, and [`EncodeError::TooLarge`] if the output exceeds its limit.
    pub fn field<T: Wire>(&mut self, tag: u32, value: &T) -> Result<(), EncodeError> {
        self.field_with(tag, |out| value.put(out))
    }
}

impl<C: Codec> Record<'_, '_, C> {
    /// Reads the field with this [`tag`](crate::message::tag); `name` is used in errors. If the field is missing,
    /// returns [`Wire::missing`], such as `None` for an `Option`. In [`Form::Compact`](crate::message::Form::Compact)
    /// no field is missing: the next value is read, and the tag is ignored.
    ///
    /// # Errors
    /// - The errors of decoding the value.
    /// - [`DecodeError::MissingField`] if the field is missing, and `Wire::missing` returns `None` for its type.
    /// - [`DecodeError::TrailingBytes`] if bytes follow the value in the field.
    pub fn field<T: Wire>(&mut self, name: &'static str, tag: u32) -> Result<T, DecodeError> {
        T::take_field(name, tag, self)
    }

    /// Reads the field with this [`tag`](crate::message::tag). If the field is missing, returns the result of
    /// `default`. In [`Form::Compact`](crate::message::Form::Compact) no field is missing: the next value is read, and
    /// the tag is ignored.
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
    /// Encodes a reply with `codec` and these settings.
    ///
    /// # Errors
    /// The errors of encoding the value, and [`EncodeError::TooLarge`] if the reply exceeds the limit.
    pub fn write<R: Wire>(&self, codec: C, value: &R) -> Result<Vec<u8>, EncodeError> {
        self.write_with(codec, |out| value.put(out))
    }
}

impl<C: Codec> AnswerWaiter<C> {
    /// Creates a waiter that decodes an `R` from the reply, and sends it to `port`.
    #[must_use]
    pub fn of<R: Wire>(port: ReplyTo<R>) -> Self {
        Self::reading(port, R::take)
    }
}

impl<P: Protocol + ?Sized, C: Codec> Asking<'_, P, C> {
    /// Sends the call now: when this method returns, the message is in the mailbox or waits for capacity. `make`
    /// creates the call from the port for its reply.
    pub fn send<R: Wire>(self, make: impl FnOnce(ReplyTo<R>) -> P::Call) -> Answering {
        self.send_with(make, R::put)
    }
}
