//! Compares supervision with the original: runs random trees and faults on Erlang/OTP and on ambit, and compares the
//! traces.
//!
//! `cargo run -p otp-compare -- --scripts 1000 --seed 7` runs any number of scripts from any seed; with `with-erlang`
//! in front it installs Erlang first. Without Erlang, ambit is compared with the recorded traces in `traces/`.
#![forbid(unsafe_code)]

pub mod ambit_side;
pub mod both;
pub mod compare;
pub mod coverage;
pub mod erlang;
pub mod record;
pub mod rng;
pub mod script;
pub mod shrink;
pub mod trace;

use crate::script::Script;
use crate::trace::{Trace, canonical};

/// Returns the trace of a script on ambit.
pub fn on_ambit(script: &Script) -> Trace {
    canonical(script, &ambit_side::run(script))
}
