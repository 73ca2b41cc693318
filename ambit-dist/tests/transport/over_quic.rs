//! QUIC on loopback.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambit_dist::transport::{
    AcceptError, BindError, Closed, Dial, DialError, Quic, QuicSettings, Transport,
};
use ambit_dist::wire::CloseCode;
use ambit_dist::{Auth, Credentials};
use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use crate::transport::common::{Network, connect, dial_of};

const COOKIE: &str = "26854630b151663de07c3ae4234b20ea9d626b7c0bdd296104692f22e61f3816";
const OTHER_COOKIE: &str = "afe8c45236894fa649544a6278b5427421bc14f0401c724a2d8ace3e986b7bd5";

pub(crate) struct Loopback;

impl Network for Loopback {
    fn new() -> Self {
        Self
    }

    /// The idle timeout is longer than a busy machine stops a test.
    fn transport(&mut self) -> Box<dyn Transport> {
        let mut settings = QuicSettings::default();
        settings.idle_timeout = Duration::from_secs(60);
        Box::new(quic_with(COOKIE, settings))
    }
}

pub(crate) fn any() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

pub(crate) fn credentials(cookie: &str, node: &str) -> Credentials {
    let auth = Auth::from(Auth::cookie(cookie));
    let (node, cluster) = (node.parse().unwrap(), "test".parse().unwrap());
    auth.credentials(&node, &cluster).unwrap()
}

pub(crate) fn quic() -> Quic {
    quic_with(COOKIE, QuicSettings::default())
}

pub(crate) fn quic_with(cookie: &str, settings: QuicSettings) -> Quic {
    Quic::bind(any(), &credentials(cookie, "node"), settings).unwrap()
}

/// Runs a failing handshake and returns the errors of both ends.
async fn fail(dialler: &Quic, acceptor: &Quic, name: &str) -> (Option<DialError>, AcceptError) {
    let dial = Dial {
        address: acceptor.local_addr(),
        server_name: name.to_owned(),
    };
    let (dialled, accepted) = tokio::join!(dialler.dial(dial), async {
        acceptor.accept().await.unwrap().finish().await
    });
    (dialled.err(), accepted.unwrap_err())
}

#[tokio::test]
async fn a_port_in_use_fails_the_bind_with_its_address() {
    let first = quic();
    let address = first.local_addr();
    let second = Quic::bind(address, &credentials(COOKIE, "b"), QuicSettings::default());
    let Err(BindError::InUse { address: named }) = second else {
        panic!("{second:?}");
    };
    assert_eq!(named, address);
}

