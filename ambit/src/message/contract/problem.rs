//! The errors in the text of a contract.

use crate::message::contract::text::VERSION;

/// The error of parsing a text that is not a valid contract.
///
/// ```
/// use ambit::message::{Contract, ParseProblem};
///
/// let text = "ambit contract 1\nprotocol kv\n  call get(key: string)";
/// let error = text.parse::<Contract>().unwrap_err();
/// assert_eq!(error.line, 3);
/// assert!(matches!(error.problem, ParseProblem::Expected { .. }), "a call has a reply");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
#[non_exhaustive]
pub struct ParseError {
    /// The line number, counted from 1.
    pub line: usize,
    /// The error in this line.
    pub problem: ParseProblem,
}

/// A kind of syntax error in the text of a contract.
///
/// ```
/// use ambit::message::{Contract, ParseProblem};
///
/// let problem = |text: &str| text.parse::<Contract>().unwrap_err().problem;
/// let undefined = problem("ambit contract 1\nprotocol kv\n  call price() -> shop.price");
/// assert_eq!(undefined, ParseProblem::Undefined { name: "shop.price".to_owned() });
/// let twice = problem("ambit contract 1\nprotocol kv\n  cast clear()\n  cast clear()");
/// assert_eq!(twice, ParseProblem::Twice { name: "clear".to_owned() });
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProblem {
    /// The text is too large.
    #[error("the text has more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A type is nested too deeply.
    #[error("a type is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit, in levels.
        limit: u32,
    },
    /// The text differs from the expected syntax.
    #[error("expected {expected}, found {}", shown(found))]
    Expected {
        /// A description of the expected text.
        expected: &'static str,
        /// The text found instead: the beginning of the rest of the line.
        found: String,
    },
    /// The contract has a format that this version of ambit cannot read.
    #[error(
        "the contract is in format {found}, and this version of ambit reads format {VERSION}: update the older program"
    )]
    Format {
        /// The number of the format.
        found: u32,
    },
    /// A name is defined twice.
    #[error("`{name}` is listed twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// The definition of a type does not match its hash, because two changes were merged or the file was edited by
    /// hand.
    #[error(
        "the lines of `{name}` do not have this hash, because two changes were merged or the file was edited; \
         restore the file of the earlier change, give the later change a version of its own, and write the file again \
         with `AMBIT_CONTRACT=write cargo test`"
    )]
    Merged {
        /// The name of the type.
        name: String,
    },
    /// A type is used but not defined.
    #[error("`{name}` is not defined")]
    Undefined {
        /// The name of the type.
        name: String,
    },
}

fn shown(found: &str) -> String {
    match found {
        "" => "the end of the line".to_owned(),
        found => format!("`{found}`"),
    }
}
