//! One connection between two nodes: streams, and how it ends.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::error::Closed;
use super::stream::{BoxFuture, ReceiveHalf, SendHalf};
use crate::wire::CloseCode;

/// A connection to another node.
///
/// It closes with [`CloseCode::Normal`] when it and all of its streams are dropped.
pub trait Connection: fmt::Debug + Send + Sync + 'static {
    /// The certificate by which the other node proved who it is.
    fn peer_certificate(&self) -> Option<CertificateDer<'static>>;

    /// That certificate first, then those between it and its authority, as far as the other node has shown them. A node
    /// judges them again when its certificates are reloaded, and when they may have expired.
    ///
    /// By default the certificate alone.
    fn peer_certificates(&self) -> Vec<CertificateDer<'static>> {
        self.peer_certificate().into_iter().collect()
    }

    /// Whether the other node may say any name without a certificate. Only a transport that never leaves the program
    /// says yes; by default nobody is trusted.
    fn is_trusted(&self) -> bool {
        false
    }

    /// Says that the two nodes have agreed: from now on the connection may hold as much of what the other side sends as a
    /// session needs. A node calls it once per connection. Until then a transport should hold little, because others may
    /// open many connections and agree on none.
    ///
    /// Does nothing by default.
    fn begin_session(&self) {}

    /// Where the other node is.
    fn remote_addr(&self) -> SocketAddr;

    /// Opens a stream on which only this side writes. Waits while the other side allows no further stream, and the
    /// other side sees the stream with its first bytes.
    ///
    /// # Errors
    ///
    /// How the connection ended, if it did.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, no stream is opened.
    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>>;

    /// Waits for the next stream on which only the other side writes.
    ///
    /// # Errors
    ///
    /// How the connection ended, if it did and no stream is left.
    ///
    /// # Cancel safety
    ///
    /// No stream is lost when the future is dropped.
    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>>;

    /// Opens a stream on which both sides write; otherwise as [`open_uni`](Self::open_uni).
    ///
    /// # Errors
    ///
    /// How the connection ended, if it did.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it is ready, no stream is opened.
    #[allow(clippy::type_complexity, reason = "two halves are what it gives")]
    fn open_bi(&self) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>>;

    /// Waits for the next stream of the other side on which both write.
    ///
    /// # Errors
    ///
    /// How the connection ended, if it did and no stream is left.
    ///
    /// # Cancel safety
    ///
    /// No stream is lost when the future is dropped.
    #[allow(clippy::type_complexity, reason = "two halves are what it gives")]
    fn accept_bi(&self)
    -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>>;

    /// Ends the connection at once and tells the other side why. What was written and not yet read may be lost, so
    /// whoever reads last should close. Only the first call counts.
    fn close(&self, code: CloseCode, text: &str);

    /// Waits until the connection has ended, and says how. May be called often.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    fn closed(&self) -> BoxFuture<'_, Closed>;

    /// What the connection has measured so far.
    fn stats(&self) -> TransportStats;
}

/// What a connection has measured since it began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportStats {
    /// The time to the other node and back, as lately estimated. Zero in memory.
    pub rtt: Duration,
    /// Bytes sent, with everything around them.
    pub bytes_sent: u64,
    /// Bytes received, with everything around them.
    pub bytes_received: u64,
    /// Packets that were lost on the way and sent again.
    pub lost_packets: u64,
    /// The largest packet on this path, in bytes. Zero where there are none.
    pub mtu: u16,
}

impl TransportStats {
    /// Those of a transport that counts only bytes.
    #[must_use]
    pub fn counted(bytes_sent: u64, bytes_received: u64) -> Self {
        Self {
            bytes_sent,
            bytes_received,
            ..Self::default()
        }
    }
}
