//! The tests of `ambit` from outside, one module per topic: one program, because each compiles and links all of it again.
//!
//! What needs a process of its own, because it changes or weighs the whole program, stands in `soak`.
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
