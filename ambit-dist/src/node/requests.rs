//! The handle for requests to a node, remote or local, and the way to that node.

use std::fmt;
use std::sync::Arc;

use ambit::distribution::RemoteProxy;
use ambit::error::{CallError, Executed};
use ambit::process::Pid;

use crate::codecs::any::AnyCodec;
use crate::node::Node;
use crate::node::id::NodeName;
use crate::node::shared::Shared;
use crate::remote_processes::loopback::Loopback;
use crate::session::linked_starts::LinkedStart;

/// A handle for requests to one node, remote or local, from [`Node::on`].
///
/// ```
/// # use ambit_dist::{Node, transport::Memory};
/// #[ambit::rpc(name = "shop.greeting")]
/// fn greeting(name: String) -> String { format!("hello, {name}") }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
/// # let system = ambit::system::System::builder().build()?;
/// # let b = Node::builder("b").system(system).transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// // On node b:
/// b.expose_rpc::<greeting>();
///
/// // On node a:
/// let on_b = a.on("b");
/// assert!(on_b.call(greeting("Ada".to_owned())).await.is_err(), "b is not connected yet");
/// a.connect(b.local_addr()).await?;
/// assert_eq!(on_b.call(greeting("Ada".to_owned())).await?, "hello, Ada");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "it does nothing until a request is made"]
pub struct On {
    pub(super) shared: Arc<Shared>,
    pub(super) name: String,
}

impl Node {
    /// Returns a handle for requests to the node with this name. Each request looks up the connection, so the handle
    /// remains usable after a reconnect.
    ///
    /// The name of this node is also valid and needs no connection, so code that spreads work over nodes needs no
    /// special case. A local request is checked like a remote one: the type must be [exposed](Self::expose), the
    /// contracts must match, the size is limited by [`Limits::max_message`](crate::wire::Limits::max_message), and the
    /// errors are the same, except that `NoConnection` never occurs. To start a server on this node without exposing
    /// its type, use the server's own `start`.
    ///
    /// ```
    /// # use ambit::prelude::*;
    /// # use ambit_dist::{Node, transport::Memory};
    /// # pub struct Counter(u64);
    /// #[gen_server(remote = "shop.counter")]
    /// impl Counter {
    ///     #[init]
    ///     fn new(value: u64) -> Self { Self(value) }
    ///     #[call]
    ///     fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 }
    /// }
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let network = Memory::new();
    /// # let b_system = ambit::system::System::builder().build()?;
    /// # let a = Node::builder("a").transport(network.bind("10.0.0.1:9000".parse()?)?).start().await?;
    /// # let b = Node::builder("b").system(b_system).transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
    /// // On b:
    /// b.expose::<Counter>();
    /// // On a:
    /// a.connect(b.local_addr()).await?;
    /// let counter: CounterSubject = a.on("b").start::<Counter>((40,)).await?;
    /// assert_eq!(counter.add(2).await?, 42);
    /// # Ok(())
    /// # }
    /// ```
    pub fn on(&self, name: impl Into<String>) -> On {
        On {
            shared: self.shared().clone(),
            name: name.into(),
        }
    }
}

impl On {
    /// Returns the way to the node, or `None` if it is not connected.
    pub(super) fn route(&self) -> Option<RequestRoute> {
        let name: NodeName = self.name.parse().ok()?;
        if name == self.shared.node_context.id().name {
            let (loopback, node) = Loopback::new(&self.shared);
            return Some(RequestRoute {
                node,
                peer: RequestTarget::Local(loopback),
            });
        }
        let session = self.shared.session(&name)?;
        Some(RequestRoute {
            node: session.peer_incarnation().node(),
            peer: RequestTarget::Remote(name),
        })
    }
}

impl fmt::Debug for On {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "On({})", self.name)
    }
}

/// The way to a node: its remote proxy and the target of the request.
pub(super) struct RequestRoute {
    pub(super) node: Arc<RemoteProxy<AnyCodec>>,
    pub(super) peer: RequestTarget,
}

/// The target of a request.
pub(super) enum RequestTarget {
    Local(Arc<Loopback>),
    Remote(NodeName),
}

impl RequestTarget {
    /// Begins a linked start on another node.
    pub(super) fn begin_linked(&self, shared: &Shared, starter: Pid) -> Option<LinkedStart> {
        let Self::Remote(name) = self else {
            return None;
        };
        let session = shared.session(name)?;
        let starter = session.local_address(starter)?;
        Some(session.linked_starts.begin(starter))
    }

    /// Stops the server of a start whose answer may have arrived, but was not taken.
    pub(super) fn cancel_start(&self, shared: &Shared, id: u64) {
        if let Self::Remote(name) = self
            && let Some(session) = shared.session(name)
        {
            session.cancel_start(id);
        }
    }

    /// Confirms that the starter holds a subject of the server that it started.
    pub(super) fn claims(&self, shared: &Shared, server: Pid) {
        match self {
            Self::Local(loopback) => loopback.claims(),
            Self::Remote(name) => {
                if let Some(session) = shared.session(name) {
                    session.claims(server);
                }
            }
        }
    }
}

/// The error of a request to a node without a connection.
pub(super) const NOT_CONNECTED: CallError = CallError::NoConnection {
    executed: Executed::No,
};
