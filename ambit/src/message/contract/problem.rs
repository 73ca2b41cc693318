//! The errors in the text of a contract.

use crate::message::contract::text::VERSION;

/// The reason why a text is no contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
#[non_exhaustive]
pub struct ParseError {
    /// The line number, from 1.
    pub line: usize,
    /// The error in this line.
    pub problem: ParseProblem,
}

/// The error in a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProblem {
    /// The text is too large.
    #[error("the text has more than {limit} bytes")]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// A type is nested too deep.
    #[error("a type is nested deeper than {limit} levels")]
    TooDeep {
        /// The limit.
        limit: u32,
    },
    /// Unexpected text.
    #[error("expected {expected}, found {}", shown(found))]
    Expected {
        /// The expected text.
        expected: &'static str,
        /// The beginning of the rest of the line.
        found: String,
    },
    /// A later version of ambit wrote it.
    #[error(
        "the contract is in format {found}, and this version of ambit reads format {VERSION}: update the older program"
    )]
    Format {
        /// Its format.
        found: u32,
    },
    /// A name is defined twice.
    #[error("`{name}` is listed twice")]
    Twice {
        /// The name.
        name: String,
    },
    /// The lines of a type do not match its hash.
    #[error(
        "the lines of `{name}` do not have this hash, because two changes were merged or the file was edited; \
         give the later change a version of its own, with `since` on what it adds"
    )]
    Merged {
        /// The name of the type.
        name: String,
    },
    /// A type is used and not defined.
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
