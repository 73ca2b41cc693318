//! Supervision side by side with the real one: random trees and faults, run on Erlang/OTP and on ambit, and what
//! happened compared.
//!
//! `cargo run -p otp-compare -- --scripts 1000 --seed 7` runs any number from any seed; `with-erlang` before it
//! installs Erlang first. Without Erlang the traces in `traces/` are what ambit is compared with.
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

/// What a script does on ambit.
pub fn on_ambit(script: &Script) -> Trace {
    canonical(script, &ambit_side::run(script))
}