#[tokio::test]
async fn a_port_is_free_again_once_all_is_dropped() {
    let (one, two) = (quic(), quic());
    let (dialled, accepted) = connect(&one, &two).await;
    let address = one.local_addr();
    one.close().await;
    drop((one, dialled, accepted));
    let again = || Quic::bind(address, &credentials(COOKIE, "b"), QuicSettings::default());
    while let Err(error) = again() {
        assert!(matches!(error, BindError::InUse { .. }), "{error:?}");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn credentials_that_quic_cannot_begin_with_are_refused() {
    let mut credentials = credentials(COOKIE, "a");
    let mut provider = rustls::crypto::ring::default_provider();
    provider
        .cipher_suites
        .retain(|suite| suite.suite() != rustls::CipherSuite::TLS13_AES_128_GCM_SHA256);
    let builder = rustls::ClientConfig::builder_with_provider(provider.into());
    let builder = builder.with_protocol_versions(&[&rustls::version::TLS13]);
    let client = builder
        .unwrap()
        .with_root_certificates(rustls::RootCertStore::empty());
    credentials.client = client.with_no_client_auth().into();
    let refused = Quic::bind(any(), &credentials, QuicSettings::default());
    assert!(
        matches!(refused, Err(BindError::Credentials)),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_cookie_mismatch_is_reported_to_both_sides() {
    let (one, two) = (quic(), quic_with(OTHER_COOKIE, QuicSettings::default()));
    let (dialled, accepted) = fail(&one, &two, "any.test.ambit").await;
    let Some(DialError::Certificate { .. }) = dialled else {
        panic!("{dialled:?}");
    };
    assert!(
        matches!(accepted, AcceptError::Distrusted(_)),
        "{accepted:?}"
    );
}

#[tokio::test]
async fn a_server_name_mismatch_is_reported_as_such() {
    let (one, two) = (quic(), quic());
    let (dialled, accepted) = fail(&one, &two, "other.test.ambit").await;
    let Some(DialError::Name { server_name, .. }) = dialled else {
        panic!("{dialled:?}");
    };
    assert_eq!(server_name, "other.test.ambit");
    assert!(
        matches!(accepted, AcceptError::Distrusted(_)),
        "{accepted:?}"
    );
}

/// Presents no certificate.
#[derive(Debug)]
struct Nobody;

impl ResolvesClientCert for Nobody {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

#[tokio::test]
async fn a_peer_without_a_certificate_is_rejected_and_notified_by_the_close() {
    let two = quic();
    let mut shy = credentials(COOKIE, "a");
    let mut client = (*shy.client).clone();
    client.client_auth_cert_resolver = Arc::new(Nobody);
    shy.client = client.into();
    let one = Quic::bind(any(), &shy, QuicSettings::default()).unwrap();
    let (dialled, accepted) = tokio::join!(one.dial(dial_of(two.local_addr())), async {
        two.accept().await.unwrap().finish().await
    });
    let accepted = accepted.unwrap_err();
    assert!(
        matches!(accepted, AcceptError::Certificate(_)),
        "{accepted:?}"
    );
    // The dialler's handshake completes before the acceptor verifies its certificate.
    let closed = dialled.unwrap().closed().await;
    assert!(matches!(closed, Closed::Certificate(_)), "{closed:?}");
}

#[tokio::test]
async fn a_protocol_mismatch_is_reported_to_both_sides() {
    let two = quic();
    let mut old = credentials(COOKIE, "a");
    let mut client = (*old.client).clone();
    client.alpn_protocols = vec![b"ambit/0".to_vec()];
    old.client = client.into();
    let one = Quic::bind(any(), &old, QuicSettings::default()).unwrap();
    let (dialled, accepted) = fail(&one, &two, "any.test.ambit").await;
    assert!(
        matches!(dialled, Some(DialError::Protocol { .. })),
        "{dialled:?}"
    );
    assert!(matches!(accepted, AcceptError::Protocol(_)), "{accepted:?}");
}

#[tokio::test]
async fn a_dial_to_an_unused_address_is_unreachable_after_the_idle_timeout() {
    let mut settings = QuicSettings::default();
    settings.idle_timeout = Duration::from_millis(300);
    let one = quic_with(COOKIE, settings);
    let free = std::net::UdpSocket::bind(any()).unwrap();
    let address = free.local_addr().unwrap();
    let nobody = one.dial(dial_of(address)).await.unwrap_err();
    assert_eq!(nobody, DialError::Unreachable { address });
}

#[tokio::test]
async fn where_no_way_leads_is_known_at_once() {
    let one = quic();
    let v6 = Dial {
        address: "[2001:db8::1]:1".parse().unwrap(),
        server_name: "any.test.ambit".to_owned(),
    };
    let no_way = one.dial(v6).await.unwrap_err();
    assert!(matches!(no_way, DialError::Local { .. }), "{no_way:?}");
    let no_port = one
        .dial(dial_of("127.0.0.1:0".parse().unwrap()))
        .await
        .unwrap_err();
    assert!(matches!(no_port, DialError::Local { .. }), "{no_port:?}");
}

#[test]
fn a_node_that_vanished_is_missed_after_the_idle_time() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let (here, there) = (runtime(), runtime());
    let two = there.block_on(async { quic() });
    let address = two.local_addr();
    let vanishing = std::thread::spawn(move || {
        let accepted = there.block_on(async { two.accept().await.unwrap().finish().await });
        // From now on no task runs there: nothing is answered, and the peer is not notified.
        (there, two, accepted)
    });
    let mut settings = QuicSettings::default();
    settings.idle_timeout = Duration::from_millis(500);
    settings.keep_alive = Duration::from_millis(100);
    let (_one, dialled) = here.block_on(async {
        let one = quic_with(COOKIE, settings);
        let dialled = one.dial(dial_of(address)).await.unwrap();
        (one, dialled)
    });
    let _vanished = vanishing.join().unwrap();
    assert_eq!(here.block_on(dialled.closed()), Closed::TimedOut);
}

#[tokio::test]
async fn one_socket_for_all_addresses_is_reached_by_both_kinds() {
    let everywhere = "[::]:0".parse().unwrap();
    let all = Quic::bind(
        everywhere,
        &credentials(COOKIE, "a"),
        QuicSettings::default(),
    );
    let all = all.unwrap();
    let one = quic();
    let port = all.local_addr().port();
    let by_v4 = SocketAddr::from(([127, 0, 0, 1], port));
    let (dialled, accepted) = tokio::join!(one.dial(dial_of(by_v4)), async {
        all.accept().await.unwrap().finish().await
    });
    assert_eq!(dialled.unwrap().remote_addr(), by_v4);
    let accepted = accepted.unwrap();
    assert_eq!(accepted.remote_addr(), one.local_addr(), "as IPv4");
    let (dialled, _accepted) = connect(&all, &one).await;
    assert_eq!(dialled.remote_addr(), one.local_addr());
}

#[tokio::test]
async fn an_abandoned_handshake_is_reported_and_frees_its_slot() {
    let (one, two) = (quic(), quic());
    let dialling = tokio::spawn(one.dial(dial_of(two.local_addr())));
    let mut unfinished = Box::pin(two.accept().await.unwrap().finish());
    // One poll starts the handshake, which needs more than one.
    tokio::select! {
        biased;
        _ = &mut unfinished => panic!("the handshake takes two turns"),
        () = std::future::ready(()) => {}
    }
    assert_eq!(two.unfinished_handshakes(), 1);
    drop(unfinished);
    assert_eq!(two.unfinished_handshakes(), 0);
    let told = dialling.await.unwrap().unwrap_err();
    let DialError::Closed { code, .. } = told else {
        panic!("{told:?}");
    };
    assert_eq!(code, CloseCode::HandshakeTimeout);
}

#[tokio::test]
async fn too_many_handshakes_are_refused() {
    let mut settings = QuicSettings::default();
    settings.max_handshakes = 2;
    let (one, two) = (quic(), quic_with(COOKIE, settings));
    let dials: Vec<_> = (0..2)
        .map(|_| tokio::spawn(one.dial(dial_of(two.local_addr()))))
        .collect();
    let unfinished = [two.accept().await.unwrap(), two.accept().await.unwrap()];
    let third = one.dial(dial_of(two.local_addr()));
    let refused = tokio::select! {
        biased;
        refused = third => refused.unwrap_err(),
        _ = two.accept() => panic!("there is no place for a third"),
    };
    let DialError::Closed { code, .. } = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(code, CloseCode::Overloaded);
    for unfinished in unfinished {
        tokio::spawn(unfinished.finish());
    }
    for dial in dials {
        dial.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn a_peer_with_a_validated_address_connects_despite_many_handshakes() {
    let mut settings = QuicSettings::default();
    settings.handshakes_before_retry = 0;
    let (one, two) = (quic(), quic_with(COOKIE, settings));
    connect(&one, &two).await;
}

/// A member may open many connections without a hello: each holds little memory until its session begins.
#[tokio::test]
async fn a_connection_receives_little_until_its_session_begins() {
    const SENT: u64 = 8 << 20;
    let (one, two) = (quic(), quic());
    let (dialled, accepted) = tokio::join!(one.dial(dial_of(two.local_addr())), async {
        two.accept().await.unwrap().finish().await
    });
    let (dialled, accepted) = (dialled.unwrap(), accepted.unwrap());
    for _ in 0..8 {
        let mut stream = dialled.open_uni().await.unwrap();
        tokio::spawn(async move {
            stream.write(vec![7; (SENT / 8) as usize].into()).await.ok();
            // The stream ends with its connection.
            std::future::pending::<()>().await;
        });
    }
    // The stream is not read, so received bytes are held.
    let mut held = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let now = accepted.stats().bytes_received;
        if std::mem::replace(&mut held, now) == now {
            break;
        }
    }
    assert!(held < 256 << 10, "{held} bytes before the session");
    accepted.begin_session();
    while accepted.stats().bytes_received < SENT {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn the_path_is_measured() {
    let (one, two) = (quic(), quic());
    let (dialled, _accepted) = connect(&one, &two).await;
    let stats = dialled.stats();
    assert!(stats.mtu >= 1200 && !stats.rtt.is_zero(), "{stats:?}");
    assert!(one.socket_buffers().unwrap().receive > 0);
}
