//! The trait of a connection between two nodes, and its measurements.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::error::Closed;
use super::stream::{BoxFuture, ReceiveHalf, SendHalf};
use crate::wire::CloseCode;

/// A connection to another node.
///
/// A connection closes with [`CloseCode::Normal`] when the value and all of its streams are dropped.
///
/// ```
/// # use ambit_dist::transport::{Dial, Memory, Transport};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let (a, b) = (network.bind("10.0.0.1:1".parse()?)?, network.bind("10.0.0.2:1".parse()?)?);
/// use ambit_dist::transport::{Closed, Connection};
/// use ambit_dist::wire::CloseCode;
///
/// # let dial = Dial { address: b.local_addr(), server_name: "b.test.ambit".to_owned() };
/// # let accepting = async { b.accept().await.expect("open").finish().await };
/// # let (dialled, accepted) = tokio::join!(a.dial(dial), accepting);
/// let (dialled, accepted): (Box<dyn Connection>, Box<dyn Connection>) = (dialled?, accepted?);
/// let (mut question, mut answer) = dialled.open_bi().await?;
/// question.write("ping".into()).await?;
/// let (mut reply, mut request) = accepted.accept_bi().await?;
/// assert_eq!(request.read().await?.as_deref(), Some(&b"ping"[..]));
/// reply.write("pong".into()).await?;
/// assert_eq!(answer.read().await?.as_deref(), Some(&b"pong"[..]));
///
/// dialled.close(CloseCode::GoAway, "maintenance");
/// assert_eq!(accepted.closed().await, Closed::by_peer(CloseCode::GoAway, b"maintenance"));
/// # Ok(())
/// # }
/// ```
pub trait Connection: fmt::Debug + Send + Sync + 'static {
    /// Returns the certificate with which the other node authenticated itself, if it presented one.
    fn peer_certificate(&self) -> Option<CertificateDer<'static>>;

    /// Returns the certificate of the other node, followed by the intermediate certificates that the node presented.
    /// This node verifies them again when certificates are reloaded, and periodically because they may have expired.
    ///
    /// By default, returns only [`peer_certificate`](Self::peer_certificate).
    fn peer_certificates(&self) -> Vec<CertificateDer<'static>> {
        self.peer_certificate().into_iter().collect()
    }

    /// Returns whether the other node may claim any name without a certificate. Only a transport whose connections
    /// never leave the program may return true. Returns false by default.
    fn is_trusted(&self) -> bool {
        false
    }

    /// Notifies the transport that the handshake of the nodes has succeeded: from now on, the connection may buffer as
    /// much incoming data as a session needs. A node calls this method once per connection. Before the call, a
    /// transport should buffer little, because a peer may open many connections without completing a handshake.
    ///
    /// Does nothing by default.
    fn begin_session(&self) {}

    /// Returns the address of the other node.
    fn remote_addr(&self) -> SocketAddr;

    /// Opens a stream on which only this side writes. Waits while the other side allows no further stream. The other
    /// side accepts the stream when its first bytes arrive.
    ///
    /// # Errors
    ///
    /// Fails with [`Closed`], the cause, if the connection has ended.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no stream is opened.
    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>>;

    /// Waits for the next stream that the other side has opened with [`open_uni`](Self::open_uni).
    ///
    /// # Errors
    ///
    /// Fails with [`Closed`], the cause, if the connection has ended and no stream is left to accept.
    ///
    /// # Cancel safety
    ///
    /// No stream is lost when the future is dropped.
    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>>;

    /// Opens a stream on which both sides write. Works like [`open_uni`](Self::open_uni) otherwise.
    ///
    /// # Errors
    ///
    /// Fails with [`Closed`], the cause, if the connection has ended.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no stream is opened.
    #[allow(clippy::type_complexity, reason = "it returns both halves")]
    fn open_bi(&self) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>>;

    /// Waits for the next stream that the other side has opened with [`open_bi`](Self::open_bi).
    ///
    /// # Errors
    ///
    /// Fails with [`Closed`], the cause, if the connection has ended and no stream is left to accept.
    ///
    /// # Cancel safety
    ///
    /// No stream is lost when the future is dropped.
    #[allow(clippy::type_complexity, reason = "it returns both halves")]
    fn accept_bi(&self)
    -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>>;

    /// Closes the connection immediately, and sends the code and text to the other side. Data that the other side has
    /// not read yet may be lost, so the side that reads last should close the connection. Later calls have no effect.
    fn close(&self, code: CloseCode, text: &str);

    /// Waits until the connection has ended, and returns the cause. Every call returns the same cause.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future only stops the wait.
    fn closed(&self) -> BoxFuture<'_, Closed>;

    /// Returns the measurements of the connection so far.
    fn stats(&self) -> TransportStats;
}

/// The measurements of a connection since its start.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::transport::TransportStats;
///
/// /// Returns the rate at which bytes were sent between two measurements, in bytes per second.
/// fn rate(before: &TransportStats, after: &TransportStats, between: Duration) -> f64 {
///     (after.bytes_sent - before.bytes_sent) as f64 / between.as_secs_f64()
/// }
///
/// let (before, after) = (TransportStats::counted(1_000, 0), TransportStats::counted(5_000, 0));
/// assert_eq!(rate(&before, &after, Duration::from_secs(2)), 2_000.0);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportStats {
    /// The latest estimate of the round-trip time; zero for [`Memory`](super::Memory).
    pub rtt: Duration,
    /// The number of bytes sent, including all overhead.
    pub bytes_sent: u64,
    /// The number of bytes received, including all overhead.
    pub bytes_received: u64,
    /// The number of packets that the transport considered lost.
    pub lost_packets: u64,
    /// The maximum size of a packet on the current path, in bytes; zero if the transport has no packets.
    pub mtu: u16,
}

impl TransportStats {
    /// Creates measurements that contain only numbers of bytes, for a transport that measures nothing else.
    #[must_use]
    pub fn counted(bytes_sent: u64, bytes_received: u64) -> Self {
        Self {
            bytes_sent,
            bytes_received,
            ..Self::default()
        }
    }
}
