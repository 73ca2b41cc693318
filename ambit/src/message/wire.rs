//! A type that travels between nodes.

use crate::engine::reply::ReplyTo;
use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::{In, Record};
use crate::message::out::{Form, Out};
use crate::message::remote::{AnswerWaiter, Answering, Asking};
use crate::message::schema::{Named, Schema, Types};
use crate::message::shape::{Field, Shape};
use crate::message::std_types::take_array;

/// A value that travels between nodes.
///
/// `#[derive(Message)]` with a name writes it, `#[wire(..)]` for a wrapper around a foreign type, and std types have it.
/// By hand:
///
/// ```
/// use ambit::message::{Codec, DecodeError, EncodeError, In, Leaf, Out, Schema, Shape, Types, Wire};
///
/// /// Degrees, as whole thousandths.
/// struct Degrees(f64);
///
/// impl Schema for Degrees {
///     fn shape(_: &mut Types) -> Shape { Shape::Leaf(Leaf::I32) }
/// }
///
/// impl Wire for Degrees {
///     fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
///         ((self.0 * 1000.0) as i32).put(out)
///     }
///     fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
///         i32::take(input).map(|thousandths| Self(f64::from(thousandths) / 1000.0))
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to another node",
    label = "has no form on the wire",
    note = "derive `Message` on it with a name, `#[derive(Message)] #[message(name = \"shop.order\")]`, or wrap a foreign type: `#[wire(name = \"uuid.Uuid\")] struct Id(Uuid);`"
)]
pub trait Wire: Schema + Sized + Send {
    /// Writes it.
    ///
    /// # Errors
    /// A limit, or a part that cannot be written.
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads one.
    ///
    /// # Errors
    /// The bytes are no value of the type.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;

    /// What a field of this type is that the writer did not know: nothing, unless the type is an `Option`.
    fn missing() -> Option<Self> {
        None
    }

    /// Reads as many as an array has; bytes do it at once.
    ///
    /// # Errors
    /// Those of each.
    #[doc(hidden)]
    fn take_array<C: Codec, const N: usize>(
        input: &mut In<'_, C>,
    ) -> Result<[Self; N], DecodeError> {
        take_array(input)
    }

    /// Writes several in a row; bytes do it at once.
    ///
    /// # Errors
    /// Those of each.
    #[doc(hidden)]
    fn put_all<C: Codec>(items: &[Self], out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        items
            .iter()
            .try_for_each(|item| out.element(|out| item.put(out)))
    }

    /// Reads several in a row; bytes do it at once.
    ///
    /// # Errors
    /// Those of each.
    #[doc(hidden)]
    fn take_all<C: Codec>(count: usize, input: &mut In<'_, C>) -> Result<Vec<Self>, DecodeError> {
        let mut items = Vec::with_capacity(room::<Self>(count, input.left()));
        for _ in 0..count {
            items.push(Self::take(input)?);
        }
        Ok(items)
    }

    // What the macros write of a field, an argument or an answer goes through these alone: then a type that cannot travel
    // is the same error in each of them, which the compiler shows once. (A bound on each would say so too, but a server
    // that is sent its own handle would need itself for that.)

    /// Describes a field of this type.
    #[doc(hidden)]
    fn field(types: &mut Types, name: &str, has_default: bool) -> Field {
        Field {
            name: name.to_owned(),
            shape: Self::shape(types),
            optional: has_default || Self::missing().is_some(),
        }
    }

    /// Writes it as a field.
    ///
    /// # Errors
    /// As [`Out::field`].
    #[doc(hidden)]
    fn put_field<C: Codec>(&self, tag: u32, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.field(tag, self)
    }

    /// Reads a field.
    ///
    /// # Errors
    /// As [`Record::field`].
    #[doc(hidden)]
    fn take_field<C: Codec>(
        name: &'static str,
        tag: u32,
        record: &mut Record<'_, '_, C>,
    ) -> Result<Self, DecodeError> {
        record.field(name, tag)
    }

