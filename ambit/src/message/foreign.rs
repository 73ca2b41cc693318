//! The types that `#[wire]` can wrap.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::out::Out;
use crate::message::process_encoding::In;

/// A type that serde can serialize and deserialize. The code of `#[wire]` uses only this trait, so that a type without
/// serde support is one error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent to another node, because it does not implement the traits of serde",
    label = "missing `Serialize`, or `Deserialize` without a lifetime",
    note = "many crates implement both behind a feature `serde`; enable it in Cargo.toml"
)]
pub trait Foreign: Sized {
    /// Writes the value.
    ///
    /// # Errors
    /// Like [`Out::foreign`].
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError>;

    /// Reads a value.
    ///
    /// # Errors
    /// Like [`In::foreign`].
    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError>;
}

// The compiler reports the type itself, and not each trait of serde that it lacks.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Foreign for T {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        out.foreign(self)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        input.foreign()
    }
}
