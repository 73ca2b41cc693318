//! Kept mailboxes, and what the test kit knows of supervision.

mod keep_mailbox;
mod kit;
