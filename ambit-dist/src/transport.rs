//! What carries bytes between nodes: QUIC, memory, a simulated network, or something of your own.
//!
//! A [`Transport`] gives [`Connection`]s, and a connection gives streams: ordered, reliable, each with its own
//! back-pressure, so that a stream which waits does not stop the others. What the bytes mean is decided above; a
//! transport knows nothing of nodes and frames. [`Quic`] is what nodes use. [`Memory`] connects nodes of one program,
//! for tests.
//!
//! The traits are object safe and may be implemented outside of this crate, for networks that let no UDP through. What
//! such a transport owes: both ends have proved who they are before a connection comes out of [`Transport::dial`] or
//! [`Incoming::finish`], each stream keeps its order, and all of its queues are bounded.

mod connection;
mod error;
mod memory;
pub(crate) mod quic;
mod stream;

use std::fmt;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;

pub use self::connection::{Closed, Connection, TransportStats};
pub use self::error::{AcceptError, BindError, DialError};
pub use self::memory::{Memory, MemoryTransport, Pace};
pub use self::quic::{Quic, QuicSettings, SocketBuffers};
pub use self::stream::{ReadError, ReceiveHalf, SendHalf, WriteError};

/// A future behind a pointer, which may be sent to another thread.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The most bytes that one read gives: 64 KiB.
pub const MAX_CHUNK: usize = 64 * 1024;

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
