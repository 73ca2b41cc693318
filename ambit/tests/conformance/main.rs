//! OTP's semantics as tests: every test is named after its case, see `docs/conformance.md`.
#![allow(missing_docs)]

mod common;
mod link;
mod monitor;
mod process;
mod start;
mod timer;
