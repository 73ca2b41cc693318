//! Candidates from a fixed list.

use std::ffi::OsStr;
use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::str::FromStr;
use std::time::Duration;

use crate::discovery::error::{DiscoveryError, InvalidSeed};
use crate::discovery::host_poll::HostPoll;
use crate::discovery::resolve::Resolver;
use crate::discovery::seed_address::SeedAddress;
use crate::discovery::source::{Discovery, NextCandidates};

const VARIABLE: &str = "AMBIT_SEEDS";

/// A source with a fixed list of seeds, each with a host and a port. A host is an IP address or a name; names are
/// looked up every 5 s, as by [`Dns`](crate::discovery::Dns).
///
/// You can give all nodes the same list, because a node does not dial its own address. A starting node needs at least
/// one reachable seed other than itself. The order in which nodes start does not matter, because unreachable seeds are
/// dialled again.
///
/// ```
/// use ambit_dist::discovery::{Discovery, Seeds};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut seeds: Seeds = "10.0.0.1:9000, 10.0.0.2:9000".parse()?;
/// assert_eq!(seeds.next().await.unwrap()?.len(), 2);
/// // The list never changes.
/// assert!(seeds.next().await.is_none());
///
/// let error = "10.0.0.1".parse::<Seeds>().unwrap_err();
/// assert!(error.to_string().starts_with("`10.0.0.1` is not a seed: write a host and a port"));
/// # Ok(())
/// # }
/// ```
pub struct Seeds {
    fixed: Vec<SocketAddr>,
    names: HostPoll,
    has_begun: bool,
}

impl Seeds {
    /// Returns a source with these seeds, each a string such as `node-1.example.com:9000`, `10.0.0.1:9000` or
    /// `[::1]:9000`. With an empty list, the source has no candidates.
    ///
    /// # Errors
    /// Fails with [`InvalidSeed`] if a string is not a host with a port.
    ///
    /// ```
    /// use ambit_dist::discovery::Seeds;
    /// let seeds = Seeds::new(["10.0.0.1:9000", "node-2.example.com:9000"]).unwrap();
    /// assert!(Seeds::new(["node-2.example.com"]).is_err());
    /// ```
    pub fn new<S: AsRef<str>>(seeds: impl IntoIterator<Item = S>) -> Result<Self, InvalidSeed> {
        let parsed = seeds
            .into_iter()
            .map(|seed| SeedAddress::parse(seed.as_ref()));
        Ok(Self::of(parsed.collect::<Result<_, _>>()?))
    }

    /// Returns a source with the seeds in the environment variable `AMBIT_SEEDS`: hosts with ports, separated by
    /// commas, as in `AMBIT_SEEDS=10.0.0.1:9000,node-2.example.com:9000`. If the variable is not set or empty, the
    /// source has no candidates.
    ///
    /// # Errors
    /// Fails with [`InvalidSeed`] if an element is not a host with a port.
    ///
    /// ```
    /// use ambit_dist::discovery::Seeds;
    /// assert!(Seeds::from_env().is_ok(), "the variable is not set here");
    /// ```
    pub fn from_env() -> Result<Self, InvalidSeed> {
        Self::from_variable(std::env::var_os(VARIABLE).as_deref())
    }

    fn from_variable(value: Option<&OsStr>) -> Result<Self, InvalidSeed> {
        let text = value.unwrap_or_default().to_string_lossy();
        let seeds = Self::from_str(&text);
        seeds.map_err(|error| InvalidSeed {
            variable: Some(VARIABLE),
            ..error
        })
    }

    fn of(seeds: Vec<SeedAddress>) -> Self {
        let (mut fixed, mut names) = (Vec::new(), Vec::new());
        for seed in seeds {
            match seed {
                SeedAddress::Address(address) => fixed.push(address),
                SeedAddress::Host(host) => names.push(host),
            }
        }
        Self {
            fixed,
            names: HostPoll::new(names),
            has_begun: false,
        }
    }

    /// Sets the time between two lookups of the names; the default is 5 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.names.schedule.interval = interval;
        self
    }

    /// Replaces the resolver of the operating system with `lookup`, which receives the host and the port, like
    /// [`Dns::resolve_with`](crate::discovery::Dns::resolve_with).
    #[must_use]
    pub fn resolve_with<F, L>(mut self, lookup: F) -> Self
    where
        F: Fn(String, u16) -> L + Send + Sync + 'static,
        L: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        self.names.resolver = Resolver::new(lookup);
        self
    }

    async fn following(&mut self) -> Option<Result<Vec<SocketAddr>, DiscoveryError>> {
        // The addresses need no lookup, and are dialled even if the names are unknown.
        if !std::mem::replace(&mut self.has_begun, true) && !self.fixed.is_empty() {
            return Some(Ok(self.fixed.clone()));
        }
        self.names.hosts().next()?;
        let found = self.names.next().await;
        Some(found.map(|mut found| {
            let mut set = self.fixed.clone();
            set.append(&mut found);
            set
        }))
    }
}

impl FromStr for Seeds {
    type Err = InvalidSeed;

    fn from_str(text: &str) -> Result<Self, InvalidSeed> {
        Ok(Self::of(SeedAddress::parse_list(text)?))
    }
}

impl Discovery for Seeds {
    fn next(&mut self) -> NextCandidates<'_> {
        Box::pin(self.following())
    }

    fn description(&self) -> String {
        let fixed = self.fixed.iter().map(ToString::to_string);
        let names = self.names.hosts();
        let names = names.map(|host| format!("{}:{}", host.name, host.port));
        let all: Vec<String> = fixed.chain(names).collect();
        match all.is_empty() {
            true => "no seeds".to_owned(),
            false => format!("seeds {}", all.join(", ")),
        }
    }
}

impl fmt::Debug for Seeds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_variable_may_be_missing_or_empty_and_is_named_in_errors() {
        for empty in [None, Some(OsStr::new("")), Some(OsStr::new(" , "))] {
            let seeds = Seeds::from_variable(empty).unwrap();
            assert_eq!(seeds.description(), "no seeds");
        }
        let seeds = Seeds::from_variable(Some(OsStr::new("b.test:2,10.0.0.1:1"))).unwrap();
        assert_eq!(seeds.description(), "seeds 10.0.0.1:1, b.test:2");
        let error = Seeds::from_variable(Some(OsStr::new("10.0.0.1:1,b.test"))).unwrap_err();
        assert_eq!(
            error.to_string(),
            "environment variable AMBIT_SEEDS: `b.test` is not a seed: write a host and a port, as in `node-1.example.com:9000`, `10.0.0.1:9000` or `[::1]:9000`, and separate seeds by commas"
        );
    }
}
