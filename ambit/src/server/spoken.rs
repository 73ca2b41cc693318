//! What ties a server to a protocol that `#[protocol]` has written.

use crate::handle::protocol::Protocol;

/// The server has a method whose name has this number.
///
/// The trait of a protocol demands one of these per method, behind a trait with a text of its own: this one is never
/// seen in a message.
pub trait Handled<const METHOD: u64> {}

/// A message that knows which method it stands for.
pub trait MethodName {
    /// The name of the method.
    fn method_name(&self) -> &'static str;
}

/// The calls of a protocol, as a path that variants can follow.
pub type CallOf<P> = <P as Protocol>::Call;

/// The casts of a protocol, as a path that variants can follow.
pub type CastOf<P> = <P as Protocol>::Cast;
