//! What can be wrong with a configuration.

use thiserror::Error;

/// Why there is no configuration. Nothing was set.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file, or the variable of the environment, cannot be read.
    #[error("{file}: {why}")]
    Unreadable {
        /// Which one.
        file: String,
        /// Why.
        why: String,
    },
    /// The file is no TOML, or says something twice.
    #[error("{file}:{line}: {why}")]
    Syntax {
        /// Which one.
        file: String,
        /// In which line, counted from 1.
        line: usize,
        /// What is wrong with it.
        why: String,
    },
    /// Nothing is called so.
    #[error("{place}: there is no key `{key}`{}", did_you_mean(nearest))]
    UnknownKey {
        /// File and line, or the variable of the environment.
        place: String,
        /// The key, with the tables it stands in.
        key: String,
        /// The key that was perhaps meant.
        nearest: Option<String>,
    },
    /// Two variables of the environment mean the same key.
    #[error("{one} and {other} set the same key: remove one of them")]
    Duplicate {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A key that has no default is set nowhere.
    #[error(
        "the key `{key}` is not set, and has no default: set it in the file or the environment"
    )]
    Missing {
        /// The key, with the tables it stands in.
        key: String,
    },
    /// A value is not what it should be.
    #[error("{place}: `{key}`: {why}")]
    Invalid {
        /// File and line, or the variable of the environment.
        place: String,
        /// The key, with the tables it stands in.
        key: String,
        /// What was found, and what was expected.
        why: String,
    },
    /// The check of the whole has refused it; or the type itself, for something that stands at no place.
    #[error("the configuration is refused: {0}")]
    Refused(String),
    /// A configuration is set once. The first one stands.
    #[error("the configuration is set already: it is set once, before anything starts")]
    AlreadySet,
    /// It was asked for before it was set.
    #[error("the configuration is not set yet: load it before anything starts")]
    NotSet,
}

fn did_you_mean(nearest: &Option<String>) -> String {
    let question = |nearest: &String| format!(": did you mean `{nearest}`?");
    nearest.as_ref().map(question).unwrap_or_default()
}
