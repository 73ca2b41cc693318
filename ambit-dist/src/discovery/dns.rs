//! Candidates from the A and AAAA records of a name.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use crate::discovery::host_poll::{Host, HostPoll};
use crate::discovery::resolve::Resolver;
use crate::discovery::source::{Discovery, NextCandidates};

/// A source that finds nodes by the A and AAAA records of a host name. All nodes must listen on the same port.
///
/// The source looks up the name every 5 s with the resolver of the operating system, which also reads `/etc/hosts`.
/// While lookups fail, the last addresses remain candidates. Most resolvers treat a name without addresses as a
/// failure. A lookup fails after 10 s.
///
/// ```
/// use std::net::SocketAddr;
/// use std::time::Duration;
/// use ambit_dist::discovery::{Discovery, Dns};
///
/// # #[ambit::main]
/// # async fn main() {
/// let mut nodes = Dns::new("localhost", 9000).interval(Duration::from_secs(30));
/// let found = nodes.next().await.unwrap().unwrap();
/// assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 9000));
/// # }
/// ```
pub struct Dns {
    poll: HostPoll,
}

impl Dns {
    /// Returns a source that looks up `host`; all nodes listen on `port`.
    #[must_use]
    pub fn new(host: &str, port: u16) -> Self {
        let name = host.to_owned();
        let poll = HostPoll::new([Host { name, port }]);
        Self { poll }
    }

    /// Returns a source that looks up a headless service of Kubernetes, `service.namespace.svc.cluster.local`, whose
    /// pods listen on `port`.
    ///
    /// Set `clusterIP: None` in the service, so that its name has one address per pod. Set `publishNotReadyAddresses:
    /// true`, so that pods find each other before they are ready: otherwise a pod that waits for its cluster before it
    /// becomes ready waits forever. If the domain of the Kubernetes cluster is not `cluster.local`, use [`Dns::new`]
    /// with the full name.
    ///
    /// ```
    /// use ambit_dist::discovery::{Discovery, Dns};
    /// let pods = Dns::kubernetes("shop", "production", 9000);
    /// assert_eq!(pods.description(), "DNS shop.production.svc.cluster.local:9000");
    /// ```
    #[must_use]
    pub fn kubernetes(service: &str, namespace: &str, port: u16) -> Self {
        Self::new(&format!("{service}.{namespace}.svc.cluster.local"), port)
    }

    /// Sets the time between two lookups; the default is 5 s.
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.poll.schedule.interval = interval;
        self
    }

    /// Replaces the resolver of the operating system with `lookup`, which receives the host and the port. Use this in
    /// tests and simulations, or to look up nodes in your own inventory.
    ///
    /// ```
    /// use ambit_dist::discovery::{Discovery, Dns};
    ///
    /// # #[ambit::main]
    /// # async fn main() {
    /// let mut nodes = Dns::new("shop.test", 9000).resolve_with(|host, port| async move {
    ///     assert_eq!(host, "shop.test");
    ///     Ok(vec![([10, 0, 0, 1], port).into()])
    /// });
    /// assert_eq!(nodes.next().await.unwrap().unwrap(), ["10.0.0.1:9000".parse().unwrap()]);
    /// # }
    /// ```
    #[must_use]
    pub fn resolve_with<F, L>(mut self, lookup: F) -> Self
    where
        F: Fn(String, u16) -> L + Send + Sync + 'static,
        L: Future<Output = io::Result<Vec<SocketAddr>>> + Send + 'static,
    {
        self.poll.resolver = Resolver::new(lookup);
        self
    }
}

impl Discovery for Dns {
    fn next(&mut self) -> NextCandidates<'_> {
        Box::pin(async { Some(self.poll.next().await) })
    }

    fn description(&self) -> String {
        let hosts = self.poll.hosts();
        let hosts: Vec<String> = hosts
            .map(|host| format!("{}:{}", host.name, host.port))
            .collect();
        format!("DNS {}", hosts.join(", "))
    }
}

impl fmt::Debug for Dns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description())
    }
}
