//! How a node is made.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use ambit::System;
use parking_lot::Mutex;
use tokio::sync::mpsc;

use crate::auth::{Auth, Judge, Sources};
use crate::codec::any::AnyCodec;
use crate::dice::Dice;
use crate::node::Node;
use crate::node::address::ToAddress;
use crate::node::admission::{Admission, Admit, Candidate};
use crate::node::error::NodeError;
use crate::node::events::Subscribers;
use crate::node::id::{ClusterName, Incarnation, NodeId, NodeName};
use crate::node::peers::{Peers, Rules};
use crate::node::reconnect::{Network, Reconnect};
use crate::node::shared::Shared;
use crate::node::timeouts::Timeouts;
use crate::node::{entropy, run};
use crate::remote::own::Own;
use crate::transport::{Quic, QuicSettings, Transport};
use crate::wire::Limits;

/// How many requests to a node wait for it at a time.
const COMMANDS: usize = 256;

/// Makes a [`Node`]; see [`Node::builder`].
#[must_use = "a builder starts nothing until `start`"]
pub struct NodeBuilder {
    name: String,
    cluster: String,
    listen: Result<SocketAddr, NodeError>,
    advertise: Result<Vec<SocketAddr>, NodeError>,
    seeds: Result<Vec<SocketAddr>, NodeError>,
    allowed: Result<Vec<Network>, NodeError>,
    auth: Option<Auth>,
    transport: Option<Arc<dyn Transport>>,
    admit: Option<Admit>,
    limits: Limits,
    timeouts: Timeouts,
    codec: AnyCodec,
    reconnect: Reconnect,
    system: Option<System>,
    seed: Option<u64>,
    incarnation: Option<Incarnation>,
}

