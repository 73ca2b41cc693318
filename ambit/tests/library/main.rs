//! The rest of OTP's library, a module per room. A test that stands for a numbered case begins with its id.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program: real time and tokio's own tasks are what it measures with"
)]

#[path = "../support/crashes.rs"]
mod crashes;
mod inspect;
#[path = "../support/log.rs"]
mod log;
