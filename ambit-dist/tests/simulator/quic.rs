//! QUIC between simulated hosts, with keys from the seed.

use std::sync::Arc;
use std::time::Duration;

use ambit_dist::sim::Host;
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, Connection, Endpoint, EndpointConfig, IdleTimeout, ServerConfig, TransportConfig,
    VarInt,
};
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

pub(crate) const PORT: u16 = 4_000;
/// The idle time after which a connection is closed.
pub(crate) const IDLE: Duration = Duration::from_secs(5);

/// Returns the shared key, whose holders are trusted.
fn key() -> PrivatePkcs8KeyDer<'static> {
    // PKCS #8 around an Ed25519 seed of 32 bytes.
    let mut der = vec![
        0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20,
    ];
    der.extend([7; 32]);
    der.into()
}

fn certificate() -> CertificateDer<'static> {
    let key = KeyPair::from_pkcs8_der_and_sign_algo(&key(), &PKCS_ED25519).unwrap();
    let params = CertificateParams::new(vec!["sim".into()]).unwrap();
    params.self_signed(&key).unwrap().into()
}

fn transport() -> Arc<TransportConfig> {
    let mut config = TransportConfig::default();
    config.max_idle_timeout(Some(IdleTimeout::try_from(IDLE).unwrap()));
    config.keep_alive_interval(Some(IDLE / 4));
    config.max_concurrent_uni_streams(VarInt::from_u32(1_000));
    Arc::new(config)
}

fn server(host: &Host) -> ServerConfig {
    let tls = rustls::ServerConfig::builder_with_provider(host.crypto())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate()], PrivateKeyDer::Pkcs8(key()))
        .unwrap();
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
    config.transport_config(transport());
    config
}

fn client(host: &Host) -> ClientConfig {
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(host.crypto())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    config.transport_config(transport());
    config
}

/// Returns an endpoint on [`PORT`] that accepts and opens connections.
pub(crate) fn endpoint(host: &Host) -> Endpoint {
    let mut config = EndpointConfig::default();
    let (mut server, mut client) = (server(host), client(host));
    host.seed_quic(&mut config, &mut server, &mut client);
    let socket = host.socket(PORT).unwrap();
    let mut endpoint =
        Endpoint::new_with_abstract_socket(config, Some(server), socket, host.runtime()).unwrap();
    endpoint.set_default_client_config(client);
    endpoint
}

/// Connects to a host. Returns `None` on failure.
pub(crate) async fn connect(endpoint: &Endpoint, host: &Host, to: &str) -> Option<Connection> {
    endpoint
        .connect(host.address_of(to, PORT), "sim")
        .unwrap()
        .await
        .ok()
}

/// Connects, retrying until it succeeds.
pub(crate) async fn reconnect(endpoint: &Endpoint, host: &Host, to: &str) -> Connection {
    loop {
        if let Some(connection) = connect(endpoint, host, to).await {
            return connection;
        }
    }
}

/// Answers each question on all connections with itself and the host's incarnation.
pub(crate) async fn echo(host: Host) {
    let endpoint = endpoint(&host);
    while let Some(incoming) = endpoint.accept().await {
        let incarnation = host.incarnation();
        tokio::spawn(async move {
            let Ok(connection) = incoming.await else {
                return;
            };
            while let Ok((mut answer, mut question)) = connection.accept_bi().await {
                tokio::spawn(async move {
                    let Ok(mut bytes) = question.read_to_end(1 << 20).await else {
                        return;
                    };
                    bytes.extend(incarnation.to_le_bytes());
                    answer.write_all(&bytes).await.ok();
                    answer.finish().ok();
                });
            }
        });
    }
}

/// Sends a question to [`echo`], and returns the incarnation that answered.
pub(crate) async fn ask(connection: &Connection, question: &[u8]) -> Option<u32> {
    let (mut asks, mut hears) = connection.open_bi().await.ok()?;
    asks.write_all(question).await.ok()?;
    asks.finish().ok()?;
    let bytes = hears.read_to_end(1 << 20).await.ok()?;
    let (echoed, incarnation) = bytes.split_last_chunk::<4>()?;
    assert_eq!(echoed, question);
    Some(u32::from_le_bytes(*incarnation))
}
