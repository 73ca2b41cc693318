//! What `#[wire]` can wrap.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A type that serde writes and reads.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be wrapped: serde does not write and read it",
    label = "lacks `Serialize`, or `Deserialize` without a lifetime",
    note = "many crates have it behind their feature `serde`: switch that on in Cargo.toml"
)]
pub trait Foreign: Serialize + DeserializeOwned {}

// What is missing shall be said once, and not per trait of serde.
#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned> Foreign for T {}
