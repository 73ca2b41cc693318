//! postcard, the other codec: a written specification, and a little smaller.

use ambit::message::{Budget, Codec, DecodeError, EncodeError};
use postcard::Error as Failed;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// postcard 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Postcard;

impl Codec for Postcard {
    const NAME: &'static str = "postcard";

    fn put<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        postcard::to_io(value, out).map_err(|error| EncodeError::Refused(error.to_string()))?;
        Ok(())
    }

    fn take<T: DeserializeOwned>(bytes: &mut &[u8]) -> Result<T, DecodeError> {
        let (value, rest) = postcard::take_from_bytes(bytes).map_err(refused)?;
        *bytes = rest;
        Ok(value)
    }

    fn take_any<T: DeserializeOwned>(
        bytes: &mut &[u8],
        _budget: &mut Budget,
    ) -> Result<T, DecodeError> {
        Self::take(bytes)
    }
}

fn refused(error: Failed) -> DecodeError {
    match error {
        Failed::DeserializeUnexpectedEnd => DecodeError::Truncated,
        other => DecodeError::Invalid(other.to_string()),
    }
}
