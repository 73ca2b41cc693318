//! What protocols offer, with every type behind them: what two nodes, or a program and its past, compare.
//!
//! All of it is values and functions on values, but for the one that reads and writes the file, in `check`.

mod agreement;
mod breaks;
mod check;
mod closure;
mod compatible;
mod difference;
mod fingerprint;
mod judge;
mod lexer;
mod lines;
mod listed;
mod location;
mod model;
mod names;
mod parse;
mod problem;
#[cfg(test)]
mod tests;
mod text;

pub use self::agreement::Agreement;
pub use self::breaks::{Break, BreakReason};
pub use self::check::{CheckError, assert_contract_at, check_contract, write_contract};
pub use self::compatible::{compatible, compatible_method};
pub use self::fingerprint::{Fingerprint, fingerprint};
pub use self::listed::{ContractError, Listed, contract, listed};
pub use self::model::Contract;
pub use self::problem::{ParseError, ParseProblem};
