//! The trait of all discovery sources.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

use crate::discovery::error::DiscoveryError;
use crate::node::id::{ClusterName, NodeName};

/// The future of [`Discovery::next`].
pub type NextCandidates<'a> =
    Pin<Box<dyn Future<Output = Option<Result<Vec<SocketAddr>, DiscoveryError>>> + Send + 'a>>;

/// A source of candidates: addresses at which other nodes of the cluster may listen.
///
/// A node calls [`begin`](Self::begin) once, and then [`next`](Self::next) repeatedly on a task of its own. Each set is
/// complete and replaces the previous set of this source:
///
/// - The node dials each new address like a seed, except its own and those outside
///   [`allow_addresses`](crate::NodeBuilder::allow_addresses).
/// - It forgets an address that no source lists any more. An open connection stays; after its loss the node dials the
///   address up to 16 more times, which takes about a minute.
/// - It dials no more addresses than [`Limits::peers`](crate::Limits), those of earlier sources and earlier in their
///   sets first. It logs one warning when the limit is reached.
/// - With [`Reconnect::Never`](crate::Reconnect::Never) it dials none.
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
    /// Returns the next complete set of candidates, in the order of preference. Waits until it differs from the
    /// previous set, or until the source works again after an error. `None` ends the source; its last set remains.
    ///
    /// # Errors
    /// Fails if the source cannot list candidates now. The last set remains. Return without a delay of your own: the
    /// node waits before the next call, 100 ms at first, doubling to 10 s.
    ///
    /// # Cancel safety
    /// Implementations must be cancel safe: dropping the future loses no set, and the next call continues.
    fn next(&mut self) -> NextCandidates<'_>;

    /// Notifies the source of the node that uses it, before the first [`next`](Self::next). Sources that also announce
    /// the node need its addresses. The default does nothing.
    fn begin(&mut self, node: &LocalNode<'_>) {
        let _ = node;
    }

    /// Returns a description for logs and [`Node::discovery`](crate::Node::discovery). The default is the name of the
    /// type.
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
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct LocalNode<'a> {
    /// The name of the node.
    pub name: &'a NodeName,
    /// The name of its cluster.
    pub cluster: &'a ClusterName,
    /// The listening address, with the port chosen by the system. Its IP address may be unspecified (`0.0.0.0`).
    pub listening: SocketAddr,
    /// The addresses at which other nodes reach this one. Empty if the node listens on all interfaces and
    /// [`advertise`](crate::NodeBuilder::advertise) was not called.
    pub advertised: &'a [SocketAddr],
}

impl fmt::Debug for LocalNode<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LocalNode({} at {})", self.name, self.listening)
    }
}
