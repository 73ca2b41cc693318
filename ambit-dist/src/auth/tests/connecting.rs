//! Connects two endpoints over QUIC.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{ClientConfig, Connection, Endpoint, ServerConfig};
use rustls::pki_types::CertificateDer;

use super::*;
use crate::rt;

/// The certificate that each end saw of the other.
#[derive(Debug)]
pub(super) struct Met {
    pub(super) dialler: CertificateDer<'static>,
    pub(super) acceptor: CertificateDer<'static>,
}

/// Dials `server` from `client`, expecting `name` there. Succeeds when a byte comes back; the error says why the
/// dialler was refused.
pub(super) async fn connect(
    server: &Credentials,
    client: &Credentials,
    name: &str,
) -> Result<Met, String> {
    connect_configs(Arc::clone(&server.server), Arc::clone(&client.client), name).await
}

pub(super) async fn connect_configs(
    server: Arc<rustls::ServerConfig>,
    client: Arc<rustls::ClientConfig>,
    name: &str,
) -> Result<Met, String> {
    let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let server = QuicServerConfig::try_from(server).unwrap();
    let server = Endpoint::server(ServerConfig::with_crypto(Arc::new(server)), here).unwrap();
    let mut dialler = Endpoint::client(here).unwrap();
    dialler.set_default_client_config(ClientConfig::new(Arc::new(
        QuicClientConfig::try_from(client).unwrap(),
    )));
    let address = server.local_addr().unwrap();
    let connected = async {
        let (accepted, dialled) = tokio::join!(echo(&server), dial(&dialler, address, name));
        let acceptor = dialled?;
        let dialler = accepted?;
        Ok(Met { dialler, acceptor })
    };
    rt::timeout(Duration::from_secs(10), connected)
        .await
        .expect("a connection comes or is refused")
}

async fn echo(server: &Endpoint) -> Result<CertificateDer<'static>, String> {
    let incoming = server.accept().await.unwrap();
    let connection = incoming.await.map_err(|error| error.to_string())?;
    let (mut send, mut receive) = connection
        .accept_bi()
        .await
        .map_err(|error| error.to_string())?;
    let heard = receive.read_to_end(8).await.unwrap();
    send.write_all(&heard).await.unwrap();
    send.finish().unwrap();
    // The dialler closes the connection, because it reads last.
    connection.closed().await;
    Ok(certificate(&connection))
}

async fn dial(
    dialler: &Endpoint,
    address: SocketAddr,
    name: &str,
) -> Result<CertificateDer<'static>, String> {
    let connection = dialler
        .connect(address, name)
        .unwrap()
        .await
        .map_err(|error| error.to_string())?;
    // TLS completes at the dialler before the acceptor verifies its certificate, so only an answer proves acceptance.
    let answer = async {
        let (mut send, mut receive) = connection.open_bi().await?;
        send.write_all(b"hi").await?;
        send.finish()?;
        let heard = receive.read_to_end(8).await?;
        Ok::<_, Box<dyn std::error::Error>>(heard)
    };
    let answer = answer.await;
    if let Some(reason) = connection.close_reason() {
        return Err(reason.to_string());
    }
    assert_eq!(answer.unwrap(), b"hi");
    connection.close(0_u32.into(), b"");
    Ok(certificate(&connection))
}

fn certificate(connection: &Connection) -> CertificateDer<'static> {
    let identity = connection.peer_identity().unwrap();
    let chain = identity.downcast::<Vec<CertificateDer<'static>>>().unwrap();
    chain[0].clone()
}
