//! The cases about two parties, by test code that does not know where the other one lives. Here both live in one system;
//! `ambit-dist/tests/two_parties` runs the same files with the other party on another node.
//!
//! Every test is named after its case, see `docs/conformance.md`. What is true on one node only is in `conformance` and
//! `servers`.
#![allow(
    missing_docs,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests: they spawn tasks and wait themselves"
)]

mod calls;
mod fickle;
mod handles;
mod links;
#[path = "../support/log.rs"]
mod log;
mod monitors;
mod parties;
#[path = "../support/process.rs"]
mod process_support;
mod servers;
mod signals;
mod stage;
mod starts;
mod threads;
