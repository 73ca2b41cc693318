//! How two nodes disagree on a method.

use thiserror::Error;

/// A method that another node knows in another form: one of the two programs is older.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the other node knows `{method}` in another form: {differs}. Update the older program, or give what has changed a name of its own"
)]
#[non_exhaustive]
pub struct Mismatch {
    /// The method, with the name of its protocol: `shop.counter::add`.
    pub method: String,
    /// What differs, in words: "argument `by`: was `u32` and is `u64`", and on which of the two it was and is.
    pub differs: String,
}

impl Mismatch {
    /// Of this method, which differs in this.
    #[must_use]
    pub fn new(method: String, differs: String) -> Self {
        Self { method, differs }
    }
}
