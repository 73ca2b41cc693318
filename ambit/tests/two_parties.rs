//! The cases about two parties, by test code that does not know where the other one lives. Here both live in one system;
//! `ambit-dist/tests/two_parties` runs the same files with the other party on another node.
//!
//! Every test is named after its case, see `docs/conformance.md`. What is true on one node only is in `conformance` and
//! `servers`.

mod calls;
mod fickle;
mod handles;
mod links;
mod monitors;
mod parties;
mod servers;
mod signals;
mod stage;
mod starts;
mod threads;

// `ambit-dist/tests` puts its own beside these modules.
use crate::support::{log, process as process_support};
