//! How QUIC is set up between nodes.

use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{NoInitialCipherSuite, QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, EndpointConfig, IdleTimeout, ServerConfig, TransportConfig, VarInt};

use super::{seeded, window};
use crate::auth::Credentials;

/// What one stream may have in flight: 4 MiB.
const STREAM_WINDOW: u32 = 4 << 20;
/// What a connection may have received and not yet read, on all streams: 32 MiB. QUIC itself sets no bound.
pub(super) const RECEIVE_WINDOW: u32 = 32 << 20;
/// The same until a session begins: more than the greetings of both, and little enough for every unfinished handshake.
const FIRST_WINDOW: u32 = 64 << 10;
const UNI_STREAMS: u32 = 64;
const BI_STREAMS: u32 = 32;

/// How many handshakes that nobody has looked at yet may wait.
const MAX_INCOMING: usize = 256;
/// What is kept of a handshake until somebody looks at it: nothing is sent early, so it is little.
const INCOMING_BUFFER: u64 = 16 << 10;
const INCOMING_BUFFERS: u64 = 1 << 20;

/// The times and sizes of [`Quic`](super::Quic) that may be changed.
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
    /// After so long without a sign of life a connection is given up: 10 s. The lower one of both nodes holds.
    pub idle_timeout: Duration,
    /// A connection on which nothing is said gives a sign of life this often: 3 s. Well below the idle time.
    pub keep_alive: Duration,
    /// What the system is asked to buffer for the socket, in each direction, in bytes: 4 MiB.
    pub socket_buffer: usize,
    /// How many handshakes may be unfinished before others must first show that their address is theirs: 32.
    pub handshakes_before_retry: usize,
    /// How many handshakes may be unfinished in all: 256. Others are refused.
    pub max_handshakes: usize,
    /// How many of them may be of one address: 16. An address is one of IPv4, or a network of 64 bits of IPv6. It may have
    /// more while less than half of [`max_handshakes`](Self::max_handshakes) are unfinished, so that many nodes of one
    /// machine may start at once. What is above it is refused and logged.
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

/// What an endpoint is made of.
pub(super) struct Configs {
    pub(super) endpoint: EndpointConfig,
    pub(super) server: ServerConfig,
    pub(super) client: ClientConfig,
}

impl Configs {
    /// With a seed, for a simulated network, whose packets are all of one size.
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
        // It is fitted to the line later.
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
