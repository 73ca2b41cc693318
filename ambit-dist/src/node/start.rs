//! The start of a node: checks the settings, and starts its tasks.

use std::net::SocketAddr;
use std::sync::Arc;

use ambit::system::System;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::auth::{Auth, CertificateRecheck, Sources};
use crate::discovery::{Discovery, LocalNode};
use crate::groups::state::ClusterGroups;
use crate::handshake::HEARTBEATS;
use crate::membership;
use crate::names::tables::NameTables;
use crate::node::Node;
use crate::node::builder::NodeBuilder;
use crate::node::connection_manager::{PeerSettings, Peers};
use crate::node::discovery_status::DiscoveryTable;
use crate::node::error::NodeError;
use crate::node::id::{ClusterName, Incarnation, NodeId, NodeName};
use crate::node::reconnect::Reconnect;
use crate::node::run::{self, NotifyOnDrop};
use crate::node::shared::Shared;
use crate::node::subscribers::Subscribers;
use crate::node::timeouts::Timeouts;
use crate::presence::registry::OpenTrackers;
use crate::remote_processes::node_context::NodeContext;
use crate::replication;
use crate::replication::shared::Replication;
use crate::rt;
use crate::rt::Rng;
use crate::session::channels::CLUSTER;
use crate::transport::{BoxFuture, Quic, QuicSettings, Transport};
use crate::wire::Limits;

/// The capacity of the queue of requests to a node.
const COMMANDS: usize = 256;

impl NodeBuilder {
    /// Starts the node on the current runtime and begins to dial its seeds and discovered addresses. Does not wait for
    /// a connection. (Erlang: `net_kernel:start/2`.)
    ///
    /// # Errors
    /// Fails with a [`NodeError`], and leaves no socket or task behind:
    /// - `Name` if the name of the node or of its cluster is invalid.
    /// - `Address` if a listening, advertised or seed address is a string that is not an IP address with a port.
    /// - `Network` if a string passed to `allow_addresses` is not a network.
    /// - `Limit` if a limit is 0.
    /// - `MaxMessage` if `Limits::max_message` is 1,024 bytes or less.
    /// - `Lanes` if `Limits::lanes` is above 32.
    /// - `Timeout` if a timeout is zero.
    /// - `Heartbeat` if the interval of heartbeats is below 1 ms or above 10 min.
    /// - `Probe` if the interval of probes is below 1 ms or above 10 min.
    /// - `Missed` if `Timeouts::missed` is below 2.
    /// - `Tags` if the role and tags have more than 512 bytes.
    /// - `NoAuth` if neither `auth` nor `transport` was called.
    /// - `Auth` if the credentials cannot be used.
    /// - `Bind` if the listening address is unavailable.
    /// - `NoRuntime` if the call is outside a tokio runtime.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. The first poll completes the start.
    pub async fn start(self) -> Result<Node, NodeError> {
        let name: NodeName = self.name.parse()?;
        let cluster: ClusterName = self.cluster.parse()?;
        check(&self.limits, &self.timeouts)?;
        let rules = peer_settings(self.reconnect, &self.limits);
        let (listen, seeds) = (self.listen?, self.seeds?);
        let (addresses, allowed) = (self.advertise?, self.allowed?);
        let system = system_or_current(self.system)?;
        let runtime = Handle::try_current().map_err(|_| NodeError::NoRuntime)?;
        let (transport, recheck) = match self.transport {
            Some(transport) => (transport, None),
            None => quic(self.auth, &name, &cluster, listen, &self.timeouts)?,
        };
        let mut rng = Rng::with_seed(self.seed.unwrap_or_else(rt::entropy));
        let id = node_id(name, self.incarnation, &mut rng);
        let advertised = advertised(addresses, &*transport);
        let mut sources = self.sources;
        let local_node = LocalNode {
            name: &id.name,
            cluster: &cluster,
            listening: transport.local_addr(),
            advertised: &advertised,
        };
        sources
            .iter_mut()
            .for_each(|source| source.begin(&local_node));
        let peers = Peers::new(id.clone(), rules, rng.u64(..));
        let profile = Arc::new(self.profile.complete(&advertised)?);
        let node_context = NodeContext::new(id, &system);
        let grace = self.timeouts.grace;
        let replication = Replication::new(node_context.clone(), grace, &self.limits, rng.u64(..));
        let replication = Arc::new(replication);
        #[cfg(feature = "sim")]
        crate::sim::made(Arc::<Replication>::downgrade(&replication) as _);
        let shared = Arc::new(Shared {
            node_context,
            runtime: runtime.clone(),
            cluster,
            transport,
            advertised,
            allowed,
            limits: self.limits,
            timeouts: self.timeouts,
            codec: self.codec,
            recheck,
            admit: self.admit,
            subscribers: Arc::new(Subscribers::default()),
            discovery: DiscoveryTable::new(sources.iter().map(|source| source.description())),
            table: Mutex::default(),
            features: if self.is_hidden { 0 } else { CLUSTER },
            profile,
            membership: Arc::default(),
            groups: ClusterGroups::new(&replication, runtime),
            replication,
            names: NameTables::default(),
            presence: OpenTrackers::default(),
        });
        Ok(start_tasks(&shared, peers, (seeds, sources), rng.u64(..)))
    }
}

