//! One end of a network: the trait of a transport, and the connections that it dials and accepts.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;

use super::connection::Connection;
use super::error::{AcceptError, DialError};
use super::stream::BoxFuture;

/// Dials other nodes and accepts their connections, at one local address.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// Returns the address at which other nodes reach this one, with the port that is in use.
    fn local_addr(&self) -> SocketAddr;

    /// Connects to a node. Wrap it in a timeout.
    ///
    /// # Errors
    ///
    /// Fails with a [`DialError`], which distinguishes the causes and states which of them may be retried.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the attempt; the other node may have seen it.
    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>>;

    /// Waits for the next connection from another node; `None` once this transport is closed.
    ///
    /// [`Incoming::finish`] authenticates the connection. Run it elsewhere, so that a slow connection does not delay
    /// the next one.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    fn accept(&self) -> BoxFuture<'_, Option<Incoming>>;

    /// Closes every connection with [`CloseCode::GoAway`](crate::wire::CloseCode::GoAway), accepts no more, and waits
    /// until the other nodes have been notified or cannot be.
    ///
    /// # Cancel safety
    ///
    /// The first poll closes; dropping the future only stops the wait.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// The target of a connection attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// The address at which the node listens.
    pub address: SocketAddr,
    /// The name that its certificate must be for, such as `shop-1.prod.ambit`.
    pub server_name: String,
}

/// A connection from another node before authentication. Dropping it refuses the connection.
pub struct Incoming {
    remote: SocketAddr,
    handshake: BoxFuture<'static, Result<Box<dyn Connection>, AcceptError>>,
}

impl Incoming {
    /// Creates a connection from this address, with the rest of its handshake.
    pub fn new(
        remote: SocketAddr,
        handshake: impl Future<Output = Result<Box<dyn Connection>, AcceptError>> + Send + 'static,
    ) -> Self {
        Self {
            remote,
            handshake: Box::pin(handshake),
        }
    }

    /// Returns the address of the other node, which is not verified yet.
    #[must_use]
    pub fn remote_addr(&self) -> SocketAddr {
        self.remote
    }

    /// Completes the handshake. Wrap it in a timeout: the other side may never continue.
    ///
    /// # Errors
    ///
    /// Fails with an [`AcceptError`] that reports the cause.
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
