//! What `#[derive(Message)]` with a name and `#[wire(..)]` write: through both codecs, in both forms.

#![allow(
    clippy::unwrap_used,
    reason = "a value that is not written fails the test"
)]
#![allow(
    clippy::use_self,
    reason = "types hold themselves as `Self` and by their names"
)]

mod bytes;
mod changes;
mod dice;
mod generics;
mod hostile;
mod random;
mod shapes;
mod twins;
mod wrappers;
