//! bincode 2, the codec that nodes use unless they are told otherwise.

use ambit::message::{Budget, Codec, DecodeError, EncodeError};
use bincode::config::{Configuration, standard};
use bincode::error::DecodeError as Failed;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Integers of variable length, in the standard configuration of bincode 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bincode;

const STANDARD: Configuration = standard();

impl Codec for Bincode {
    const NAME: &'static str = "bincode";

    fn put<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        bincode::serde::encode_into_std_write(value, out, STANDARD)
            .map_err(|error| EncodeError::Refused(error.to_string()))?;
        Ok(())
    }

    fn take<T: DeserializeOwned>(bytes: &mut &[u8]) -> Result<T, DecodeError> {
        let (value, read) = bincode::serde::decode_from_slice(bytes, STANDARD).map_err(refused)?;
        *bytes = bytes.get(read..).ok_or(DecodeError::Truncated)?;
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
        Failed::UnexpectedEnd { .. } => DecodeError::Truncated,
        other => DecodeError::Invalid(other.to_string()),
    }
}
