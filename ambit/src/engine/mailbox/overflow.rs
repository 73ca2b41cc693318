//! What a full mailbox does with a new message.

/// The overflow policy of a mailbox: what happens to a user message that is sent to a full mailbox.
///
/// ```
/// use ambit::prelude::*;
/// struct Ticker;
/// #[gen_server(mailbox = 16, overflow = drop_oldest)]
/// impl Ticker {
///     #[cast]
///     fn tick(&mut self) {}
/// }
/// # fn main() {}
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Overflow {
    /// The sender waits for capacity, up to its timeout; `.now()` fails with `Full`.
    #[default]
    Wait,
    /// The send fails with `Full` at once.
    Reject,
    /// The new message is dropped: the send fails with `Full`, and the message becomes a dead letter.
    DropNewest,
    /// The oldest queued user message is dropped and becomes a dead letter; if it is a call, its caller receives
    /// `Full`. The new message is queued.
    DropOldest,
}
