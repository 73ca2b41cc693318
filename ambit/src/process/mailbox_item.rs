//! The user messages in a mailbox.

use crate::process::dead_letter::{Content, LetterKind};

/// A user message in the mailbox.
pub(crate) trait MailboxItem: Send + 'static {
    /// Returns the content of its dead letter.
    fn content(self) -> (LetterKind, Content);
}