impl NodeBuilder {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            cluster: "ambit".to_owned(),
            listen: Ok(SocketAddr::from(([127, 0, 0, 1], 0))),
            advertise: Ok(Vec::new()),
            seeds: Ok(Vec::new()),
            allowed: Ok(Vec::new()),
            auth: None,
            transport: None,
            admit: None,
            limits: Limits::default(),
            timeouts: Timeouts::default(),
            codec: AnyCodec::default(),
            reconnect: Reconnect::default(),
            system: None,
            seed: None,
            incarnation: None,
        }
    }

    /// The cluster it belongs to, `ambit` unless told otherwise. Nodes of different clusters never connect.
    pub fn cluster(mut self, cluster: &str) -> Self {
        cluster.clone_into(&mut self.cluster);
        self
    }

    /// Where it listens, `127.0.0.1:0` unless told otherwise; port 0 takes a free one.
    pub fn listen(mut self, address: impl ToAddress) -> Self {
        self.listen = address.to_address().map_err(NodeError::from);
        self
    }

    /// Where others reach it, where that is not the address it listens on: behind a translation of addresses, or where it
    /// listens on all of them. May be called more than once.
    pub fn advertise(mut self, address: impl ToAddress) -> Self {
        match (&mut self.advertise, address.to_address()) {
            (Ok(all), Ok(address)) => all.push(address),
            (_, Err(error)) => self.advertise = Err(error.into()),
            (Err(_), Ok(_)) => {}
        }
        self
    }

    /// How nodes know each other. Compulsory, unless they have a [`transport`](Self::transport) of their own.
    pub fn auth(mut self, auth: impl Into<Auth>) -> Self {
        self.auth = Some(auth.into());
        self
    }

    /// A hook that decides which nodes may connect, beside their certificates: for an inventory, a list of names, or a
    /// quarantine. All nodes that [`auth`](Self::auth) accepts, unless told otherwise.
    ///
    /// The hook is asked for each connection, dialled or not, once the other node has proved its name; again for each open
    /// connection every 2 s, and whenever certificates are reloaded. A node that it refuses is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined) and the reason, so a node that is refused from now on
    /// is disconnected within a few seconds. It runs on the task of the node: it must not block. If it panics the node is
    /// refused. Each call replaces an earlier hook. See [`Node::refuse`] for a single name.
    ///
    /// ```
    /// # use ambit_dist::{Admission, ConnectError, Node, transport::Memory};
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
    /// let a = Node::builder("a").transport(transport).admit(|candidate| {
    ///     match candidate.node.name.as_str().starts_with("shop-") {
    ///         true => Admission::Admit,
    ///         false => Admission::refuse("only nodes of the shop may connect"),
    ///     }
    /// });
    /// let a = a.start().await?;
    /// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
    /// let refused = b.connect(a.local_addr()).await;
    /// assert!(matches!(refused, Err(ConnectError::Quarantined { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn admit<F>(mut self, admit: F) -> Self
    where
        F: Fn(&Candidate<'_>) -> Admission + Send + Sync + 'static,
    {
        self.admit = Some(Admit::new(admit));
        self
    }

    /// Nodes that it connects to by itself, as [`reconnect`](Self::reconnect) says.
    pub fn seeds<A: ToAddress>(mut self, seeds: impl IntoIterator<Item = A>) -> Self {
        let seeds = seeds.into_iter().map(|seed| seed.to_address());
        self.seeds = seeds.collect::<Result<_, _>>().map_err(NodeError::from);
        self
    }

    /// Which connections it opens by itself: all that were lost, unless told otherwise.
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// Which addresses it may dial, as networks: `["10.0.0.0/8", "::1"]`. All, unless told otherwise.
    pub fn allow_addresses<'a>(mut self, networks: impl IntoIterator<Item = &'a str>) -> Self {
        let networks = networks.into_iter().map(str::parse);
        self.allowed = networks
            .collect::<Result<_, _>>()
            .map_err(NodeError::Network);
        self
    }

    /// How much it takes from others.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// How long it waits for others.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// The encoding it prefers for messages: bincode, unless told otherwise. Where two nodes prefer different ones, that of
    /// the one which dials is taken.
    pub fn codec(mut self, codec: AnyCodec) -> Self {
        self.codec = codec;
        self
    }

    /// What carries its bytes, in place of QUIC. It listens where the transport does, and needs no
    /// [`auth`](Self::auth): a transport proves which nodes are at its other ends. Certificates of open connections are then not
    /// judged again when they expire; an [admit hook](Self::admit) is asked all the same.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The system whose processes other nodes may reach: the current one, unless told otherwise.
    pub fn system(mut self, system: System) -> Self {
        self.system = Some(system);
        self
    }

    /// Where its random choices come from: another number in each run, unless told otherwise. No secret comes from it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Which life it is: that of this moment, unless told otherwise. For clocks that are not the machine's.
    pub fn incarnation(mut self, incarnation: Incarnation) -> Self {
        self.incarnation = Some(incarnation);
        self
    }

    /// Starts it on this runtime, and dials its seeds.
    ///
    /// # Errors
    /// [`NodeError`]. Nothing is left of it then.
    ///
    /// # Cancel safety
    /// Nothing is left of it when the future is dropped.
    pub async fn start(self) -> Result<Node, NodeError> {
        let name: NodeName = self.name.parse()?;
        let cluster: ClusterName = self.cluster.parse()?;
        if let Some(limit) = self.limits.zero() {
            return Err(NodeError::Limit { limit });
        }
        if let Some(timeout) = self.timeouts.zero() {
            return Err(NodeError::Timeout { timeout });
        }
        let (listen, seeds) = (self.listen?, self.seeds?);
        let (mut advertised, allowed) = (self.advertise?, self.allowed?);
        let system = match self.system {
            Some(system) => system,
            None => System::current().map_err(|_| NodeError::NoRuntime)?,
        };
        let (transport, judge) = match self.transport {
            Some(transport) => (transport, None),
            None => {
                let (quic, judge) = quic(self.auth, &name, &cluster, listen, &self.timeouts)?;
                (quic, Some(judge))
            }
        };
        let mut dice = Dice::new(self.seed.unwrap_or_else(entropy::seed));
        let incarnation = self.incarnation;
        let incarnation = incarnation.unwrap_or_else(|| entropy::incarnation(&mut dice));
        let id = NodeId { name, incarnation };
        if advertised.is_empty() && !transport.local_addr().ip().is_unspecified() {
            advertised.push(transport.local_addr());
        }
        let rules = Rules {
            reconnect: self.reconnect,
            peers: self.limits.peers,
        };
        let peers = Peers::new(id.clone(), rules, dice.roll());
        let shared = Arc::new(Shared {
            own: Own::new(id, &system),
            runtime: tokio::runtime::Handle::current(),
            cluster,
            transport,
            advertised,
            allowed,
            limits: self.limits,
            timeouts: self.timeouts,
            codec: self.codec,
            judge,
            admit: self.admit,
            subscribers: Arc::new(Subscribers::default()),
            table: Mutex::default(),
        });
        let (commands, asked) = mpsc::channel(COMMANDS);
        tokio::spawn(run::run(shared.clone(), peers, seeds, asked));
        Ok(Node::new(shared, commands))
    }
}

/// The transport of nodes that were not told otherwise.
fn quic(
    auth: Option<Auth>,
    name: &NodeName,
    cluster: &ClusterName,
    listen: SocketAddr,
    timeouts: &Timeouts,
) -> Result<(Arc<dyn Transport>, Judge), NodeError> {
    let auth = auth.ok_or(NodeError::NoAuth)?;
    auth.check_listen(listen)?;
    let (credentials, judge) = auth.identity(name, cluster, &Sources::system()?)?;
    let mut settings = QuicSettings::default();
    settings.idle_timeout = timeouts.idle;
    settings.keep_alive = settings.keep_alive.min(timeouts.idle / 3);
    let quic = Quic::bind(listen, &credentials, settings)?;
    Ok((Arc::new(quic), judge))
}

impl fmt::Debug for NodeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeBuilder")
            .field("name", &self.name)
            .field("cluster", &self.cluster)
            .finish_non_exhaustive()
    }
}
