//! The cases with two parties, in test code that does not depend on the location of the other one. Here both run in one
//! system; `ambit-dist/tests/two_parties` runs the same files with the other party on another node.
//!
//! Every test is named after its case, see `docs/conformance.md`. Cases that apply to one node only are in
//! `conformance` and `servers`.

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

// `ambit-dist/tests` has its own versions next to these modules.
use crate::support::{log, process as process_support};
