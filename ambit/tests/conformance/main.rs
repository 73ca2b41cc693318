//! OTP's semantics as tests: every test is named after its case, see `docs/conformance.md`.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests: they drive runtimes and threads themselves"
)]

mod anywhere;
mod common;
mod flood;
mod link;
mod mailbox;
mod monitor;
mod overflow;
mod process;
mod start;
mod timer;
