//! OTP's semantics as tests: every test is named after its case, see `docs/conformance.md`.

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
