//! Errors of discovery sources.

use std::fmt;

/// The maximum length of a rejected text in an error.
const SHOWN: usize = 64;

/// The error of a source that currently cannot list candidates. The node logs the error when it changes, keeps the last
/// candidates of the source, and calls the source again after a delay of 100 ms, which doubles up to 10 s.
///
/// ```
/// use std::net::SocketAddr;
/// use ambit_dist::discovery::DiscoveryError;
///
/// /// Reads the addresses in the answer of an inventory, one per line.
/// fn addresses(answer: &str) -> Result<Vec<SocketAddr>, DiscoveryError> {
///     let parsed: Result<_, _> = answer.lines().map(str::parse).collect();
///     parsed.map_err(|_| DiscoveryError::new("the inventory lists an invalid address: correct its entries"))
/// }
///
/// assert_eq!(addresses("10.0.0.1:9000\n10.0.0.2:9000").unwrap().len(), 2);
/// assert!(addresses("node-1").is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct DiscoveryError {
    text: String,
}

impl DiscoveryError {
    /// Returns an error with this text, which should state the cause and then the remedy. Use the same text for the
    /// same cause, because the node logs each change of the text.
    ///
    /// ```
    /// use ambit_dist::discovery::DiscoveryError;
    /// let error = DiscoveryError::new("the inventory does not answer: check its URL");
    /// assert_eq!(error.to_string(), "the inventory does not answer: check its URL");
    /// ```
    #[must_use]
    pub fn new(text: impl fmt::Display) -> Self {
        let text = text.to_string();
        Self { text }
    }
}

/// The error for a string that is not a seed, or not a list of seeds.
///
/// ```
/// use ambit_dist::discovery::Seeds;
///
/// let error = "10.0.0.1:9000, node-2".parse::<Seeds>().unwrap_err();
/// assert_eq!(error.text, "node-2");
/// assert_eq!(error.variable, None, "the string does not come from the environment");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{}`{text}` is not a seed: write a host and a port, as in `node-1.example.com:9000`, `10.0.0.1:9000` or `[::1]:9000`, and separate seeds by commas",
    Origin(*.variable)
)]
pub struct InvalidSeed {
    /// The rejected string, truncated to 64 characters.
    pub text: String,
    /// The environment variable that contains the string, if any.
    pub variable: Option<&'static str>,
}

impl InvalidSeed {
    pub(super) fn new(text: &str) -> Self {
        Self {
            text: text.chars().take(SHOWN).collect(),
            variable: None,
        }
    }
}

/// The variable of an error, in words.
struct Origin(Option<&'static str>);

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(variable) => write!(f, "environment variable {variable}: "),
            None => Ok(()),
        }
    }
}
