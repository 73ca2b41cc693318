//! The trait of a transport, and the types for dialling and accepting connections.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;

use super::connection::Connection;
use super::error::{AcceptError, DialError};
use super::stream::BoxFuture;

/// A local address that dials other nodes and accepts their connections.
///
/// ```
/// use ambit_dist::transport::{Dial, Memory, Transport};
/// /// Accepts one connection, and returns the text that it sends.
/// async fn receive(transport: &dyn Transport) -> Option<Vec<u8>> {
///     let connection = transport.accept().await?.finish().await.ok()?;
///     let mut stream = connection.accept_uni().await.ok()?;
///     stream.read().await.ok()?.map(Vec::from)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// let dial = Dial { address: b.local_addr(), server_name: "any.prod.ambit".to_owned() };
/// let (received, _connection) = tokio::join!(receive(&b), async {
///     let connection = a.dial(dial).await.ok()?;
///     connection.open_uni().await.ok()?.write("hello".into()).await.ok()?;
///     Some(connection)
/// });
/// assert_eq!(received.as_deref(), Some(&b"hello"[..]));
/// # Ok(())
/// # }
/// ```
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Returns the local address, with the port that is in use.
    fn local_addr(&self) -> SocketAddr;

    /// Connects to a node and authenticates both ends. Wrap the future in a timeout.
    ///
    /// # Errors
    ///
    /// Fails with a [`DialError`]. The documentation of each variant states whether to retry.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt. The other node may have noticed it.
    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>>;

    /// Waits for the next incoming connection. Returns `None` once this transport is closed.
    ///
    /// [`Incoming::finish`] authenticates the connection. Call it in a separate task, so that a slow handshake does not
    /// delay the next connection.
    ///
    /// # Cancel safety
    ///
    /// No connection is lost when the future is dropped.
    fn accept(&self) -> BoxFuture<'_, Option<Incoming>>;

    /// Closes every connection with [`CloseCode::GoAway`](crate::wire::CloseCode::GoAway), accepts no further
    /// connections, and waits until the other nodes have been notified or cannot be reached.
    ///
    /// # Cancel safety
    ///
    /// The first poll closes the connections. Dropping the future later only stops the wait.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The target of a connection attempt.
///
/// ```
/// use ambit_dist::transport::{Dial, DialError, Memory, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let transport = Memory::new().bind("10.0.0.1:9000".parse()?)?;
/// let address = "10.0.0.2:9000".parse()?;
/// let dial = Dial { address, server_name: "any.prod.ambit".to_owned() };
/// assert_eq!(transport.dial(dial).await.err(), Some(DialError::Unreachable { address }));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The address at which the node listens.
    pub address: SocketAddr,
    /// The DNS name that the certificate of the node must contain: `any.prod.ambit` for each node of the cluster
    /// `prod`. The name of the node itself is checked later, in the handshake of ambit.
    pub server_name: String,
}

/// An incoming connection before its authentication. Dropping it refuses the connection.
///
/// ```
/// use ambit_dist::transport::{Dial, DialError, Memory, Transport};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// let dial = Dial { address: b.local_addr(), server_name: "any.prod.ambit".to_owned() };
/// let (dialled, from) = tokio::join!(a.dial(dial), async {
///     // Dropping the incoming connection refuses it.
///     b.accept().await.expect("open").remote_addr()
/// });
/// assert_eq!(from, a.local_addr());
/// assert!(matches!(dialled, Err(DialError::Closed { .. })));
/// # Ok(())
/// # }
/// ```
pub struct Incoming {
    remote: SocketAddr,
    handshake: BoxFuture<'static, Result<Box<dyn Connection>, AcceptError>>,
}

impl Incoming {
    /// Creates an incoming connection from the address `remote`. The future `handshake` completes its handshake.
    pub fn new(
        remote: SocketAddr,
        handshake: impl Future<Output = Result<Box<dyn Connection>, AcceptError>> + Send + 'static,
    ) -> Self {
        Self {
            remote,
            handshake: Box::pin(handshake),
        }
    }

    /// Returns the address of the other node. The address is not verified.
    #[must_use]
    pub fn remote_addr(&self) -> SocketAddr {
        self.remote
    }

    /// Completes the handshake, and returns the authenticated connection. Wrap the future in a timeout: the other side
    /// may never continue.
    ///
    /// # Errors
    ///
    /// Fails with an [`AcceptError`], which contains the cause.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future refuses the connection and frees its resources.
    pub async fn finish(self) -> Result<Box<dyn Connection>, AcceptError> {
        self.handshake.await
    }
}

impl fmt::Debug for Incoming {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Incoming")
            .field("remote", &self.remote)
            .finish_non_exhaustive()
    }
}
