//! The layers of a configuration.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::de;
use super::error::ConfigError;
use super::tree::{self, Node};

/// A loader for a configuration of type `T`, from [`Config::loader`](crate::Config::loader). The loader begins with the
/// defaults of the type and puts each layer on top of the previous ones: tables are merged, any other value is
/// replaced.
///
/// A key that the type does not have is an error in every layer. The exceptions are a struct with `#[serde(flatten)]`
/// and an enum with `#[serde(tag = ..)]` or `#[serde(untagged)]`, which handle unknown keys themselves. Inside these, an
/// environment variable that looks like a number or a bool counts as one; quotes make it a text: `APP__PIN='"1234"'`.
///
/// ```
/// use ambit::application::Config;
/// #[derive(serde::Deserialize)]
/// #[serde(default)]
/// struct Settings { host: String, port: u16, peers: Vec<String> }
/// impl Default for Settings {
///     fn default() -> Self { Self { host: "localhost".into(), port: 8080, peers: Vec::new() } }
/// }
///
/// let environment = [("WEB__PORT".to_owned(), "81".to_owned()), ("WEB__PEERS".to_owned(), r#"["a", "b"]"#.to_owned())];
/// let settings = Config::<Settings>::loader()
///     .text("web.toml", "port = 80")
///     .variables("WEB", environment)
///     .validate(|settings| if settings.port == 0 { Err("port 0 cannot be opened") } else { Ok(()) })
///     .load()
///     .unwrap();
/// assert_eq!((&*settings.host, settings.port, settings.peers.len()), ("localhost", 81, 2));
/// ```
#[must_use = "a loader loads nothing by itself"]
pub struct ConfigLoader<T> {
    layers: Vec<Layer>,
    checks: Vec<Check<T>>,
}

type Check<T> = Box<dyn Fn(&T) -> Result<(), String> + Send + Sync>;

/// Reads one layer; `None` for an optional file that is missing.
type Layer = Box<dyn FnOnce() -> Result<Option<Node>, ConfigError> + Send + Sync>;

impl<T> ConfigLoader<T> {
    pub(crate) fn new() -> Self {
        Self {
            layers: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// Adds a TOML file, which [`load`](Self::load) reads. If the file is missing, `load` fails with `Unreadable`.
    pub fn file(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        self.layer(move || read_file(&path, false))
    }

    /// Adds a TOML file that may be missing. If it exists and cannot be read, [`load`](Self::load) fails with
    /// `Unreadable`.
    pub fn optional_file(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        self.layer(move || read_file(&path, true))
    }

    /// Adds the text of a TOML file, for tests and for `include_str!`. Errors refer to the text as `name`.
    pub fn text(self, name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        self.layer(move || tree::of_text(&name, &text).map(Some))
    }

    /// Adds the environment variables of the program, as they are when [`load`](Self::load) is called. `PREFIX__PORT`
    /// sets `port`, and `PREFIX__DB__HOST` sets `host` in the table `db`: names are converted to lower case. Write a
    /// list or a table in TOML: `["a", "b"]`. Variables that do not begin with the prefix and two underscores are
    /// ignored.
    pub fn environment(self, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        self.layer(move || tree::of_variables(&prefix, environment(&prefix)?).map(Some))
    }

    /// Adds a layer from the variables in `all` instead of the process environment; useful in tests. Names and values
    /// have the form that [`environment`](Self::environment) describes.
    pub fn variables(
        self,
        prefix: impl Into<String>,
        all: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let (prefix, all): (_, Vec<_>) = (prefix.into(), all.into_iter().collect());
        self.layer(move || tree::of_variables(&prefix, all).map(Some))
    }

    /// Adds a check of the whole configuration, which runs after deserialization. Checks run in the order in which they
    /// were added, and the first one that returns an error ends the loading with `Refused`.
    pub fn validate<E>(
        mut self,
        check: impl Fn(&T) -> Result<(), E> + Send + Sync + 'static,
    ) -> Self
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let check = move |value: &T| check(value).map_err(|error| error.into().to_string());
        self.checks.push(Box::new(check));
        self
    }

    fn layer(
        mut self,
        read: impl FnOnce() -> Result<Option<Node>, ConfigError> + Send + Sync + 'static,
    ) -> Self {
        self.layers.push(Box::new(read));
        self
    }
}

impl<T: DeserializeOwned> ConfigLoader<T> {
    /// Loads the configuration. Files are read synchronously on the current thread, so call this method before anything
    /// starts.
    ///
    /// # Errors
    /// Returns the first error, with its location.
    /// - `Unreadable` if a file or an environment variable cannot be read.
    /// - `Syntax` if a file is not valid TOML.
    /// - `Duplicate` if two environment variables set the same key.
    /// - `UnknownKey` if a layer sets a key that the type does not have.
    /// - `Missing` if a key without a default is not set.
    /// - `Invalid` if a value has the wrong type or range.
    /// - `Refused` if a check returned an error, or the type rejected the configuration as a whole.
    pub fn load(self) -> Result<T, ConfigError> {
        let mut whole = Node::empty();
        for layer in self.layers {
            if let Some(layer) = layer()? {
                whole.cover(layer);
            }
        }
        let value: T = de::read(&whole)?;
        for check in &self.checks {
            check(&value).map_err(ConfigError::Refused)?;
        }
        Ok(value)
    }
}

fn read_file(path: &Path, optional: bool) -> Result<Option<Node>, ConfigError> {
    let file = path.display().to_string();
    match std::fs::read_to_string(path) {
        Ok(text) => tree::of_text(&file, &text).map(Some),
        Err(error) if optional && error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(ConfigError::Unreadable {
            file,
            why: error.to_string(),
        }),
    }
}

/// Returns the program's variables that begin with the prefix. A value that is not UTF-8 is an error.
fn environment(prefix: &str) -> Result<Vec<(String, String)>, ConfigError> {
    let start = format!("{prefix}__");
    let mut all = Vec::new();
    for (name, value) in std::env::vars_os() {
        let Ok(name) = name.into_string() else {
            continue;
        };
        if !name.starts_with(&start) {
            continue;
        }
        let value = value.into_string().map_err(|_| ConfigError::Unreadable {
            file: name.clone(),
            why: "its value is not valid UTF-8".into(),
        })?;
        all.push((name, value));
    }
    Ok(all)
}

impl<T> fmt::Debug for ConfigLoader<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConfigLoader")
            .field("layers", &self.layers.len())
            .field("checks", &self.checks.len())
            .finish()
    }
}
