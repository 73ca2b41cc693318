//! The tests of `ambit-dist` from outside, one module per topic: one program, because each compiles and links all of it again.
//!
//! Beside it stand `wire` (pure, so that miri can run it), `faults` (starts itself again as other nodes) and `weight` (weighs
//! the whole program).
#![allow(
    missing_docs,
    dead_code,
    unnameable_types,
    unreachable_pub,
    clippy::async_yields_async,
    clippy::disallowed_methods,
    clippy::duplicate_mod,
    clippy::unwrap_used,
    clippy::use_self,
    reason = "tests: they spawn tasks and wait themselves, types hold themselves by their names, and one file runs several times"
)]

mod codecs;
mod conformance;
mod contract;
mod distribution;
mod functions;
mod hostile;
mod messages;
mod processes;
mod remote;
mod remote_shapes;
mod simulator;
mod support;
mod transport;
mod two_nodes;
mod two_parties;
