//! One end of a network: the trait of a transport, and what it dials and accepts.

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;

use super::connection::Connection;
use super::error::{AcceptError, DialError};
use super::stream::BoxFuture;

/// Makes connections to other nodes and takes theirs, at one local address.
pub trait Transport: fmt::Debug + Send + Sync + 'static {
    /// The address at which other nodes reach this one, with the port that was really taken.
    fn local_addr(&self) -> SocketAddr;

    /// Connects to a node. Bound it with a time of your own.
    ///
    /// # Errors
    ///
    /// [`DialError`] tells each reason apart, and which of them may be retried.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the attempt up; the other node may have seen it.
    fn dial(&self, dial: Dial) -> BoxFuture<'static, Result<Box<dyn Connection>, DialError>>;

    /// Waits for the next connection that another node makes; `None` once this transport is closed.
    ///
    /// The connection still has to prove who it is, in [`Incoming::finish`]. Do that elsewhere, so that a slow one does
    /// not hold up the next.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    fn accept(&self) -> BoxFuture<'_, Option<Incoming>>;

    /// Closes every connection with [`CloseCode::GoAway`](crate::wire::CloseCode::GoAway), takes no more, and waits until
    /// the others have been told or cannot be.
    ///
    /// # Cancel safety
    ///
    /// The first poll closes; dropping the future only stops the waiting.
    fn close(&self) -> BoxFuture<'_, ()>;
}

/// Whom to connect to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dial {
    /// Where the node listens.
    pub address: SocketAddr,
    /// The name that its certificate must be for, such as `shop-1.prod.ambit`.
    pub server_name: String,
}

/// A connection that another node makes, before it has proved who it is. Dropping it refuses the connection.
pub struct Incoming {
    remote: SocketAddr,
    handshake: BoxFuture<'static, Result<Box<dyn Connection>, AcceptError>>,
}

impl Incoming {
    /// One from this address, with the rest of its handshake.
    pub fn new(
        remote: SocketAddr,
        handshake: impl Future<Output = Result<Box<dyn Connection>, AcceptError>> + Send + 'static,
    ) -> Self {
        Self {
            remote,
            handshake: Box::pin(handshake),
        }
    }

    /// Where it comes from. Nothing has proved that yet.
    #[must_use]
    pub fn remote_addr(&self) -> SocketAddr {
        self.remote
    }

    /// Runs the handshake to its end. Bound it with a time of your own: the other side may never go on.
    ///
    /// # Errors
    ///
    /// [`AcceptError`] says at what it failed.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future refuses the connection and frees what it held.
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
