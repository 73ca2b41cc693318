//! The encoding of single values, which an existing format implements.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::error::{DecodeError, EncodeError};
use crate::message::limits::Budget;

/// A format for single values: numbers, strings, and foreign types that implement the serde traits. The layout of
/// structs, enums and methods is the same for all codecs and not part of this trait.
///
/// The methods take `&self`, so that one type can represent whichever format two nodes have agreed on. `ambit-dist`
/// provides `Bincode`, `Postcard`, and `AnyCodec`, an enum of the two.
pub trait Codec: Copy + Default + Debug + Send + Sync + 'static {
    /// Returns the name under which nodes negotiate the codec.
    fn name(&self) -> &'static str;

    /// Appends a value.
    ///
    /// # Errors
    /// - [`EncodeError::Refused`] if the `Serialize` of the value fails.
    fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Reads a value without parts, such as a number, from the front of `bytes`. A value with elements is rejected.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if the bytes end before the value does.
    /// - [`DecodeError::Invalid`] if the bytes are no such value.
    /// - [`DecodeError::TooManyElements`] for a value with elements.
    #[inline]
    fn take<T: DeserializeOwned>(&self, bytes: &mut &[u8]) -> Result<T, DecodeError> {
        self.take_any(bytes, &mut Budget::new(Budget::DEPTH, 0))
    }

    /// Reads a value of any type from the front of `bytes`, and counts its depth and its elements against `budget`:
    /// [`Budget::guard`] does so for any format. Nothing is allocated for a length that is only claimed.
    ///
    /// # Errors
    /// - [`DecodeError::Truncated`] if the bytes end before the value does.
    /// - [`DecodeError::Invalid`] if the bytes are no such value.
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
