//! The settings of QUIC between nodes.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, EndpointConfig, IdleTimeout, ServerConfig, TransportConfig, VarInt};

use super::{seeded, window};
use crate::auth::Credentials;

/// The maximum number of bytes in flight on one stream: 4 MiB.
const STREAM_WINDOW: u32 = 4 << 20;
/// The maximum number of bytes that a connection has received and not yet read, on all streams: 32 MiB. QUIC itself
/// sets no limit.
pub(super) const RECEIVE_WINDOW: u32 = 32 << 20;
/// The same until a session begins: more than the hello frames of both nodes, and little enough for every unfinished
/// handshake.
const FIRST_WINDOW: u32 = 64 << 10;
const UNI_STREAMS: u32 = 64;
const BI_STREAMS: u32 = 32;

/// The maximum number of handshakes that wait for a decision.
const MAX_INCOMING: usize = 256;
/// The maximum number of bytes of a handshake that are buffered until the decision. No data is sent early, so it is
/// small.
const INCOMING_BUFFER: u64 = 16 << 10;
const INCOMING_BUFFERS: u64 = 1 << 20;

/// The configurable times, sizes and limits of [`Quic`](super::Quic).
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::transport::QuicSettings;
///
/// let mut settings = QuicSettings::default();
/// settings.idle_timeout = Duration::from_secs(30);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct QuicSettings {
    /// The time without packets from the other node after which a connection is closed; 10 s by default. The lower
    /// value of the two nodes applies; zero is no limit.
    pub idle_timeout: Duration,
    /// The interval at which an idle connection sends keep-alive packets; 3 s by default. Keep it well below the idle
    /// timeout.
    pub keep_alive: Duration,
    /// The size of the socket buffer to request from the operating system, for each direction, in bytes; 4 MiB by
    /// default.
    pub socket_buffer: usize,
    /// The number of unfinished incoming handshakes from which further peers must first prove their address; 32 by
    /// default.
    pub handshakes_before_retry: usize,
    /// The maximum number of unfinished incoming handshakes; 256 by default. Further handshakes are refused.
    pub max_handshakes: usize,
    /// The maximum number of unfinished incoming handshakes per address that the peer has proved; 16 by default. An
    /// address is an IPv4 address, or an IPv6 network of 64 bits. The limit applies only while at least half of
    /// [`max_handshakes`](Self::max_handshakes) are unfinished, so that many nodes of one machine can start at the same
    /// time. Further handshakes are refused, and the first of them is logged.
    pub handshakes_per_address: usize,
}

impl Default for QuicSettings {
    fn default() -> Self {
        Self {
            idle_timeout: Duration::from_secs(10),
            keep_alive: Duration::from_secs(3),
            socket_buffer: 4 << 20,
            handshakes_before_retry: 32,
            max_handshakes: 256,
            handshakes_per_address: 16,
        }
    }
}

/// The configuration of an endpoint.
pub(super) struct Configs {
    pub(super) endpoint: EndpointConfig,
    pub(super) server: ServerConfig,
    pub(super) client: ClientConfig,
}

impl Configs {
    /// Creates the configuration. A seed is for a simulated network, whose packets all have one size.
    pub(super) fn new(
        tls: &Credentials,
        settings: &QuicSettings,
        seed: Option<[u8; 32]>,
    ) -> Result<Self, NoInitialCipherSuite> {
        let transport = Arc::new(transport(settings, seed.is_some()));
        let crypto = QuicServerConfig::try_from(tls.server.clone())?;
        let mut server = ServerConfig::with_crypto(Arc::new(crypto));
        server
            .transport_config(transport.clone())
            .migration(false)
            .max_incoming(MAX_INCOMING)
            .incoming_buffer_size(INCOMING_BUFFER)
            .incoming_buffer_size_total(INCOMING_BUFFERS);
        let crypto = QuicClientConfig::try_from(tls.client.clone())?;
        let mut client = ClientConfig::new(Arc::new(crypto));
        client.transport_config(transport);
        let mut endpoint = EndpointConfig::default();
        if let Some(seed) = seed {
            seeded::choose(seed, &mut endpoint, &mut server, &mut client);
        }
        Ok(Self {
            endpoint,
            server,
            client,
        })
    }
}

fn transport(settings: &QuicSettings, simulated: bool) -> TransportConfig {
    let mut config = TransportConfig::default();
    config
        .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
        .receive_window(VarInt::from_u32(FIRST_WINDOW))
        // Adapted to the path later.
        .send_window(window::LEAST)
        .max_concurrent_uni_streams(VarInt::from_u32(UNI_STREAMS))
        .max_concurrent_bidi_streams(VarInt::from_u32(BI_STREAMS))
        .max_idle_timeout(Some(milliseconds(settings.idle_timeout)))
        .keep_alive_interval(Some(settings.keep_alive))
        .datagram_receive_buffer_size(None);
    if simulated {
        config.mtu_discovery_config(None);
    }
    config
}

fn milliseconds(time: Duration) -> IdleTimeout {
    let millis = u32::try_from(time.as_millis()).unwrap_or(u32::MAX);
    IdleTimeout::from(VarInt::from_u32(millis))
}
