//! The bincode 2 codec, the default of nodes.

use std::marker::PhantomData;

use ambit::message::{Budget, Codec, CountedSeed, DecodeError, EncodeError};
use bincode::config::{Configuration, standard};
use bincode::error::DecodeError as Failed;
use bincode::serde::seed_decode_from_slice;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The codec of bincode 2 in its standard configuration, with integers of variable length. Nodes use this codec by
/// default.
///
/// ```
/// use ambit::message::{Budget, Codec};
/// use ambit_dist::Bincode;
///
/// let mut bytes = Vec::new();
/// Bincode.put(&(7_u64, "tea"), &mut bytes)?;
/// assert_eq!(bytes, b"\x07\x03tea");
/// let mut budget = Budget::for_bytes(bytes.len());
/// let value: (u64, String) = Bincode.take_any(&mut bytes.as_slice(), &mut budget)?;
/// assert_eq!(value, (7, "tea".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bincode;

impl Bincode {
    /// The name that identifies this codec in the handshake of two nodes.
    pub const NAME: &'static str = "bincode";
}

const STANDARD: Configuration = standard();

impl Codec for Bincode {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn put<T: Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        bincode::serde::encode_into_std_write(value, out, STANDARD)
            .map_err(|error| EncodeError::Refused(error.to_string()))?;
        Ok(())
    }

    // The guard limits the bytes: the limit of bincode would count every byte again, which doubles the time of a list.
    fn take_any<T: DeserializeOwned>(
        &self,
        bytes: &mut &[u8],
        budget: &mut Budget,
    ) -> Result<T, DecodeError> {
        let read =
            |seed: CountedSeed<'_, PhantomData<T>>| seed_decode_from_slice(seed, bytes, STANDARD);
        let (value, read) = budget.guard(PhantomData, read, refused)?;
        *bytes = bytes.get(read..).ok_or(DecodeError::Truncated)?;
        Ok(value)
    }
}

fn refused(error: Failed) -> DecodeError {
    match error {
        Failed::UnexpectedEnd { .. } => DecodeError::Truncated,
        other => DecodeError::Invalid(other.to_string()),
    }
}
