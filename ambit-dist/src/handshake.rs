//! How two nodes become a session, as pure code: bytes in, bytes out, no clock and no network.
//!
//! The dialler says who it is and what it can (`Dialling`). The acceptor looks at its certificate (`Accepting`), asks
//! whoever knows the other connections for a verdict (`Heard`) and answers with what the two agree on. The dialler does
//! the same with the answer (`Answered`). What comes out is `Ready`, and nothing else can become a session. The time
//! it may all take is the caller's to watch.

mod accepting;
mod dialling;
mod fields;
mod hello;
mod own;
mod ready;
mod refusal;
#[cfg(test)]
mod tests;
mod versions;

pub(crate) use self::accepting::{Accepting, Heard};
pub(crate) use self::dialling::{Answered, Dialling};
pub(crate) use self::own::Own;
pub use self::ready::Ready;
pub(crate) use self::refusal::Refusal;
