//! What ties a server to a protocol that `#[protocol]` has written.

use crate::engine::reply::ReplyTo;

/// The server has a method whose name has this number, and which takes so many arguments or more.
///
/// The trait of a protocol demands one of these per method, behind a trait with a text of its own: this one is never
/// seen in a message.
pub trait Handled<const METHOD: u64, const ARGUMENTS: usize> {}

/// A message that knows which method it stands for.
pub trait MethodName {
    /// The name of the method.
    fn method_name(&self) -> &'static str;
}

/// An argument that the protocol carries as the method takes it.
#[diagnostic::on_unimplemented(
    message = "the protocol carries `{Self}`, and this method takes `{T}`",
    label = "expected `{Self}`",
    note = "take `{Self}`, as the trait of the protocol says"
)]
pub trait Carried<T> {
    /// The argument itself.
    fn carried(self) -> T;
}

impl<T> Carried<T> for T {
    #[inline]
    fn carried(self) -> T {
        self
    }
}

/// An answer as the protocol has it, which the method returns.
#[diagnostic::on_unimplemented(
    message = "the protocol answers `{Self}`, and this method returns `{T}`",
    label = "expected `{Self}`",
    note = "return `{Self}`, as the trait of the protocol says"
)]
pub trait AnswerOf<T>: Sized {
    /// The value itself, for this port.
    fn answer_of(port: &ReplyTo<Self>, value: T) -> Self;
}

impl<T> AnswerOf<T> for T {
    #[inline]
    fn answer_of(_: &ReplyTo<Self>, value: T) -> Self {
        value
    }
}
