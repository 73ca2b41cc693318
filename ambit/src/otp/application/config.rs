//! Typed configuration: a struct of the user, filled from its defaults, a file and the environment, set once and checked
//! before anything starts. (Erlang: the environment of an application; Elixir: `Config`.)

mod de;
pub(crate) mod error;
pub(crate) mod loader;
mod nearest;
mod tree;

use std::fmt;
use std::sync::OnceLock;

use self::error::ConfigError;
use self::loader::ConfigLoader;

/// The place of a configuration: set once, read from everywhere, mostly as a `static`. (Elixir:
/// `Application.fetch_env!/2`, with a type.)
///
/// ```
/// use ambit::{Config, ConfigError};
/// #[derive(serde::Deserialize)]
/// struct Settings {
///     #[serde(default = "usual_port")]
///     port: u16,
/// }
/// fn usual_port() -> u16 { 8080 }
///
/// static SETTINGS: Config<Settings> = Config::new();
/// assert_eq!(SETTINGS.get().map(|s| s.port), Err(ConfigError::NotSet));
///
/// let settings = Config::loader().text("web.toml", "port = 80").load().unwrap();
/// SETTINGS.set(settings).unwrap();
/// assert_eq!(SETTINGS.get().unwrap().port, 80);
/// assert_eq!(SETTINGS.set(Settings { port: 81 }), Err(ConfigError::AlreadySet));
/// ```
pub struct Config<T> {
    value: OnceLock<T>,
}

impl<T> Config<T> {
    /// A place where nothing is set yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            value: OnceLock::new(),
        }
    }

    /// Layers to load a configuration from.
    pub fn loader() -> ConfigLoader<T> {
        ConfigLoader::new()
    }

    /// Sets it, for good.
    ///
    /// # Errors
    /// `AlreadySet`: the first one stands.
    pub fn set(&self, value: T) -> Result<(), ConfigError> {
        self.value.set(value).map_err(|_| ConfigError::AlreadySet)
    }

    /// What was set.
    ///
    /// # Errors
    /// `NotSet` before that.
    pub fn get(&self) -> Result<&T, ConfigError> {
        self.value.get().ok_or(ConfigError::NotSet)
    }
}

impl<T> Default for Config<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T: fmt::Debug> fmt::Debug for Config<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Config").field(&self.value.get()).finish()
    }
}
