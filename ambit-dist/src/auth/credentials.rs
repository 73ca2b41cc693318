//! The two halves of mutual TLS as `rustls` configurations.

use std::fmt;
use std::sync::Arc;

use rustls::client::Resumption;
use rustls::server::NoServerSessionStorage;
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};

use super::current::CurrentTls;
use super::sources::Sources;

/// The protocol name in TLS. TLS refuses nodes of another major version.
const ALPN: &[u8] = b"ambit/1";

/// The TLS configuration of a node, for a transport: TLS 1.3 with certificates on both sides.
///
/// Both halves follow replacements of the certificates or cookies: later connections use the new ones. Session
/// resumption and early data are disabled: early data can be replayed, and a cast must not run twice.
///
/// ```
/// use ambit_dist::{Auth, Cookie, Credentials};
///
/// let auth: Auth = Auth::cookie(Cookie::generate()?).into();
/// let Credentials { server, client, .. } = auth.credentials(&"a".parse()?, &"shop".parse()?)?;
/// assert_eq!(server.alpn_protocols, client.alpn_protocols);
/// assert_eq!(server.max_early_data_size, 0);
/// assert!(!client.enable_early_data);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Credentials {
    /// The configuration for incoming connections.
    pub server: Arc<ServerConfig>,
    /// The configuration for dialled connections.
    pub client: Arc<ClientConfig>,
}

impl Credentials {
    pub(super) fn new(live: Arc<CurrentTls>, sources: &Sources) -> Self {
        Self {
            server: Arc::new(server(Arc::clone(&live), sources)),
            client: Arc::new(client(live, sources)),
        }
    }
}

fn server(live: Arc<CurrentTls>, sources: &Sources) -> ServerConfig {
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

fn client(live: Arc<CurrentTls>, sources: &Sources) -> ClientConfig {
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

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}
