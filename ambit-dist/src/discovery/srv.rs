//! Candidates from SRV records.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use crate::discovery::error::DiscoveryError;
use crate::discovery::poll_schedule::PollSchedule;
use crate::discovery::source::{Discovery, NextCandidates};
use crate::discovery::srv_lookup::{SrvResolver, Target};
use crate::rt::JoinSet;

/// A source that finds nodes by SRV records, which contain a host and a port for each node. Requires the feature `srv`.
///
/// The source looks up the records every 5 s, without a cache, at the name servers of the system (`/etc/resolv.conf`).
/// The candidates are sorted by priority, lowest first, then by weight, highest first. The node dials all candidates;
/// the order only matters if there are more than [`Limits::peers`](crate::Limits). At most 256 records are used.
///
/// While lookups fail, the last candidates remain; if only the lookup of one host fails, its last addresses remain. A
/// lookup fails after 10 s.
///
/// ```no_run
/// use ambit_dist::{Auth, Node};
/// use ambit_dist::discovery::Srv;
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // In Kubernetes, a headless service has these records for its named ports.
/// let pods = Srv::new("_ambit._udp.shop.production.svc.cluster.local");
/// let node = Node::builder("a").auth(Auth::cookie(std::env::var("AMBIT_COOKIE")?)).discover(pods).start().await?;
/// # Ok(())
/// # }
/// ```
pub struct Srv {
    service: String,
    name_servers: Vec<SocketAddr>,
    schedule: PollSchedule,
    resolver: Option<SrvResolver>,
    /// The last addresses of each host.
    known: BTreeMap<String, Vec<IpAddr>>,
    /// The error to return next.
    error: Option<DiscoveryError>,
}

/// The records of one poll, and the addresses of their hosts.
struct Polled {
    targets: Vec<Target>,
    hosts: BTreeMap<String, Result<Vec<IpAddr>, String>>,
}

impl Srv {
    /// Returns a source that looks up the SRV records of `service`, such as `_ambit._udp.example.com`.
    #[must_use]
    pub fn new(service: &str) -> Self {
        Self {
            service: service.to_owned(),
            name_servers: Vec::new(),
            schedule: PollSchedule::new(),
            resolver: None,
            known: BTreeMap::new(),
            error: None,
        }
    }

    /// Sets the time between two lookups; the default is 5 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.schedule.interval = interval;
        self
    }

    /// Sets the name servers, which are queried over UDP, and over TCP for long answers. By default, the source uses
    /// the name servers of the system. If name servers are set, `/etc/hosts` and the search domains of the system are
    /// not used.
    ///
    /// ```
    /// use ambit_dist::discovery::Srv;
    /// let nodes = Srv::new("_ambit._udp.example.com").name_servers(["10.0.0.53:53".parse().unwrap()]);
    /// ```
    #[must_use]
    pub fn name_servers(mut self, name_servers: impl IntoIterator<Item = SocketAddr>) -> Self {
        self.name_servers = name_servers.into_iter().collect();
        self
    }

    async fn following(&mut self) -> Result<Vec<SocketAddr>, DiscoveryError> {
        loop {
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            self.schedule.wait().await;
            let polled = self.poll().await;
            // Nothing is changed before all answers are there, so dropping the future loses none.
            if let Some(changed) = self.apply(polled) {
                return Ok(changed);
            }
        }
    }

    async fn poll(&mut self) -> Result<Polled, String> {
        let resolver = match self.resolver.take() {
            Some(resolver) => resolver,
            None => SrvResolver::new(&self.name_servers)?,
        };
        let targets = resolver.records(&self.service).await?;
        let mut lookups = JoinSet::new();
        let mut hosts = BTreeMap::new();
        for Target { host, .. } in &targets {
            let missing = Err("the lookup panicked".to_owned());
            if hosts.insert(host.clone(), missing).is_none() {
                let (resolver, host) = (resolver.clone(), host.clone());
                lookups.spawn(async move {
                    let found = resolver.addresses(&host).await;
                    (host, found)
                });
            }
        }
        while let Some(answer) = lookups.join_next().await {
            hosts.extend(answer.ok());
        }
        self.resolver = Some(resolver);
        Ok(Polled { targets, hosts })
    }

    /// Applies the answers. Returns the set if it must be returned now.
    fn apply(&mut self, polled: Result<Polled, String>) -> Option<Vec<SocketAddr>> {
        let service = &self.service;
        let Polled { targets, hosts } = match polled {
            Ok(polled) => polled,
            Err(error) => {
                // The next resolver reads the configuration of the system again.
                self.resolver = None;
                self.fail(&format!("the SRV records of `{service}` ({error})"));
                return self.schedule.polled(None, true);
            }
        };
        let mut failed = Vec::new();
        let mut known = BTreeMap::new();
        for (host, found) in hosts {
            let last = self.known.remove(&host).unwrap_or_default();
            let addresses = found.unwrap_or_else(|error| {
                failed.push(format!("`{host}` ({error})"));
                last
            });
            known.insert(host, addresses);
        }
        self.known = known;
        let is_failing = !failed.is_empty();
        if is_failing {
            self.fail(&format!("{} of `{service}`", failed.join(", ")));
        }
        let addresses = targets.iter().flat_map(|target| {
            let known = self.known.get(&target.host).into_iter().flatten();
            known.map(|ip| SocketAddr::new(*ip, target.port))
        });
        let set = addresses.collect();
        self.schedule.polled(Some(set), is_failing)
    }

    fn fail(&mut self, what: &str) {
        self.error = Some(DiscoveryError::new(format!(
            "cannot look up {what}: check the name and the DNS server of this machine"
        )));
    }
}

impl Discovery for Srv {
    fn next(&mut self) -> NextCandidates<'_> {
        Box::pin(async { Some(self.following().await) })
    }

    fn description(&self) -> String {
        format!("SRV {}", self.service)
    }
}

impl fmt::Debug for Srv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description())
    }
}