    /// Reads a field; `default` makes one that is not there.
    ///
    /// # Errors
    /// As [`Record::field_or`].
    #[doc(hidden)]
    fn take_field_or<C: Codec>(
        default: impl FnOnce() -> Self,
        tag: u32,
        record: &mut Record<'_, '_, C>,
    ) -> Result<Self, DecodeError> {
        record.field_or(tag, default)
    }

    /// Describes an answer of this type.
    #[doc(hidden)]
    fn answer(types: &mut Types) -> Shape {
        Self::shape(types)
    }

    /// Keeps what waits for an answer of this type.
    #[doc(hidden)]
    fn waiting<C: Codec>(port: ReplyTo<Self>) -> AnswerWaiter<C> {
        AnswerWaiter::of(port)
    }

    /// Asks for an answer of this type.
    #[doc(hidden)]
    fn ask<P: Protocol + ?Sized, C: Codec>(
        asking: Asking<'_, P, C>,
        make: impl FnOnce(ReplyTo<Self>) -> P::Call,
    ) -> Answering {
        asking.send(make)
    }
}

/// An error that travels. It is a trait of its own so that the compiler says what to answer with instead of an error that does not.
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` cannot travel to another node",
    label = "has no form on the wire",
    note = "answer with a `String`, made by `.map_err(|error| error.to_string())`, or with an error type of your own that derives `Message` with a name"
)]
pub trait WireError: Wire {}

#[diagnostic::do_not_recommend]
impl<E: Wire> WireError for E {}

/// For how many elements room is made at first. Their count is a claim: no more than bytes are there, each takes one at
/// least, and no more than bytes would fill, up to some pages; what is really there makes room for itself.
pub(super) fn room<T>(count: usize, bytes: usize) -> usize {
    let claimed = count.min(bytes);
    claimed.min(bytes.clamp(4 << 10, 64 << 10) / size_of::<T>().max(1))
}

/// Writes a message as bytes that stand by themselves: with its name and its version before it.
///
/// # Errors
/// A part of it cannot be written.
pub fn encode<C: Codec, T: Named + Wire>(message: &T, form: Form) -> Result<Vec<u8>, EncodeError> {
    let mut out = Out::<C>::new(form);
    out.tag(T::message_tag())?;
    out.tag(T::VERSION)?;
    message.put(&mut out)?;
    Ok(out.into_bytes())
}

/// Reads what [`encode`] has written. In the compact form both sides need the same version of the type; in the framed
/// form each reads what the other wrote, as far as it knows it.
///
/// # Errors
/// The bytes are those of another message, of another version, cut off, too long, or name a variant that this version
/// does not know.
pub fn decode<C: Codec, T: Named + Wire>(bytes: &[u8], form: Form) -> Result<T, DecodeError> {
    let mut input = In::<C>::new(bytes, form);
    if input.tag()? != T::message_tag() {
        return Err(DecodeError::WrongMessage { expected: T::NAME });
    }
    let found = input.tag()?;
    if form == Form::Compact && found != T::VERSION {
        return Err(DecodeError::WrongVersion {
            of: T::NAME,
            found,
            expected: T::VERSION,
        });
    }
    let message = T::take(&mut input)?;
    input.finish()?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::room;

    #[test]
    fn room_is_made_for_what_may_be_there() {
        // As many as are claimed, if they are there.
        assert_eq!(room::<u8>(100, 200), 100);
        assert_eq!(room::<u8>(100, 20), 20);
        assert_eq!(room::<()>(100, 20), 20);
        // Large ones: no more memory than bytes are there, but for some pages.
        assert_eq!(room::<[u8; 1024]>(1 << 20, 1 << 20), 64);
        assert_eq!(room::<[u8; 1024]>(1 << 20, 10 << 10), 10);
        assert_eq!(room::<[u8; 1024]>(1 << 20, 100), 4);
        assert_eq!(room::<[u8; 1 << 20]>(1 << 20, 1 << 20), 0);
    }
}
