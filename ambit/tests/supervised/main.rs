//! Kept mailboxes, and what the test kit knows of supervision.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: tokio's clock is what it measures with"
)]

mod keep_mailbox;
mod kit;
