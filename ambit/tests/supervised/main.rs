//! Kept mailboxes, and what the test kit knows of supervision.
#![allow(missing_docs, clippy::unwrap_used)]

mod keep_mailbox;
mod kit;
