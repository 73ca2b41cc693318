//! The two halves of mutual TLS, as `rustls` wants them.

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

/// The protocol, as TLS is told. Nodes of another major version are refused there.
const ALPN: &[u8] = b"ambit/1";

/// What a node shows and trusts: TLS 1.3 with certificates on both sides, for a transport.
///
/// Both halves follow a [`Pki`](super::Pki) that is read again: connections made afterwards use the new certificates.
/// Nothing is resumed and nothing is sent early, because both could be replayed, and a cast must not run twice.
#[derive(Clone)]
#[non_exhaustive]
pub struct Credentials {
    /// For connections that come in.
    pub server: Arc<ServerConfig>,
    /// For connections that are dialled.
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
        // "Dangerous" is to bring a verifier: this one is webpki's, behind a lock that a reload goes through.
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&live) as _)
        .with_client_cert_resolver(live);
    config.alpn_protocols = vec![ALPN.to_vec()];
    config.enable_early_data = false;
    config.resumption = Resumption::disabled();
    config
}

/// Never the one of the process: with two of them in the tree there is none, or any.
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

/// Where time and randomness of credentials come from.
pub(crate) struct Sources {
    /// What the key of a certificate from a cookie is made of: with the node's name, so nodes may share one.
    pub(crate) leaf_seed: Zeroizing<[u8; 32]>,
    /// When certificates are judged.
    pub(crate) time: Arc<dyn TimeProvider>,
    /// What connections are encrypted with, and where its keys come from.
    pub(crate) provider: Arc<CryptoProvider>,
}

impl Sources {
    /// Those of the operating system.
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
