//! The trait of all discovery sources.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use crate::discovery::error::DiscoveryError;
use crate::node::id::{ClusterName, NodeName};

/// The future that [`Discovery::next`] returns.
pub type NextCandidates<'a> =
    Pin<Box<dyn Future<Output = Option<Result<Vec<SocketAddr>, DiscoveryError>>> + Send + 'a>>;

/// A source of candidates: addresses at which other nodes of the cluster may listen.
///
/// A node calls [`begin`](Self::begin) once, and then [`next`](Self::next) repeatedly in a separate task. Each set of
/// candidates is complete and replaces the previous set of this source:
///
/// - The node dials each new address like a seed, except its own and those outside
///   [`allow_addresses`](crate::NodeBuilder::allow_addresses).
/// - The node forgets an address that no source lists any more. An open connection to it stays open; after a loss, the
///   node dials the address up to 16 more times, which takes about a minute.
/// - The node dials at most [`Limits::peers`](crate::Limits) addresses, 256 by default. Earlier sources, and earlier
///   addresses in a set, take precedence. The node logs one warning when the limit is reached.
/// - With [`Reconnect::Never`](crate::Reconnect::Never), the node dials no candidates.
///
/// Candidates are only dialled. TLS decides which nodes may connect.
///
/// ```
/// use std::net::SocketAddr;
/// use ambit_dist::Node;
/// use ambit_dist::discovery::{Discovery, DiscoveryError, NextCandidates};
/// # use ambit_dist::transport::Memory;
/// use tokio::sync::watch;
///
/// /// Follows a list that another part of the program maintains.
/// struct Inventory(watch::Receiver<Vec<SocketAddr>>);
///
/// impl Discovery for Inventory {
///     fn next(&mut self) -> NextCandidates<'_> {
///         Box::pin(async {
///             self.0.changed().await.ok()?;
///             Some(Ok(self.0.borrow_and_update().clone()))
///         })
///     }
/// }
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
/// # let other = network.bind("10.0.0.2:9000".parse()?)?;
/// let (list, inventory) = watch::channel(vec![]);
/// let a = Node::builder("a").transport(transport).discover(Inventory(inventory)).start().await?;
/// let b = Node::builder("b").transport(other).start().await?;
/// let mut events = a.events();
/// list.send(vec![b.local_addr()])?;
/// events.next().await;
/// assert!(a.peer("b").is_some());
/// # Ok(())
/// # }
/// ```
pub trait Discovery: Send + 'static {
    /// Waits for the next complete set of candidates and returns it, in order of preference. Implementations return
    /// when the set differs from the previous one, or when the source works again after an error. Returning `None` ends
    /// the source; its last set remains in use.
    ///
    /// # Errors
    /// Fails with a [`DiscoveryError`] if the source currently cannot list candidates; the last set remains in use.
    /// Return the error without a delay: the node waits before the next call, for 100 ms at first, doubling up to 10 s.
    ///
    /// # Cancel safety
    /// Implementations must be cancel safe: dropping the future loses no set, and the next call continues.
    fn next(&mut self) -> NextCandidates<'_>;

    /// Passes the node that uses the source, before the first call of [`next`](Self::next). A source that also
    /// announces the node needs its addresses. The default implementation does nothing.
    fn begin(&mut self, node: &LocalNode<'_>) {
        let _ = node;
    }

    /// Returns a description for logs and [`Node::discovery`](crate::Node::discovery). The default implementation
    /// returns the name of the type.
    fn description(&self) -> String {
        std::any::type_name::<Self>().to_owned()
    }
}

impl<D: Discovery + ?Sized> Discovery for Box<D> {
    fn next(&mut self) -> NextCandidates<'_> {
        (**self).next()
    }

    fn begin(&mut self, node: &LocalNode<'_>) {
        (**self).begin(node);
    }

    fn description(&self) -> String {
        (**self).description()
    }
}

/// The node that uses a [`Discovery`] source.
///
/// ```
/// # use ambit_dist::Node;
/// use ambit_dist::discovery::{Discovery, LocalNode, NextCandidates};
/// # use ambit_dist::transport::Memory;
/// # use tokio::sync::mpsc::UnboundedSender;
/// /// Announces the node, and finds none.
/// struct Announcement(UnboundedSender<String>);
///
/// impl Discovery for Announcement {
///     fn begin(&mut self, node: &LocalNode<'_>) {
///         let _ = self.0.send(format!("{} of {} listens at {}", node.name, node.cluster, node.listening));
///     }
///     fn next(&mut self) -> NextCandidates<'_> { Box::pin(async { None }) }
/// }
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let transport = Memory::new().bind("10.0.0.1:9000".parse()?)?;
/// # let (sender, mut announced) = tokio::sync::mpsc::unbounded_channel();
/// # let node = Node::builder("a").cluster("shop").transport(transport).discover(Announcement(sender)).start().await?;
/// assert_eq!(announced.recv().await.as_deref(), Some("a of shop listens at 10.0.0.1:9000"));
/// # drop(node);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct LocalNode<'a> {
    /// The name of the node.
    pub name: &'a NodeName,
    /// The name of the cluster.
    pub cluster: &'a ClusterName,
    /// The listening address, with the port that the operating system chose if the node was configured with port 0. Its
    /// IP address may be unspecified (`0.0.0.0`).
    pub listening: SocketAddr,
    /// The addresses at which other nodes can dial this one. Empty if the node listens on all interfaces and
    /// [`advertise`](crate::NodeBuilder::advertise) was not called.
    pub advertised: &'a [SocketAddr],
}

impl fmt::Debug for LocalNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalNode({} at {})", self.name, self.listening)
    }
}
