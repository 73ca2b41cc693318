//! An error of deserialization, and its location.

use std::fmt;

use serde::de::Error;

use crate::otp::application::config::error::ConfigError;
use crate::otp::application::config::nearest::nearest;
use crate::otp::application::config::tree::Node;

/// An error, with its location as far as it is known yet.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) what: What,
    pub(super) place: Option<String>,
    /// The keys that lead to the value, innermost first.
    pub(super) path: Vec<String>,
}

#[derive(Debug)]
pub(super) enum What {
    Invalid(String),
    Missing(&'static str),
    Unknown(String, Option<String>),
}

impl Fault {
    pub(super) fn new(what: What) -> Self {
        Self {
            what,
            place: None,
            path: Vec::new(),
        }
    }

    /// Sets the location, unless an inner node has set it already.
    pub(super) fn at(mut self, node: &Node) -> Self {
        self.place.get_or_insert_with(|| node.place.clone());
        self
    }

    pub(super) fn under(mut self, key: &str) -> Self {
        self.path.push(key.to_owned());
        self
    }

    pub(super) fn told(self, root: &Node) -> ConfigError {
        let mut path: Vec<_> = self.path.iter().rev().map(String::as_str).collect();
        let place = self.place.unwrap_or_else(|| root.place.clone());
        match self.what {
            What::Missing(key) => {
                path.push(key);
                ConfigError::Missing {
                    key: path.join("."),
                }
            }
            What::Unknown(key, nearest) => {
                path.push(&key);
                ConfigError::UnknownKey {
                    place,
                    key: path.join("."),
                    nearest,
                }
            }
            What::Invalid(why) if path.is_empty() => ConfigError::Refused(why),
            What::Invalid(why) => ConfigError::Invalid {
                place,
                key: path.join("."),
                why,
            },
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::Invalid(why) => f.write_str(why),
            What::Missing(key) => write!(f, "the key `{key}` is not set"),
            What::Unknown(key, _) => write!(f, "there is no key `{key}`"),
        }
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(text: T) -> Self {
        Self::new(What::Invalid(text.to_string()))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new(What::Missing(field))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(What::Unknown(field.to_owned(), nearest(field, expected)))
    }
}
