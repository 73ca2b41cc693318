//! One connection between two nodes: streams, and how it ends.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::BoxFuture;
use super::stream::{ReceiveHalf, SendHalf};
use crate::wire::CloseCode;

/// The longest text of another node that is kept, in characters.
const MAX_TEXT: usize = 256;

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

/// How a connection ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Closed {
    /// This side closed it.
    #[error("closed by this node")]
    Local,
    /// The other side closed it.
    #[error("closed by the other node: {code}{}", after_colon(text))]
    Peer {
        /// Why.
        code: CloseCode,
        /// In its own words: at most 256 characters, none of which controls a terminal.
        text: String,
    },
    /// Nothing was heard for the idle time. Dial again.
    #[error("nothing was heard from the other node for the idle time")]
    TimedOut,
    /// The other side knows nothing of the connection: its program was restarted. Dial again.
    #[error("the other node was restarted and knows nothing of this connection")]
    Reset,
    /// The other side does not accept this node's certificate: it has another cookie or another CA.
    #[error(
        "the other node refuses this node's certificate ({0}): give both nodes the same cookie or CA"
    )]
    Certificate(String),
    /// The transport failed below all this.
    #[error("the transport failed: {0}")]
    Transport(String),
}

impl Closed {
    /// Closed by the other side with this code and text. The text is shortened and its control characters are dropped.
    #[must_use]
    pub fn by_peer(code: CloseCode, text: &[u8]) -> Self {
        let text = String::from_utf8_lossy(text);
        let shown = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT);
        Self::Peer {
            code,
            text: shown.collect(),
        }
    }
}

/// What follows a code if anything was said.
pub(super) fn after_colon(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!(": {text}")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_of_another_node_is_shortened_and_controls_no_terminal() {
        let text = format!("\u{1b}[31mred\r\n{}", "x".repeat(1000));
        let Closed::Peer { text, .. } = Closed::by_peer(CloseCode::Normal, text.as_bytes()) else {
            panic!("closed by the peer");
        };
        assert!(text.starts_with("[31mredxxx"), "{text}");
        assert_eq!(text.chars().count(), MAX_TEXT);
    }

    #[test]
    fn a_text_that_is_no_utf8_is_shown_as_far_as_it_goes() {
        let closed = Closed::by_peer(CloseCode::GoAway, b"bye\xff");
        assert_eq!(
            closed.to_string(),
            "closed by the other node: the node leaves: bye\u{fffd}"
        );
        let silent = Closed::by_peer(CloseCode::GoAway, b"");
        assert_eq!(
            silent.to_string(),
            "closed by the other node: the node leaves"
        );
    }
}
