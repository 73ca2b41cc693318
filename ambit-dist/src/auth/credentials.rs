//! The two halves of mutual TLS as `rustls` configurations.

use std::fmt;
use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};
use rustls::client::Resumption;
use rustls::crypto::CryptoProvider;
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::{DefaultTimeProvider, TimeProvider};
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};
use zeroize::Zeroizing;

use super::error::AuthError;
use super::live::Live;

/// The protocol name in TLS. TLS refuses nodes of another major version.
const ALPN: &[u8] = b"ambit/1";

/// The TLS configuration of a node for a transport: TLS 1.3 with certificates on both sides.
///
/// Both halves follow reloads of a [`Pki`](super::Pki): later connections use the new certificates. Session resumption and
/// early data are disabled, because both can be replayed and a cast must not run twice.
#[derive(Clone)]
#[non_exhaustive]
pub struct Credentials {
    /// For incoming connections.
    pub server: Arc<ServerConfig>,
    /// For dialled connections.
    pub client: Arc<ClientConfig>,
}

impl Credentials {
    pub(super) fn new(live: Arc<Live>, sources: &Sources) -> Self {
        Self {
            server: Arc::new(server(Arc::clone(&live), sources)),
            client: Arc::new(client(live, sources)),
        }
    }
}

fn server(live: Arc<Live>, sources: &Sources) -> ServerConfig {
    let (provider, time) = (sources.provider.clone(), sources.time.clone());
    let mut config = ServerConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&TLS13])
        .expect("every provider has TLS 1.3")
        .with_client_cert_verifier(Arc::clone(&live) as _)
        .with_cert_resolver(live);
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.max_early_data_size = 0;
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config
}

fn client(live: Arc<Live>, sources: &Sources) -> ClientConfig {
    let (provider, time) = (sources.provider.clone(), sources.time.clone());
    let mut config = ClientConfig::builder_with_details(provider, time)
        .with_protocol_versions(&[&TLS13])
        .expect("every provider has TLS 1.3")
        // A custom verifier counts as "dangerous". This one is webpki's, behind a lock so that it can be reloaded.
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&live) as _)
        .with_client_cert_resolver(live);
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_early_data = false;
    config.resumption = Resumption::disabled();
    config
}

/// Returns an explicit provider. The default of the process is ambiguous when the build contains two.
pub(super) fn provider() -> Arc<CryptoProvider> {
    #[cfg(feature = "aws-lc-rs")]
    return Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    #[cfg(not(feature = "aws-lc-rs"))]
    Arc::new(rustls::crypto::ring::default_provider())
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// The sources of time and randomness of credentials.
pub(crate) struct Sources {
    /// The seed of the node's key when its certificate is derived from a cookie. The key also depends on the node's name,
    /// so nodes can share a seed.
    pub(crate) leaf_seed: Zeroizing<[u8; 32]>,
    /// The clock by which certificates are verified.
    pub(crate) time: Arc<dyn TimeProvider>,
    /// The cipher suites of connections and the source of their keys.
    pub(crate) provider: Arc<CryptoProvider>,
}

impl Sources {
    /// Returns the sources of the operating system.
    pub(crate) fn system() -> Result<Self, AuthError> {
        let mut leaf_seed = Zeroizing::new([0; 32]);
        fill_random(leaf_seed.as_mut_slice())?;
        Ok(Self {
            leaf_seed,
            time: Arc::new(DefaultTimeProvider),
            provider: provider(),
        })
    }
}

pub(super) fn fill_random(bytes: &mut [u8]) -> Result<(), AuthError> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| AuthError::Randomness)
}
