//! The servers that a supervisor places on members.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ambit::message::ArgsOf;
use ambit::registry::Resolve;
use ambit::server::{Protocol, Subject};
use ambit::supervisor::ChildSpec;

use crate::node::Node;
use crate::node::id::NodeName;
use crate::placement::server::{MakeArgs, PlacedServer, Settings};
use crate::placement::strategy::Placement;
use crate::placement::table::PlacedTable;
use crate::remote_processes::start::Startable;
use crate::transport::BoxFuture;

/// The time that the start of a server may take on a member, unless set otherwise.
const START_TIMEOUT: Duration = Duration::from_secs(5);

/// Servers of one type that a local supervisor runs on members of the cluster. Each child is started on the member that
/// the [`Placement`] chooses. When the connection with its member is lost, it is started on another one; this is no
/// restart and does not count as one. A server that ends is restarted by the supervisor, on a newly chosen member.
///
/// The type must be [exposed](Node::expose) on every member that may be chosen. A server is linked to the supervisor's
/// child: if this node ends or is cut off, its servers on other members end as soon as they notice the loss of the
/// connection, after [`Timeouts::silence`](crate::Timeouts::silence) at the latest. Until then a partition lets a
/// server run on both sides. If only one of them may change something, number the starts where it is kept, and refuse
/// requests with an earlier number.
///
/// ```
/// use ambit::prelude::*;
/// use ambit_dist::transport::Memory;
/// use ambit_dist::{Node, PlacedServers, Placement};
///
/// struct Counter { value: u64 }
/// #[gen_server(remote = "shop.counter")]
/// impl Counter {
///     #[init] fn new(value: u64) -> Self { Self { value } }
///     #[call] fn add(&mut self, amount: u64) -> u64 { self.value += amount; self.value }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let node = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// node.expose::<Counter>();
/// let counters = PlacedServers::<Counter>::new(&node, Placement::least_loaded());
/// let supervisor = DynamicSupervisor::builder().start().await?;
/// supervisor.start_child(counters.child_spec("tea", (40,))).await?;
/// assert_eq!(counters.via("tea").add(2).await?, 42);
/// assert_eq!(counters.node_of("tea").as_ref(), Some(node.name()));
/// # Ok(())
/// # }
/// ```
pub struct PlacedServers<S: Startable> {
    settings: Arc<Settings<S>>,
}

impl<S: Startable> PlacedServers<S> {
    /// Returns servers without a child yet, which start on the members of the cluster of `node`. A start on a member
    /// may take 5 s, unless [`start_timeout`](Self::start_timeout) sets another limit.
    #[must_use]
    pub fn new(node: &Node, placement: Placement) -> Self {
        Self {
            settings: Arc::new(Settings {
                node: node.clone(),
                placement,
                start_timeout: START_TIMEOUT,
                table: PlacedTable::new(),
            }),
        }
    }

    /// Returns other servers, without a child, whose starts may take this long on a member; 5 s by default. When the
    /// time is over, the member stops the server, and the next one is tried. Children of `self` are not affected.
    #[must_use]
    pub fn start_timeout(self, start_timeout: Duration) -> Self {
        let settings = &*self.settings;
        Self {
            settings: Arc::new(Settings {
                node: settings.node.clone(),
                placement: settings.placement.clone(),
                start_timeout,
                table: PlacedTable::new(),
            }),
        }
    }

    /// Returns the spec of a child for any supervisor: with its restart policy, backoff and shutdown. `args` are the
    /// arguments of the server's `#[init]`, as a tuple, which is cloned for each start.
    ///
    /// A start fails with a [`PlaceError`](crate::PlaceError): `NoMember` if no connected member fits, `Start` if the
    /// init failed or no fitting member started the server in time, or `IdInUse` if the id is in use. After the loss of
    /// its member, a server for which no member fits is tried again every 250 ms, and the child keeps running.
    pub fn child_spec<A>(&self, id: impl Into<String>, args: A) -> ChildSpec<PlacedServer<S>>
    where
        A: ArgsOf<S, S::Args> + Clone + Send + Sync + 'static,
    {
        let id = id.into();
        let args: MakeArgs<S> = Arc::new(move || args.clone().into_args());
        PlacedServer::child_spec(self.settings.clone(), id.clone(), args).id(id)
    }

    /// Returns a handle that looks the server up at each send. It follows restarts, and moves to other members.
    #[must_use]
    pub fn via(&self, id: impl Into<String>) -> <S::Protocol as Protocol>::Subject {
        Subject::<S::Protocol>::via(self, id.into())
    }

    /// Returns the server of this id, or `None` if there is no such server, or while it is being started or waits for a
    /// member.
    #[must_use]
    pub fn whereis(&self, id: impl AsRef<str>) -> Option<<S::Protocol as Protocol>::Subject> {
        let subject = self.settings.table.subject(id.as_ref());
        subject.map(Into::into)
    }

    /// Returns the member on which the server of this id runs. `None` if there is no such server, or while it is being
    /// started or waits for a member.
    #[must_use]
    pub fn node_of(&self, id: impl AsRef<str>) -> Option<NodeName> {
        self.settings.table.node_of(id.as_ref())
    }

    /// Returns the ids of all servers, sorted, each with the member on which it runs; `None` while it is being started
    /// or waits for a member.
    #[must_use]
    pub fn placed(&self) -> Vec<(String, Option<NodeName>)> {
        self.settings.table.all()
    }
}

impl<S: Startable> Resolve<S::Protocol> for PlacedServers<S> {
    type Key = String;

    fn resolve(&self, id: &String) -> Option<Subject<S::Protocol>> {
        self.settings.table.subject(id)
    }

    fn identity(&self) -> usize {
        Arc::as_ptr(&self.settings).addr()
    }

    fn __changed(&self, id: &String) -> Option<BoxFuture<'static, ()>> {
        Some(self.settings.table.next_start(id))
    }
}

impl<S: Startable> Clone for PlacedServers<S> {
    fn clone(&self) -> Self {
        Self {
            settings: self.settings.clone(),
        }
    }
}

impl<S: Startable> fmt::Debug for PlacedServers<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.placed()).finish()
    }
}
