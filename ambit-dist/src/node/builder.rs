//! The configuration of a node.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use ambit::system::System;

use crate::auth::Auth;
use crate::codecs::any::AnyCodec;
use crate::discovery::Discovery;
use crate::membership::member_id::Profile;
use crate::node::Node;
use crate::node::address::ToAddress;
use crate::node::admission::{Admission, Admit, Candidate};
use crate::node::error::NodeError;
use crate::node::id::Incarnation;
use crate::node::reconnect::{Network, Reconnect};
use crate::node::timeouts::Timeouts;
use crate::transport::Transport;
use crate::wire::Limits;

/// The configuration of a [`Node`] that is not started yet, from [`Node::builder`].
///
/// ```
/// use ambit_dist::{Node, Reconnect, Timeouts};
/// # use ambit_dist::transport::Memory;
/// use std::time::Duration;
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
/// // On real machines: `.listen("10.0.0.1:9000").auth(Auth::cookie(secret))` instead of `transport`.
/// let node = Node::builder("a")
///     .cluster("shop")
///     .role("web")
///     .timeouts(Timeouts::default().heartbeat(Duration::from_secs(2)))
///     .reconnect(Reconnect::Once)
///     .transport(transport)
///     .start()
///     .await?;
/// assert_eq!(node.name().as_str(), "a");
/// assert_eq!(node.membership().local().role(), "web");
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `start`"]
pub struct NodeBuilder {
    pub(super) name: String,
    pub(super) cluster: String,
    pub(super) listen: Result<SocketAddr, NodeError>,
    pub(super) advertise: Result<Vec<SocketAddr>, NodeError>,
    pub(super) seeds: Result<Vec<SocketAddr>, NodeError>,
    pub(super) sources: Vec<Box<dyn Discovery>>,
    pub(super) allowed: Result<Vec<Network>, NodeError>,
    pub(super) auth: Option<Auth>,
    pub(super) transport: Option<Arc<dyn Transport>>,
    pub(super) admit: Option<Admit>,
    pub(super) limits: Limits,
    pub(super) timeouts: Timeouts,
    pub(super) codec: AnyCodec,
    pub(super) reconnect: Reconnect,
    pub(super) system: Option<System>,
    pub(super) seed: Option<u64>,
    pub(super) incarnation: Option<Incarnation>,
    pub(super) profile: Profile,
    pub(super) is_hidden: bool,
}

impl Node {
    /// Returns a builder for a node with this name: 1 to 63 lower-case letters, digits and hyphens, without a hyphen at
    /// either end, and unique in its cluster. If the name is invalid, the start fails with [`NodeError::Name`]. The
    /// name `any` is reserved, except with a custom [`transport`](NodeBuilder::transport).
    pub fn builder(name: &str) -> NodeBuilder {
        NodeBuilder::new(name)
    }
}

