//! Hand-written quinn: the same frames as over TCP, through one stream of a connection with ambit's settings.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use quinn::{
    ClientConfig, Connection, Endpoint, EndpointConfig, Incoming, RecvStream, SendStream,
    ServerConfig, TokioRuntime, TransportConfig, VarInt,
};
use rustls::crypto::{CryptoProvider, ring};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, client::Resumption, version::TLS13};
use socket2::SockRef;
use tokio::task::JoinHandle;

use super::link::{self, Link, Sink, Source};
use super::pki::{NAME, Secrets};
use super::system::{Failure, System};

pub(crate) struct Quinn;

pub(crate) struct Session {
    link: Link,
    connection: Connection,
}

impl System for Quinn {
    type Far = JoinHandle<()>;
    type Near = Endpoint;
    type Session = Arc<Session>;

    async fn serve(secrets: &Secrets) -> Result<(Self::Far, SocketAddr), Failure> {
        let endpoint = endpoint(Some(server(secrets)?))?;
        let address = endpoint.local_addr()?;
        Ok((tokio::spawn(accept(endpoint)), address))
    }

    async fn near(secrets: &Secrets, _: u64) -> Result<Endpoint, Failure> {
        let mut endpoint = endpoint(None)?;
        endpoint.set_default_client_config(client(secrets)?);
        Ok(endpoint)
    }

    async fn connect(near: &Endpoint, far: SocketAddr) -> Result<Self::Session, Failure> {
        let connection = near.connect(far, NAME)?.await?;
        let (sink, source) = connection.open_bi().await?;
        let link = Link::new(Reader(source), Writer(sink));
        Ok(Arc::new(Session { link, connection }))
    }

    async fn echo(session: &Self::Session, bytes: Bytes) -> Result<Bytes, Failure> {
        session.link.echo(&bytes).await
    }

    async fn cast(session: &Self::Session, bytes: Bytes) -> Result<(), Failure> {
        session.link.cast(&bytes).await;
        Ok(())
    }

    async fn handled(session: &Self::Session) -> Result<u64, Failure> {
        session.link.handled().await
    }

    async fn close(near: Endpoint, session: Self::Session) {
        session.connection.close(VarInt::from_u32(0), b"");
        drop(session);
        near.wait_idle().await;
    }
}

async fn accept(endpoint: Endpoint) {
    let handled = Arc::new(AtomicU64::new(0));
    while let Some(incoming) = endpoint.accept().await {
        let handled = handled.clone();
        tokio::spawn(async move {
            if let Err(error) = answer(incoming, handled).await {
                eprintln!("quinn: {error}");
            }
        });
    }
}

async fn answer(incoming: Incoming, handled: Arc<AtomicU64>) -> Result<(), Failure> {
    let connection = incoming.await?;
    let (sink, source) = connection.accept_bi().await?;
    link::answer(Reader(source), Writer(sink), handled).await;
    Ok(())
}

struct Reader(RecvStream);

impl Source for Reader {
    async fn fill(&mut self, buffer: &mut BytesMut) -> Result<bool, Failure> {
        let chunk = self.0.read_chunk(usize::MAX, true).await?;
        Ok(chunk.is_some_and(|chunk| {
            buffer.extend_from_slice(&chunk.bytes);
            true
        }))
    }
}

struct Writer(SendStream);

impl Sink for Writer {
    async fn send(&mut self, batch: &mut BytesMut) -> Result<(), Failure> {
        Ok(self.0.write_chunk(batch.split().freeze()).await?)
    }
}

fn endpoint(server: Option<ServerConfig>) -> io::Result<Endpoint> {
    const BUFFER: usize = 4 << 20;
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    let settings = SockRef::from(&socket);
    settings.set_recv_buffer_size(BUFFER)?;
    settings.set_send_buffer_size(BUFFER)?;
    Endpoint::new(
        EndpointConfig::default(),
        server,
        socket,
        Arc::new(TokioRuntime),
    )
}

fn transport() -> Result<Arc<TransportConfig>, Failure> {
    let mut config = TransportConfig::default();
    config
        .stream_receive_window(VarInt::from_u32(4 << 20))
        .receive_window(VarInt::from_u32(32 << 20))
        .send_window(16 << 20)
        .max_concurrent_uni_streams(VarInt::from_u32(64))
        .max_concurrent_bidi_streams(VarInt::from_u32(32))
        .max_idle_timeout(Some(Duration::from_secs(10).try_into()?))
        .keep_alive_interval(Some(Duration::from_secs(3)))
        .datagram_receive_buffer_size(None);
    Ok(Arc::new(config))
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

fn roots(secrets: &Secrets) -> Result<Arc<RootCertStore>, Failure> {
    let mut roots = RootCertStore::empty();
    roots.add(secrets.authority())?;
    Ok(Arc::new(roots))
}

fn server(secrets: &Secrets) -> Result<ServerConfig, Failure> {
    let clients =
        WebPkiClientVerifier::builder_with_provider(roots(secrets)?, provider()).build()?;
    let mut tls = rustls::ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(clients)
        .with_single_cert(secrets.chain(), secrets.key())?;
    tls.send_tls13_tickets = 0;
    tls.alpn_protocols = vec![b"bench".to_vec()];
    let mut config = ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls)?));
    config
        .transport_config(transport()?)
        .migration(false)
        .max_incoming(256);
    Ok(config)
}

fn client(secrets: &Secrets) -> Result<ClientConfig, Failure> {
    let mut tls = rustls::ClientConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])?
        .with_root_certificates(roots(secrets)?)
        .with_client_auth_cert(secrets.chain(), secrets.key())?;
    tls.resumption = Resumption::disabled();
    tls.alpn_protocols = vec![b"bench".to_vec()];
    let mut config = ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls)?));
    config.transport_config(transport()?);
    Ok(config)
}