fn system_or_current(system: Option<System>) -> Result<System, NodeError> {
    let system = system.map_or_else(System::current, Ok);
    system.map_err(|_| NodeError::NoRuntime)
}

/// Returns the addresses that the node advertises: the one that it listens on, if there are no others.
fn advertised(mut addresses: Vec<SocketAddr>, transport: &dyn Transport) -> Vec<SocketAddr> {
    if addresses.is_empty() && !transport.local_addr().ip().is_unspecified() {
        addresses.push(transport.local_addr());
    }
    addresses
}

fn node_id(name: NodeName, incarnation: Option<Incarnation>, rng: &mut Rng) -> NodeId {
    let incarnation = incarnation.unwrap_or_else(|| Incarnation::starting_now(rng));
    NodeId { name, incarnation }
}

fn peer_settings(reconnect: Reconnect, limits: &Limits) -> PeerSettings {
    PeerSettings {
        reconnect,
        peers: limits.peers,
    }
}

/// The highest number of lanes: with the other streams, a connection may have 64 in each direction.
const MAX_LANES: u8 = 32;

/// Refuses limits and timeouts with which no connection would last.
fn check(limits: &Limits, timeouts: &Timeouts) -> Result<(), NodeError> {
    if let Some(limit) = limits.zero() {
        return Err(NodeError::Limit { limit });
    }
    if limits.payload() == 0 {
        let max_message = limits.max_message;
        return Err(NodeError::MaxMessage { max_message });
    }
    let lanes = limits.lanes;
    if lanes > MAX_LANES {
        return Err(NodeError::Lanes { lanes });
    }
    if let Some(timeout) = timeouts.zero() {
        return Err(NodeError::Timeout { timeout });
    }
    let heartbeat = timeouts.heartbeat;
    if !HEARTBEATS.contains(&heartbeat) {
        return Err(NodeError::Heartbeat { heartbeat });
    }
    let probe = timeouts.probe;
    if !HEARTBEATS.contains(&probe) {
        return Err(NodeError::Probe { probe });
    }
    if timeouts.missed < 2 {
        let missed = timeouts.missed;
        return Err(NodeError::Missed { missed });
    }
    Ok(())
}

/// Starts the tasks of a node. `found` is where it looks for others, `seed` determines the random decisions of the
/// membership.
fn start_tasks(
    shared: &Arc<Shared>,
    peers: Peers,
    found: (Vec<SocketAddr>, Vec<Box<dyn Discovery>>),
    seed: u64,
) -> Node {
    let (commands, requests) = mpsc::channel(COMMANDS);
    let mut tasks: Vec<BoxFuture<'static, ()>> = Vec::new();
    let (membership, frames) = match shared.features & CLUSTER {
        0 => (None, mpsc::channel(1).1),
        _ => {
            let started = membership::start::start(shared, seed);
            tasks.push(started.task);
            (Some(started.link), started.sync_frames)
        }
    };
    tasks.push(Box::pin(replication::run::run(shared, frames)));
    let (seeds, sources) = found;
    rt::spawn(run::run(
        NotifyOnDrop::new(shared),
        peers,
        seeds,
        sources,
        requests,
        membership,
        tasks,
    ));
    Node::new(shared.clone(), commands)
}

/// Binds the default transport.
fn quic(
    auth: Option<Auth>,
    name: &NodeName,
    cluster: &ClusterName,
    listen: SocketAddr,
    timeouts: &Timeouts,
) -> Result<(Arc<dyn Transport>, Option<CertificateRecheck>), NodeError> {
    let auth = auth.ok_or(NodeError::NoAuth)?;
    auth.check_listen(listen)?;
    let (credentials, recheck) = auth.identity(name, cluster, &Sources::system()?)?;
    let mut settings = QuicSettings::default();
    settings.idle_timeout = timeouts.idle;
    settings.keep_alive = settings.keep_alive.min(timeouts.idle / 3);
    let quic = Quic::bind(listen, &credentials, settings)?;
    Ok((Arc::new(quic), Some(recheck)))
}
