//! How single values become bytes: the part that an existing format does.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::error::{DecodeError, EncodeError};
use crate::message::limits::Budget;

/// A format for single values: numbers, texts, foreign types. How these are put together, in structs, enums and
/// methods, is the same for all codecs and is not theirs to say.
///
/// It is a value, so that one type may stand for whichever format two nodes have agreed on. `ambit-dist` has `Bincode`,
/// `Postcard`, and `AnyCodec`, which is either.
pub trait Codec: Copy + Default + Debug + Send + Sync + 'static {
    /// What nodes call it when they agree on one.
    fn name(&self) -> &'static str;

    /// Appends a value.
    ///
    /// # Errors
    /// [`EncodeError::Refused`]: its `Serialize` failed.
    fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Takes a value without parts, such as a number, from the front of `bytes`. One with elements is refused.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] and [`DecodeError::Invalid`]; for what has parts those of [`take_any`](Self::take_any).
    #[inline]
    fn take<T: DeserializeOwned>(&self, bytes: &mut &[u8]) -> Result<T, DecodeError> {
        self.take_any(bytes, &mut Budget::new(Budget::DEPTH, 0))
    }

    /// Takes a value of any type from the front of `bytes`, and counts its depth and its elements against `budget`:
    /// [`Budget::guard`] does so in front of any format. Nothing is allocated for a length that is only claimed.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] and [`DecodeError::Invalid`]; [`DecodeError::TooDeep`] and
    /// [`DecodeError::TooManyElements`].
    ///
    /// # Panics
    /// If the value's own `Deserialize` does.
    fn take_any<T: DeserializeOwned>(
        &self,
        bytes: &mut &[u8],
        budget: &mut Budget,
    ) -> Result<T, DecodeError>;
}
