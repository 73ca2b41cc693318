//! What `#[wire]` can wrap.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::input::In;
use crate::message::out::Out;

/// A type that serde writes and reads. What `#[wire]` writes goes through this alone, so that a type which serde does
/// not know is one error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot travel to another node: serde does not write and read it",
    label = "lacks `Serialize`, or `Deserialize` without a lifetime",
    note = "many crates have both behind a feature `serde`: switch that on in Cargo.toml"
)]
pub trait Foreign: Sized {
    /// Writes it.
    ///
    /// # Errors
    /// As [`Out::foreign`].
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads one.
    ///
    /// # Errors
    /// As [`In::foreign`].
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}

// Said of the type itself, and not once for each trait of serde that it lacks.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Foreign for T {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.foreign(self)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        input.foreign()
    }
}
