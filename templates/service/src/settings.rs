//! The settings: defaults, then the file, then the environment.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ambit::application::{Config, ConfigError};
use serde::Deserialize;

/// The settings of the service. `service.toml` explains them.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The log levels per target.
    pub log: String,
    /// How long a stop waits for requests in progress.
    pub drain_seconds: u64,
    /// The settings of the links.
    pub links: LinkSettings,
}

/// The settings of the server `Links`.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct LinkSettings {
    /// How many links are kept at most.
    pub capacity: usize,
    /// How long a link is kept.
    pub keep_seconds: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            log: "info".into(),
            drain_seconds: 8,
            links: LinkSettings::default(),
        }
    }
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self {
            capacity: 100_000,
            keep_seconds: 7 * 24 * 60 * 60,
        }
    }
}

impl LinkSettings {
    /// Returns how long a link is kept.
    #[must_use]
    pub fn keep(&self) -> Duration {
        Duration::from_secs(self.keep_seconds)
    }
}

/// Loads the settings. A `file` must exist; `service.toml` in the working directory need not.
///
/// # Errors
/// If a file cannot be read, a key does not exist, or a value is invalid. The error says where.
pub fn load(file: Option<PathBuf>) -> Result<Settings, ConfigError> {
    let loader = match file {
        Some(path) => Config::loader().file(path),
        None => Config::loader().optional_file("service.toml"),
    };
    loader
        .environment("SERVICE")
        .validate(|settings: &Settings| match settings.links.capacity {
            0 => Err("`links.capacity` must be at least 1"),
            _ => Ok(()),
        })
        .load()
}
