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

/// Servers of one type that a local supervisor runs on members of the cluster. Each server is started on the member
/// that the [`Placement`] chooses. When the connection to this member is lost, the server is started on another member;
/// this does not count as a restart. If a server ends for another reason, the supervisor applies its restart policy,
/// and a restart chooses the member anew.
///
/// The type must be [exposed](Node::expose) on every member that may be chosen. A server is linked to the supervisor's
/// child: if this node ends or is cut off, its servers on other members end as soon as those members detect the loss of
/// the connection, after [`Timeouts::silence`](crate::Timeouts::silence) at the latest, 3 s by default. Until then, a
/// partition can leave the old server running next to its replacement. To protect a resource from both, let the
/// resource number the starts and reject requests with an earlier number (a fencing token).
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
    /// Returns an empty set of servers, which will run on members of the cluster of `node` that `placement` chooses. A
    /// start on a member may take 5 s, unless [`start_timeout`](Self::start_timeout) sets another limit.
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

    /// Returns a new, empty set of servers with this time limit for a start on a member; 5 s by default. When the limit
    /// expires, the member stops the server, and the next member is tried. Children of `self` are not affected.
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

    /// Returns the spec of a child for any supervisor; set its restart policy, backoff and shutdown as for a local
    /// child. `args` is a tuple with the arguments of the server's `#[init]`, and is cloned for each start.
    ///
    /// A start fails with a [`PlaceError`](crate::PlaceError): `NoMember` if no connected member fits, `Start` if the
    /// `#[init]` failed or no fitting member started the server in time, `IdInUse` if the id is in use, or `Left` if this
    /// node has left the cluster. If no member fits after the loss of the server's member, the child keeps running and
    /// tries again every 250 ms, until this node leaves.
    pub fn child_spec<A>(&self, id: impl Into<String>, args: A) -> ChildSpec<PlacedServer<S>>
    where
        A: ArgsOf<S, S::Args> + Clone + Send + Sync + 'static,
    {
        let id = id.into();
        let args = MakeArgs::<S>::new(move || args.clone().into_args());
        PlacedServer::child_spec(self.settings.clone(), id.clone(), args).id(id)
    }

    /// Returns a handle that looks up the server with this id at each send, so it follows restarts and moves to other
    /// members.
    #[must_use]
    pub fn via(&self, id: impl Into<String>) -> <S::Protocol as Protocol>::Subject {
        Subject::<S::Protocol>::via(self, id.into())
    }

    /// Returns a handle to the server with this id. Returns `None` if no such server exists, or while it is being
    /// started or waits for a member.
    #[must_use]
    pub fn whereis(&self, id: impl AsRef<str>) -> Option<<S::Protocol as Protocol>::Subject> {
        let subject = self.settings.table.subject(id.as_ref());
        subject.map(Into::into)
    }

    /// Returns the member on which the server with this id runs. Returns `None` if no such server exists, or while it
    /// is being started or waits for a member.
    #[must_use]
    pub fn node_of(&self, id: impl AsRef<str>) -> Option<NodeName> {
        self.settings.table.node_of(id.as_ref())
    }

    /// Returns the ids of all servers, sorted, each with the member on which the server runs, or `None` while it is
    /// being started or waits for a member.
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
        Some(self.settings.table.next_change(id))
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
