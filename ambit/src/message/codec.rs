//! The encoding of single values, which an existing format implements.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::error::{DecodeError, EncodeError};
use crate::message::limits::Budget;

/// An encoding of single values: numbers, strings, and foreign types that implement the serde traits. The layout of
/// structs, enums and method arguments is the same for all codecs and not part of this trait.
///
/// The methods take `&self`, so that one type can represent any of several formats that two nodes negotiate.
/// `ambit-dist` provides `Bincode`, `Postcard`, and `AnyCodec`, an enum of the two.
///
/// A codec for JSON ends each value with a line feed, because two numbers in a row would be read as one:
///
/// ```
/// # use ambit::message::{Budget, Codec, DecodeError, EncodeError};
/// # use serde::Serialize;
/// # use serde::de::{DeserializeOwned, DeserializeSeed};
/// # use std::marker::PhantomData;
/// # #[derive(Clone, Copy, Debug, Default)]
/// # struct Json;
/// impl Codec for Json {
/// #   fn name(&self) -> &'static str { "json" }
///     fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
///         serde_json::to_writer(&mut *out, value).map_err(|error| EncodeError::Refused(error.to_string()))?;
///         Ok(out.push(b'\n'))
///     }
///     fn take_any<T: DeserializeOwned>(&self, bytes: &mut &[u8], budget: &mut Budget) -> Result<T, DecodeError> {
///         let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(DecodeError::Truncated)?;
///         let mut value = serde_json::Deserializer::from_slice(&bytes[..end]);
///         *bytes = &bytes[end + 1..];
///         let invalid = |error: serde_json::Error| DecodeError::Invalid(error.to_string());
///         budget.guard(PhantomData, |seed| seed.deserialize(&mut value), invalid)
///     }
/// }
/// # let mut out = Vec::new();
/// # Json.put(&12, &mut out)?;
/// # Json.put("tea", &mut out)?;
/// # let mut bytes = &*out;
/// assert_eq!((Json.take(&mut bytes), Json.take(&mut bytes)), (Ok(12), Ok("tea".to_owned())));
/// # assert_eq!(Json.take::<u8>(&mut bytes), Err(DecodeError::Truncated));
/// # Ok::<(), EncodeError>(())
/// ```
pub trait Codec: Copy + Default + Debug + Send + Sync + 'static {
    /// Returns the name under which nodes negotiate the codec.
    fn name(&self) -> &'static str;

    /// Appends the encoding of `value` to `out`.
    ///
    /// # Errors
    /// - [`EncodeError::Refused`] if the `Serialize` of the value fails.
    fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads a value without elements, such as a number, from the front of `bytes`, and removes the bytes that it read.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if the bytes end before the value does.
    /// - [`DecodeError::Invalid`] if the bytes are not a valid `T`.
    /// - [`DecodeError::TooManyElements`] if the value has elements.
    #[inline]
    fn take<T: DeserializeOwned>(&self, bytes: &mut &[u8]) -> Result<T, DecodeError> {
        self.take_any(bytes, &mut Budget::new(Budget::DEPTH, 0))
    }

    /// Reads a value of any type from the front of `bytes`, and removes the bytes that it read. The depth and the
    /// elements of the value are counted against `budget`; implementations use [`Budget::guard`] for that. Memory is
    /// never allocated merely because the bytes claim a length.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if the bytes end before the value does.
    /// - [`DecodeError::Invalid`] if the bytes are not a valid `T`.
    /// - [`DecodeError::TooDeep`] or [`DecodeError::TooManyElements`] if the value exceeds the budget.
    ///
    /// # Panics
    /// Panics if the value's own `Deserialize` panics.
    fn take_any<T: DeserializeOwned>(
        &self,
        bytes: &mut &[u8],
        budget: &mut Budget,
    ) -> Result<T, DecodeError>;
}
