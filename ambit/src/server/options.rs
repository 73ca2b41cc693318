//! The options of `#[gen_server(..)]`.

pub(crate) use crate::engine::in_place::InPlace;
use crate::engine::mailbox::DEFAULT_CAPACITY;
pub(crate) use crate::engine::mailbox::overflow::Overflow;

/// The options of a server type: the size of its mailbox, its overflow policy, and its inline policy.
///
/// ```
/// use ambit::server::{Overflow, ServerOptions};
/// const OPTIONS: ServerOptions = ServerOptions::DEFAULT.mailbox(64).overflow(Overflow::Reject);
/// assert_ne!(OPTIONS, ServerOptions::DEFAULT);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServerOptions {
    pub(crate) mailbox: usize,
    pub(crate) overflow: Overflow,
    pub(crate) in_place: InPlace,
}

impl ServerOptions {
    /// The defaults: the mailbox holds 1024 messages, senders wait for capacity ([`Overflow::Wait`]), and calls may run
    /// inline ([`InPlace::Auto`]).
    pub const DEFAULT: Self = Self {
        mailbox: DEFAULT_CAPACITY,
        overflow: Overflow::Wait,
        in_place: InPlace::Auto,
    };

    /// Sets how many user messages the mailbox holds; 1024 by default. With 0, every start fails with `BadSpec`.
    #[must_use]
    pub const fn mailbox(self, messages: usize) -> Self {
        Self {
            mailbox: messages,
            ..self
        }
    }

    /// Removes the limit of the mailbox; only memory limits it.
    #[must_use]
    pub const fn unbounded(self) -> Self {
        Self {
            mailbox: usize::MAX,
            ..self
        }
    }

    /// Sets the overflow policy, which applies to user messages when the mailbox is full. Default: [`Overflow::Wait`].
    #[must_use]
    pub const fn overflow(self, overflow: Overflow) -> Self {
        Self { overflow, ..self }
    }

    /// Sets the inline policy: whether callers may run synchronous handlers inline. Default: [`InPlace::Auto`].
    #[must_use]
    pub const fn in_place(self, in_place: InPlace) -> Self {
        Self { in_place, ..self }
    }
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}
