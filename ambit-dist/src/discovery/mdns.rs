//! Candidates from multicast DNS in the local network.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use mdns_sd::{ResolvedService, ScopedIp, ServiceEvent};

use crate::discovery::error::DiscoveryError;
use crate::discovery::mdns_announcement::{Announcement, CLUSTER};
use crate::discovery::mdns_daemon::{Daemon, Seen};
use crate::discovery::source::{Discovery, LocalNode, NextCandidates};

/// The UDP port of multicast DNS.
const PORT: u16 = 5353;

/// The maximum number of nodes.
const NODES: usize = 1024;

/// A source that finds the nodes of the same cluster in the local network by multicast DNS, and announces this node.
/// Requires the feature `mdns`.
///
/// The service is `_ambit._udp.local.`; its TXT record contains the name of the cluster. The node is announced with its
/// advertised addresses, or with all addresses of the machine if it listens on all interfaces and advertises none. An
/// address is announced only on the interfaces of its network. The source finds at most 1,024 nodes, and runs multicast
/// DNS in a separate thread.
///
/// Most routers do not forward multicast, and it rarely works in containers and clouds. Without multicast, the source
/// finds no nodes, and the node logs one warning; combine this source with others. All machines of the local network
/// see the announcement: the names of the node and the cluster, and the addresses.
///
/// ```no_run
/// use ambit_dist::{Auth, Node};
/// use ambit_dist::discovery::MulticastDns;
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let node = Node::builder("a")
///     .listen("0.0.0.0:9000")
///     .auth(Auth::cookie(std::env::var("AMBIT_COOKIE")?))
///     .discover(MulticastDns::new())
///     .start()
///     .await?;
/// # Ok(())
/// # }
/// ```
pub struct MulticastDns {
    port: u16,
    interfaces: Vec<IpAddr>,
    /// The name of the cluster and the announcements of the node, once it has started.
    local: Option<(String, Vec<Announcement>)>,
    daemon: Option<Daemon>,
    /// The nodes of the cluster, by their full service name.
    found: BTreeMap<String, Vec<SocketAddr>>,
}

impl MulticastDns {
    /// Returns a source that uses all interfaces of the machine.
    #[must_use]
    pub fn new() -> Self {
        Self {
            port: PORT,
            interfaces: Vec::new(),
            local: None,
            daemon: None,
            found: BTreeMap::new(),
        }
    }

    /// Sets the network interfaces to use, by their IP addresses. By default, the source uses all interfaces.
    ///
    /// ```
    /// use ambit_dist::discovery::MulticastDns;
    /// let lan = MulticastDns::new().interfaces(["192.168.1.7".parse().unwrap()]);
    /// ```
    #[must_use]
    pub fn interfaces(mut self, interfaces: impl IntoIterator<Item = IpAddr>) -> Self {
        self.interfaces = interfaces.into_iter().collect();
        self
    }

    /// Sets the UDP port; the default is 5353, the port of multicast DNS. Nodes find each other only on the same port.
    /// Use another port in tests.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    async fn following(&mut self) -> Result<Vec<SocketAddr>, DiscoveryError> {
        let Some((cluster, announcements)) = &self.local else {
            return Err(DiscoveryError::new(
                "multicast DNS is not used by a node: pass the source to `NodeBuilder::discover`",
            ));
        };
        let daemon = match &mut self.daemon {
            Some(daemon) => daemon,
            none => {
                // A restarted daemon finds all nodes again.
                self.found.clear();
                none.insert(Daemon::start(self.port, &self.interfaces, announcements)?)
            }
        };
        loop {
            let is_changed = match daemon.next().await {
                Ok(Seen::Service(ServiceEvent::ServiceResolved(service))) => {
                    resolved(&mut self.found, &service, cluster)
                }
                Ok(Seen::Service(ServiceEvent::ServiceRemoved(_, name))) => {
                    self.found.remove(&name).is_some()
                }
                Ok(Seen::Service(_)) => false,
                Ok(Seen::Failed(error)) => return Err(error),
                Err(error) => {
                    self.daemon = None;
                    return Err(error);
                }
            };
            if is_changed {
                return Ok(self.found.values().flatten().copied().collect());
            }
        }
    }
}

/// Stores a node if it belongs to the cluster. Returns true if the candidates have changed.
fn resolved(
    found: &mut BTreeMap<String, Vec<SocketAddr>>,
    service: &ResolvedService,
    cluster: &str,
) -> bool {
    let name = service.get_fullname();
    if service.get_property_val_str(CLUSTER) != Some(cluster) {
        return found.remove(name).is_some();
    }
    if found.len() >= NODES && !found.contains_key(name) {
        return false;
    }
    let addresses = service.get_addresses().iter();
    let mut addresses: Vec<SocketAddr> = addresses
        .map(|ip| address(ip, service.get_port()))
        .collect();
    addresses.sort_unstable();
    let before = found.insert(name.to_owned(), addresses.clone());
    before.as_ref() != Some(&addresses)
}

/// Returns the address, with the interface of a link-local one.
fn address(ip: &ScopedIp, port: u16) -> SocketAddr {
    match ip {
        ScopedIp::V6(six) if six.addr().is_unicast_link_local() => {
            SocketAddrV6::new(*six.addr(), port, 0, six.scope_id().index).into()
        }
        ip => SocketAddr::new(ip.to_ip_addr(), port),
    }
}

impl Default for MulticastDns {
    fn default() -> Self {
        Self::new()
    }
}

impl Discovery for MulticastDns {
    fn next(&mut self) -> NextCandidates<'_> {
        Box::pin(async { Some(self.following().await) })
    }

    fn begin(&mut self, node: &LocalNode<'_>) {
        let cluster = node.cluster.as_str().to_owned();
        self.local = Some((cluster, Announcement::all(node)));
    }

    fn description(&self) -> String {
        "multicast DNS _ambit._udp.local.".to_owned()
    }
}

impl fmt::Debug for MulticastDns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.description())
    }
}
