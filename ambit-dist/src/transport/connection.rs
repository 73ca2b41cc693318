//! One connection between two nodes: its streams and its end.

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
    /// Returns the certificate with which the other node authenticated itself.
    fn peer_certificate(&self) -> Option<CertificateDer<'static>>;

    /// Returns that certificate first, then those between it and its authority, as far as the other node has presented
    /// them. A node verifies them again when its certificates are reloaded, and when they may have expired.
    ///
    /// By default, returns only the certificate.
    fn peer_certificates(&self) -> Vec<CertificateDer<'static>> {
        self.peer_certificate().into_iter().collect()
    }

    /// Returns whether the other node may claim any name without a certificate. Only a transport that never leaves the
    /// program returns true; by default, no node is trusted.
    fn is_trusted(&self) -> bool {
        false
    }

    /// Signals that the two nodes have agreed: from now on, the connection may hold as much incoming data as a session
    /// needs. A node calls this once per connection. Before that, a transport should hold little, because others may
    /// open many connections and agree on none.
    ///
    /// Does nothing by default.
    fn begin_session(&self) {}

    /// Returns the address of the other node.
    fn remote_addr(&self) -> SocketAddr;

    /// Opens a stream on which only this side writes. Waits while the other side allows no further stream. The other
    /// side sees the stream with its first bytes.
    ///
    /// # Errors
    ///
    /// Fails with the cause if the connection has ended.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no stream is opened.
    fn open_uni(&self) -> BoxFuture<'_, Result<Box<dyn SendHalf>, Closed>>;

    /// Waits for the next stream on which only the other side writes.
    ///
    /// # Errors
    ///
    /// Fails with the cause if the connection has ended and no stream is left.
    ///
    /// # Cancel safety
    ///
    /// No stream is lost when the future is dropped.
    fn accept_uni(&self) -> BoxFuture<'_, Result<Box<dyn ReceiveHalf>, Closed>>;

    /// Opens a stream on which both sides write, otherwise like [`open_uni`](Self::open_uni).
    ///
    /// # Errors
    ///
    /// Fails with the cause if the connection has ended.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped before it is ready, no stream is opened.
    #[allow(clippy::type_complexity, reason = "it returns both halves")]
    fn open_bi(&self) -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>>;

    /// Waits for the next stream of the other side on which both sides write.
    ///
    /// # Errors
    ///
    /// Fails with the cause if the connection has ended and no stream is left.
    ///
    /// # Cancel safety
    ///
    /// No stream is lost when the future is dropped.
    #[allow(clippy::type_complexity, reason = "it returns both halves")]
    fn accept_bi(&self)
    -> BoxFuture<'_, Result<(Box<dyn SendHalf>, Box<dyn ReceiveHalf>), Closed>>;

    /// Closes the connection at once, and sends the reason to the other side. Data that was written and not yet read
    /// may be lost, so the side that reads last should close. Only the first call counts.
    fn close(&self, code: CloseCode, text: &str);

    /// Waits until the connection has ended, and returns the cause. May be called repeatedly.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when the future is dropped.
    fn closed(&self) -> BoxFuture<'_, Closed>;

    /// Returns the measurements of the connection so far.
    fn stats(&self) -> TransportStats;
}

/// The measurements of a connection since its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TransportStats {
    /// The latest estimate of the round-trip time. Zero in memory.
    pub rtt: Duration,
    /// Bytes sent, including all overhead.
    pub bytes_sent: u64,
    /// Bytes received, including all overhead.
    pub bytes_received: u64,
    /// Packets that were lost and sent again.
    pub lost_packets: u64,
    /// The largest packet on this path, in bytes. Zero if the transport has no packets.
    pub mtu: u16,
}

impl TransportStats {
    /// Returns the measurements of a transport that counts only bytes.
    #[must_use]
    pub fn counted(bytes_sent: u64, bytes_received: u64) -> Self {
        Self {
            bytes_sent,
            bytes_received,
            ..Self::default()
        }
    }
}
