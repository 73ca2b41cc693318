//! The postcard codec, which has a written specification and slightly smaller output than the default.

use std::marker::PhantomData;

use ambit::message::{Budget, Codec, DecodeError, EncodeError};
use postcard::{Deserializer, Error as Failed};
use serde::Serialize;
use serde::de::{DeserializeOwned, DeserializeSeed};

/// The codec of postcard 1. Its format has a written specification, and its output is slightly smaller than that of
/// [`Bincode`](crate::Bincode), the default. To use it on a node, pass
/// [`AnyCodec::Postcard`](crate::AnyCodec::Postcard) to [`NodeBuilder::codec`](crate::NodeBuilder::codec).
///
/// ```
/// use ambit::message::Codec;
/// use ambit_dist::{Bincode, Postcard};
///
/// let (mut postcard, mut bincode) = (Vec::new(), Vec::new());
/// Postcard.put(&300_u64, &mut postcard)?;
/// Bincode.put(&300_u64, &mut bincode)?;
/// assert_eq!((postcard.len(), bincode.len()), (2, 3));
/// assert_eq!(Postcard.take::<u64>(&mut postcard.as_slice())?, 300);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Postcard;

impl Postcard {
    /// The name that identifies this codec in the handshake of two nodes.
    pub const NAME: &'static str = "postcard";
}

impl Codec for Postcard {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        postcard::to_io(value, out).map_err(|error| EncodeError::Refused(error.to_string()))?;
        Ok(())
    }

    fn take_any<T: DeserializeOwned>(
        &self,
        bytes: &mut &[u8],
        budget: &mut Budget,
    ) -> Result<T, DecodeError> {
        let mut format = Deserializer::from_bytes(bytes);
        let value = budget.guard(
            PhantomData::<T>,
            |seed| seed.deserialize(&mut format),
            refused,
        )?;
        *bytes = format.finalize().map_err(refused)?;
        Ok(value)
    }
}

fn refused(error: Failed) -> DecodeError {
    match error {
        Failed::DeserializeUnexpectedEnd => DecodeError::Truncated,
        other => DecodeError::Invalid(other.to_string()),
    }
}
