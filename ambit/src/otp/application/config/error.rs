//! Errors of a configuration.

use thiserror::Error;

/// The reason why a configuration was not loaded, set or read.
///
/// ```
/// use ambit::application::{Config, ConfigError};
/// #[derive(Debug, serde::Deserialize)]
/// struct Settings { port: u16 }
///
/// let load = |text| Config::<Settings>::loader().text("web.toml", text).load().unwrap_err();
/// assert_eq!(load(""), ConfigError::Missing { key: "port".to_owned() });
/// let unknown = load("port = 80\nprot = 81");
/// assert!(matches!(unknown, ConfigError::UnknownKey { nearest: Some(key), .. } if key == "port"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file, or the environment variable, cannot be read.
    #[error("{file}: {why}")]
    Unreadable {
        /// The file or the environment variable.
        file: String,
        /// The cause.
        why: String,
    },
    /// The file is not valid TOML, or sets a key twice.
    #[error("{file}:{line}: {why}")]
    Syntax {
        /// The name of the file.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The cause.
        why: String,
    },
    /// The type of the configuration has no key of this name.
    #[error("{place}: there is no key `{key}`{}", did_you_mean(nearest))]
    UnknownKey {
        /// The file and line, or the environment variable, that sets the key.
        place: String,
        /// The key, with the tables that contain it.
        key: String,
        /// The most similar known key.
        nearest: Option<String>,
    },
    /// Two environment variables set the same key.
    #[error("{one} and {other} set the same key: remove one of them")]
    Duplicate {
        /// The first variable.
        one: String,
        /// The second variable.
        other: String,
    },
    /// A key without a default is not set in any layer.
    #[error(
        "the key `{key}` is not set, and has no default: set it in the file or the environment"
    )]
    Missing {
        /// The key, with the tables that contain it.
        key: String,
    },
    /// The value has the wrong type or range.
    #[error("{place}: `{key}`: {why}")]
    Invalid {
        /// The file and line, or the environment variable, that sets the key.
        place: String,
        /// The key, with the tables that contain it.
        key: String,
        /// The value that was found, and what was expected.
        why: String,
    },
    /// A check of the whole configuration returned an error, or the type rejected a value that has no location.
    #[error("the configuration is invalid: {0}")]
    Refused(String),
    /// The configuration was set before. It can be set only once; the first value is kept.
    #[error("the configuration is set already: it is set once, before anything starts")]
    AlreadySet,
    /// The configuration was read before it was set.
    #[error("the configuration is not set yet: load it before anything starts")]
    NotSet,
}

fn did_you_mean(nearest: &Option<String>) -> String {
    let question = |nearest: &String| format!(": did you mean `{nearest}`?");
    nearest.as_ref().map(question).unwrap_or_default()
}
