//! Retained mailboxes, and the test kit's knowledge of supervision.

mod keep_mailbox;
mod kit;
