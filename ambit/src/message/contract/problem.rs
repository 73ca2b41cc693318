//! What can be wrong with the text of a contract.

use crate::message::contract::text::VERSION;

/// Why a text is no contract.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
#[non_exhaustive]
pub struct ParseError {
    /// Where, from 1.
    pub line: usize,
    /// What is wrong there.
    pub problem: ParseProblem,
}

/// What is wrong with a line.
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
    /// Something else stands there.
    #[error("expected {expected}, found {}", shown(found))]
    Expected {
        /// What should stand there.
        expected: &'static str,
        /// How the rest of the line begins.
        found: String,
    },
    /// A later version of ambit wrote it.
    #[error(
        "the contract is in format {found}, and this version of ambit reads format {VERSION}: update the older one"
    )]
    Format {
        /// Its format.
        found: u32,
    },
    /// A name stands for two things.
    #[error("`{name}` is there for the second time")]
    Twice {
        /// The name.
        name: String,
    },
    /// The lines of a type are not those that its hash was made of.
    #[error(
        "the lines of `{name}` do not have this hash, because two changes were merged or the file was edited; \
         give the later change a version of its own, with `since` on what it adds"
    )]
    Merged {
        /// The name of the type.
        name: String,
    },
    /// A type is mentioned and not defined.
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
