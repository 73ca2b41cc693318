//! Tests of contracts as values: their text, and compatible changes.

mod agreement;
mod check;
mod fingerprint;
mod hostile;
mod random;
mod rules;
mod text;

use crate::message::contract::Contract;

/// Parses a contract from the lines after its first.
#[track_caller]
fn read(lines: &str) -> Contract {
    let read = format!("ambit contract 1\n{lines}").parse();
    read.unwrap_or_else(|error| panic!("{error} of {lines}"))
}
