//! The external tests of `ambit`, one module per topic. They are one program, because each test binary compiles and
//! links the whole crate again.
//!
//! Tests that need their own process, because they change or measure the whole program, are in `soak`.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::too_many_lines,
    clippy::unused_async,
    clippy::unwrap_used,
    reason = "tests: they spawn tasks, drive runtimes and wait themselves, and not every method of an example is called"
)]

mod conformance;
mod conformance_page;
mod contract;
mod contract_supervision;
mod engine;
mod kit;
mod layers;
mod library;
mod process_count;
mod reports;
mod servers;
mod supervised;
mod supervision;
mod supervision_proof;
mod supervisor_block;
mod support;
mod system_stop;
mod two_parties;
