//! OTP's semantics as tests: every test is named after its case, see `docs/conformance.md`.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests: they drive runtimes and threads themselves"
)]

mod anywhere;
mod common;
#[path = "../support/crashes.rs"]
mod crashes;
mod flood;
mod link;
mod mailbox;
mod monitor;
mod overflow;
mod process;
#[path = "../support/process.rs"]
mod process_support;
mod start;
mod timer;
