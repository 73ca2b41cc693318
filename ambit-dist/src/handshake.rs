//! The handshake of two nodes as pure code: it turns received bytes into bytes to send, without a clock or network.
//!
//! The dialler sends its identity and capabilities (`Dialling`). The acceptor checks that the identity matches the
//! dialler's certificate (`Accepting`), requests a verdict from the connection manager (`ReceivedHello`), and answers
//! with the agreed parameters. The dialler checks the answer in the same way (`ReceivedAnswer`). Both sides end with a
//! `Ready`, which is required to create a session. The caller enforces the timeout.

mod accepting;
mod dialling;
mod fields;
mod hello;
mod offer;
mod ready;
mod refusal;
#[cfg(test)]
mod tests;
mod versions;

pub(crate) use self::accepting::{Accepting, ReceivedHello};
pub(crate) use self::dialling::{Dialling, ReceivedAnswer};
pub(crate) use self::hello::HEARTBEATS;
pub(crate) use self::offer::LocalOffer;
pub use self::ready::Ready;
pub(crate) use self::refusal::Refusal;
