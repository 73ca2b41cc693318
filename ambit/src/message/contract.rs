//! The methods of protocols, with every type behind them: compared between two nodes, or between a program and its
//! past.
//!
//! Everything here is values and functions on values, except `check`, which reads and writes the file.

mod agreement;
mod agreements;
mod breaks;
mod check;
mod closure;
mod compatible;
mod difference;
mod fingerprint;
mod judge;
mod lexer;
mod lines;
mod location;
mod model;
mod names;
mod parse;
mod problem;
mod program;
mod same_encoding;
#[cfg(test)]
mod tests;
mod text;
mod unnamed_fields;

pub use self::agreement::Agreement;
pub(crate) use self::agreements::MethodAgreement;
pub use self::breaks::{Break, BreakReason};
pub use self::check::{CheckError, assert_contract_at, check_contract, write_contract};
pub use self::compatible::{compatible, compatible_method};
pub use self::fingerprint::{Fingerprint, fingerprint};
pub use self::model::Contract;
pub use self::problem::{ParseError, ParseProblem};
pub use self::program::{ContractError, Listed, contract, listed};
