//! Typed configuration: a user-defined struct, filled from its defaults, a file and the environment, set once and
//! validated before anything starts. (Erlang: the environment of an application; Elixir: `Config`.)

mod de;
pub(crate) mod error;
pub(crate) mod loader;
mod tree;
mod untyped;

use std::fmt;
use std::sync::OnceLock;

use self::error::ConfigError;
use self::loader::ConfigLoader;

/// A cell for the configuration, usually a `static`: it is set once, and readable from everywhere. (Elixir:
/// `Application.fetch_env!/2`, with a type.)
///
/// ```
/// use ambit::application::{Config, ConfigError};
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
    /// Returns a cell whose value is not set yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            value: OnceLock::new(),
        }
    }

    /// Returns a loader without layers. Each layer that is added overrides the defaults of the type.
    ///
    /// ```
    /// use ambit::application::Config;
    /// #[derive(serde::Deserialize)]
    /// struct Settings { port: u16 }
    /// let settings = Config::<Settings>::loader().text("web.toml", "port = 80").load().unwrap();
    /// assert_eq!(settings.port, 80);
    /// ```
    pub fn loader() -> ConfigLoader<T> {
        ConfigLoader::new()
    }

    /// Sets the value. It cannot be changed afterwards.
    ///
    /// # Errors
    /// `AlreadySet` if a value was set before; the earlier value is kept.
    ///
    /// ```
    /// use ambit::application::{Config, ConfigError};
    /// static PORT: Config<u16> = Config::new();
    /// PORT.set(80).unwrap();
    /// assert_eq!(PORT.set(81), Err(ConfigError::AlreadySet));
    /// ```
    pub fn set(&self, value: T) -> Result<(), ConfigError> {
        self.value.set(value).map_err(|_| ConfigError::AlreadySet)
    }

    /// Returns the value that was [`set`](Self::set).
    ///
    /// # Errors
    /// `NotSet` if no value has been set yet.
    ///
    /// ```
    /// use ambit::application::{Config, ConfigError};
    /// static PORT: Config<u16> = Config::new();
    /// assert_eq!(PORT.get(), Err(ConfigError::NotSet));
    /// PORT.set(80).unwrap();
    /// assert_eq!(PORT.get(), Ok(&80));
    /// ```
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