impl NodeBuilder {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            cluster: "ambit".to_owned(),
            listen: Ok(SocketAddr::from(([127, 0, 0, 1], 0))),
            advertise: Ok(Vec::new()),
            seeds: Ok(Vec::new()),
            sources: Vec::new(),
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
            profile: Profile::default(),
            is_hidden: false,
        }
    }

    /// Sets the name of the cluster, with the same syntax as the name of a node; the default is `ambit`. Nodes of
    /// different clusters never connect to each other.
    pub fn cluster(mut self, cluster: &str) -> Self {
        cluster.clone_into(&mut self.cluster);
        self
    }

    /// Sets the address to listen on; the default is `127.0.0.1:0`. With port 0, the operating system chooses a free
    /// port. Has no effect with a custom [`transport`](Self::transport), which has its own listening address.
    pub fn listen(mut self, address: impl ToAddress) -> Self {
        self.listen = address.to_address().map_err(NodeError::from);
        self
    }

    /// Adds an address at which other nodes can dial this one. Call this if the address differs from the listening
    /// address: behind address translation, or when the node listens on all interfaces. By default, the node advertises
    /// its listening address, or no address if it listens on all interfaces. Each call adds an address; other nodes
    /// receive the first 16.
    pub fn advertise(mut self, address: impl ToAddress) -> Self {
        match (&mut self.advertise, address.to_address()) {
            (Ok(all), Ok(address)) => all.push(address),
            (_, Err(error)) => self.advertise = Err(error.into()),
            (Err(_), Ok(_)) => {}
        }
        self
    }

    /// Sets how nodes authenticate each other. Required, except with a custom [`transport`](Self::transport), where it
    /// has no effect.
    pub fn auth(mut self, auth: impl Into<Auth>) -> Self {
        self.auth = Some(auth.into());
        self
    }

    /// Sets the role of this node, for example `web`, which other members can read; empty by default. A
    /// [`Placement`](crate::Placement::with_role) can restrict servers to the members of a role. Role and tags together
    /// may have at most 512 bytes; if they have more, the start fails with [`NodeError::Tags`].
    pub fn role(mut self, role: &str) -> Self {
        role.clone_into(&mut self.profile.role);
        self
    }

    /// Adds a tag to this node, for example its zone, which other members can read. A second call with the same key
    /// replaces the value. Role and tags together may have at most 512 bytes; see [`role`](Self::role).
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.profile.tags.insert(key.to_owned(), value.to_owned());
        self
    }

    /// Makes this node hidden: it is not a member of the cluster, and sees none of its members, names or groups. It has
    /// connections only to nodes that it dials or that dial it. Use this for tools that inspect a single node. (Erlang:
    /// `-hidden`.)
    pub fn hidden(mut self) -> Self {
        self.is_hidden = true;
        self
    }

    /// Sets a hook that decides, in addition to the certificates, which nodes may connect: for example from an
    /// inventory or a list of names. By default, all nodes that [`auth`](Self::auth) accepts may connect.
    ///
    /// The hook runs for each connection, dialled or accepted, after the other node has proved its name. It runs again
    /// for each open connection every 2 s, and after each reload of certificates, so a new refusal takes effect within
    /// a few seconds. The connection to a refused node is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined) and the reason. The hook runs in the task of the
    /// node and must not block. If it panics, the candidate is refused. Each call of `admit` replaces the earlier hook.
    /// See [`Node::refuse`] to refuse a single name.
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

    /// Sets the addresses that the node dials on its own, according to [`reconnect`](Self::reconnect); none by default.
    /// Each call replaces the earlier addresses. The node skips its own address.
    pub fn seeds<A: ToAddress>(mut self, seeds: impl IntoIterator<Item = A>) -> Self {
        let seeds = seeds.into_iter().map(|seed| seed.to_address());
        self.seeds = seeds.collect::<Result<_, _>>().map_err(NodeError::from);
        self
    }

    /// Adds a source of addresses to dial, in addition to the seeds. Each call adds one source. See
    /// [`discovery`](crate::discovery) for the available sources; [`Node::discovery`] returns their state.
    ///
    /// ```
    /// # use ambit_dist::{Node, transport::Memory};
    /// use ambit_dist::discovery::Seeds;
    /// # #[ambit::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let transports = (network.bind("10.0.0.1:9000".parse()?)?, network.bind("10.0.0.2:9000".parse()?)?);
    /// // All nodes have the same list. The order in which they start does not matter.
    /// let list = "10.0.0.1:9000,10.0.0.2:9000";
    /// let a = Node::builder("a").transport(transports.0).discover(list.parse::<Seeds>()?).start().await?;
    /// let mut events = a.events();
    /// let b = Node::builder("b").transport(transports.1).discover(list.parse::<Seeds>()?).start().await?;
    /// events.next().await;
    /// assert!(a.peer("b").is_some());
    /// # Ok(())
    /// # }
    /// ```
    pub fn discover(mut self, source: impl Discovery) -> Self {
        self.sources.push(Box::new(source));
        self
    }

    /// Sets which connections the node opens on its own; [`Reconnect::Always`] by default.
    pub fn reconnect(mut self, reconnect: Reconnect) -> Self {
        self.reconnect = reconnect;
        self
    }

    /// Sets the networks that the node may dial, for example `["10.0.0.0/8", "::1"]`. By default, or with an empty
    /// list, it may dial all addresses. Each call replaces the earlier networks. Incoming connections are not
    /// restricted.
    pub fn allow_addresses<'a>(mut self, networks: impl IntoIterator<Item = &'a str>) -> Self {
        let networks = networks.into_iter().map(str::parse);
        self.allowed = networks
            .collect::<Result<_, _>>()
            .map_err(NodeError::Network);
        self
    }

    /// Sets the limits on the memory and connections that other nodes can use. [`Limits`] lists the defaults.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the timeouts of connections. [`Timeouts`] lists the defaults.
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// Sets the preferred encoding of messages; the default is bincode. If two nodes prefer different encodings, they
    /// use the one that the dialling node prefers.
    pub fn codec(mut self, codec: AnyCodec) -> Self {
        self.codec = codec;
        self
    }

    /// Replaces QUIC with a custom transport. The node listens at the address of the transport, and needs no
    /// [`auth`](Self::auth) because the transport authenticates the peers. The certificates of open connections are not
    /// verified again when they expire; an [admit hook](Self::admit) still runs.
    pub fn transport(mut self, transport: impl Transport) -> Self {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// Sets the [`System`] whose processes other nodes can reach. By default, the node uses the
    /// [current](System::current) system of its [`start`](Self::start).
    pub fn system(mut self, system: System) -> Self {
        self.system = Some(system);
        self
    }

    /// Sets the seed of the node's random number generator; by default, the seed is random. Secrets are never derived
    /// from it.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the incarnation of the node; by default, it is derived from the machine's clock. Use this with another
    /// clock, for example in a simulation. The milliseconds of the incarnation must be the time of the start by the
    /// clock of the cluster: they also determine which of two conflicting registrations of a name is older.
    pub fn incarnation(mut self, incarnation: Incarnation) -> Self {
        self.incarnation = Some(incarnation);
        self
    }
}

impl fmt::Debug for NodeBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NodeBuilder")
            .field("name", &self.name)
            .field("cluster", &self.cluster)
            .finish_non_exhaustive()
    }
}
