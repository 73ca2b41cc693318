//! A type that can be sent between nodes.

use std::hash::Hash;

use crate::engine::reply::ReplyTo;
use crate::handle::protocol::Protocol;
use crate::message::codec::Codec;
use crate::message::elements::{bounded_capacity, take_array};
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::Record;
use crate::message::out::Out;
use crate::message::process_encoding::In;
use crate::message::remote::{AnswerWaiter, Answering, Asking};
use crate::message::schema::{Schema, Types};
use crate::message::shape::{Field, Shape};

/// A value that can be sent between nodes.
///
/// Many types of std implement it. For your own types, use `#[derive(Message)]` with a name; for a wrapper around a
/// type of another crate, use `#[wire(..)]`. It can also be implemented by hand:
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
    message = "`{Self}` cannot be sent to another node",
    label = "missing a wire format",
    note = "derive `Message` on it with a name, `#[derive(Message)] #[message(name = \"shop.order\")]`, or wrap a foreign type: `#[wire(name = \"uuid.Uuid\")] struct Id(Uuid);`"
)]
pub trait Wire: Schema + Sized + Send {
    /// Writes the value to `out`.
    ///
    /// # Errors
    /// An [`EncodeError`] if a limit is exceeded, or a part of the value cannot be encoded.
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads a value from `input`.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not a valid value of the type, or the value exceeds a limit.
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;

    /// Returns the value for a field of this type that the writer has not sent: `Some(None)` for an `Option`. By
    /// default, returns `None`: such a field must be present, or have a default.
    fn missing() -> Option<Self> {
        None
    }

    /// Writes the elements of an array; bytes are copied at once.
    ///
    /// # Errors
    /// Those of each element.
    #[doc(hidden)]
    fn put_array<C: Codec>(items: &[Self], out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        items
            .iter()
            .try_for_each(|item| out.element_of_array(|out| item.put(out)))
    }

    /// Reads the elements of an array; bytes are copied at once.
    ///
    /// # Errors
    /// Those of each element.
    #[doc(hidden)]
    fn take_array<C: Codec, const N: usize>(
        input: &mut In<'_, C>,
    ) -> Result<[Self; N], DecodeError> {
        take_array(input, Self::take)
    }

    /// Writes several values in a row; bytes are copied at once.
    ///
    /// # Errors
    /// Those of each element.
    #[doc(hidden)]
    fn put_all<C: Codec>(items: &[Self], out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        items
            .iter()
            .try_for_each(|item| out.element(size_of::<Self>(), |out| item.put(out)))
    }

    /// Reads several values in a row; bytes are copied at once.
    ///
    /// # Errors
    /// Those of each element.
    #[doc(hidden)]
    fn take_all<C: Codec>(count: usize, input: &mut In<'_, C>) -> Result<Vec<Self>, DecodeError> {
        let mut items = Vec::with_capacity(bounded_capacity::<Self>(count, input.left()));
        for _ in 0..count {
            items.push(Self::take(input)?);
            input.allocated(size_of::<Self>())?;
        }
        Ok(items)
    }

    // Generated code for fields, arguments and answers uses only these functions: a type that cannot be sent is then
    // the same error in each of them, which the compiler shows once. (A bound on each would report it too, but a server
    // that receives its own handle would need itself for that.)

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
    /// Those of [`Out::field`].
    #[doc(hidden)]
    fn put_field<C: Codec>(&self, tag: u32, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.field_with(tag, |out| self.put(out))
    }

    /// Reads a field.
    ///
    /// # Errors
    /// Those of [`Record::field`].
    #[doc(hidden)]
    fn take_field<C: Codec>(
        name: &'static str,
        tag: u32,
        record: &mut Record<'_, '_, C>,
    ) -> Result<Self, DecodeError> {
        match record.find(tag, Self::take)? {
            Some(value) => Ok(value),
            None => Self::missing().ok_or(DecodeError::MissingField { field: name }),
        }
    }

    /// Reads a field; `default` creates the value of a missing one.
    ///
    /// # Errors
    /// Those of [`Record::field_or`].
    #[doc(hidden)]
    fn take_field_or<C: Codec>(
        default: impl FnOnce() -> Self,
        tag: u32,
        record: &mut Record<'_, '_, C>,
    ) -> Result<Self, DecodeError> {
        Ok(record.find(tag, Self::take)?.unwrap_or_else(default))
    }

    /// Describes an answer of this type.
    #[doc(hidden)]
    fn answer(types: &mut Types) -> Shape {
        Self::shape(types)
    }

    /// Extracts the part that waits for an answer of this type.
    #[doc(hidden)]
    fn waiting<C: Codec>(port: ReplyTo<Self>) -> AnswerWaiter<C> {
        AnswerWaiter::reading(port, Self::take)
    }

    /// Sends a request for an answer of this type.
    #[doc(hidden)]
    fn ask<P: Protocol + ?Sized, C: Codec>(
        asking: Asking<'_, P, C>,
        make: impl FnOnce(ReplyTo<Self>) -> P::Call,
    ) -> Answering {
        asking.send_with(make, Self::put)
    }
}

/// The error type of a `Result` that can be sent between nodes; every [`Wire`] type is one. The trait exists so that
/// the compiler can suggest an alternative for an error type that cannot be sent.
///
/// ```
/// use ambit::message::{Schema, Shape, Types, Wire, WireError};
///
/// fn shape_of_result<T: Wire, E: WireError>() -> Shape {
///     <Result<T, E>>::shape(&mut Types::default())
/// }
/// assert_eq!(shape_of_result::<u64, String>().to_string(), "result<u64, string>");
/// ```
#[diagnostic::on_unimplemented(
    message = "the error `{Self}` cannot be sent to another node",
    label = "missing a wire format",
    note = "reply with a `String`, made by `.map_err(|error| error.to_string())`, or with an error type of your \
            own that derives `Message` with a name"
)]
pub trait WireError: Wire {}

#[diagnostic::do_not_recommend]
impl<E: Wire> WireError for E {}

/// The key of a `HashMap` and the element of a `HashSet` that can be sent between nodes; every type that is `Eq` and
/// `Hash` is one. The trait exists so that a missing derive is one compile error.
///
/// ```
/// use std::collections::HashMap;
/// use ambit::message::{HashKey, Shape, Types, Wire};
///
/// fn shape_of<T: Wire>() -> Shape { T::shape(&mut Types::default()) }
/// fn shape_of_counts<K: HashKey + Wire>() -> Shape { shape_of::<HashMap<K, u64>>() }
/// assert_eq!(shape_of_counts::<String>().to_string(), "map<string, u64>");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the key of a hash map, or the element of a hash set",
    label = "missing `Eq` or `Hash`",
    note = "write `#[derive(PartialEq, Eq, Hash)]` on it, or use a `BTreeMap` or a `BTreeSet`, which need `Ord`"
)]
pub trait HashKey: Eq + Hash {}

#[diagnostic::do_not_recommend]
impl<T: Eq + Hash> HashKey for T {}
