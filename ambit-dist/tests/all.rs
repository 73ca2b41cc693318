//! Integration tests of `ambit-dist`, one module per topic, linked into a single program to avoid linking the crate
//! repeatedly.
//!
//! Separate programs are `wire` (pure, so that miri can run it), `faults` (runs itself again as other nodes) and
//! `weight` (measures the memory of the whole program).
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

mod applications;
mod codecs;
mod conformance;
mod contract;
mod discovery;
mod distribution;
mod errors;
mod functions;
mod groups;
mod hostile;
mod membership;
mod messages;
mod names;
mod placement;
mod presence;
mod processes;
mod reentrant;
mod remote;
mod remote_shapes;
mod simulator;
mod support;
mod transport;
mod two_nodes;
mod two_parties;
