//! The connections that TLS itself refuses.

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConnection};

#[cfg(feature = "aws-lc-rs")]
use super::connecting::connect;
use super::connecting::connect_configs;
use super::*;

const TO_A: &str = "a.shop.ambit";

fn dialler(change: impl FnOnce(&mut ClientConfig)) -> (Credentials, Arc<ClientConfig>) {
    let mut config = (*of(&by_cookie(1), "b").client).clone();
    change(&mut config);
    (of(&by_cookie(1), "a"), Arc::new(config))
}

#[tokio::test]
async fn a_dialler_without_certificate_is_refused() {
    let mut trusted = RootCertStore::empty();
    let cookie = Cookie::try_from(secret(1)).unwrap();
    let ca = CookieCa::derive(&cookie, &cluster("shop"));
    trusted.add(ca.certificate().clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(sources::provider())
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(trusted)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"ambit/1".to_vec()];
    let server = of(&by_cookie(1), "a").server;
    let refused = connect_configs(server, Arc::new(config), TO_A)
        .await
        .unwrap_err();
    assert!(refused.contains("aborted by peer"), "{refused}");
}

#[tokio::test]
async fn another_protocol_is_refused_and_so_is_none() {
    for protocols in [vec![], vec![b"ambit/2".to_vec()], vec![b"h3".to_vec()]] {
        let (a, client) = dialler(|config| config.alpn_protocols = protocols);
        let refused = connect_configs(a.server, client, TO_A).await.unwrap_err();
        assert!(refused.contains("aborted by peer"), "{refused}");
    }
    let (a, client) = dialler(|_| {});
    connect_configs(a.server, client, TO_A).await.unwrap();
}

/// Passes bytes between both ends until one refuses or both are done.
fn handshake(
    client: &mut ClientConnection,
    server: &mut ServerConnection,
) -> Result<(), rustls::Error> {
    for _ in 0..8 {
        let mut bytes = Vec::new();
        client.write_tls(&mut bytes).unwrap();
        server.read_tls(&mut bytes.as_slice()).unwrap();
        server.process_new_packets()?;
        let mut bytes = Vec::new();
        server.write_tls(&mut bytes).unwrap();
        client.read_tls(&mut bytes.as_slice()).unwrap();
        client.process_new_packets()?;
    }
    assert!(!client.is_handshaking() && !server.is_handshaking());
    Ok(())
}

/// QUIC always uses TLS 1.3; a custom transport might not.
#[test]
fn an_older_tls_is_refused() {
    let of_version = |version| {
        let mut config = ClientConfig::builder_with_provider(sources::provider())
            .with_protocol_versions(&[version])
            .unwrap()
            .dangerous()
            .with_custom_certificate_verifier(trusting())
            .with_client_cert_resolver(
                of(&by_cookie(1), "b")
                    .client
                    .client_auth_cert_resolver
                    .clone(),
            );
        config.alpn_protocols = vec![b"ambit/1".to_vec()];
        let name = ServerName::try_from(TO_A).unwrap();
        let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
        let mut server = ServerConnection::new(of(&by_cookie(1), "a").server).unwrap();
        handshake(&mut client, &mut server)
    };
    assert!(of_version(&rustls::version::TLS13).is_ok());
    let refused = of_version(&rustls::version::TLS12).unwrap_err();
    assert!(
        matches!(refused, rustls::Error::PeerIncompatible(_)),
        "{refused}"
    );
}

/// Returns the verifier of a node of the cluster.
fn trusting() -> Arc<dyn rustls::client::danger::ServerCertVerifier> {
    let cookie = Cookie::try_from(secret(1)).unwrap();
    let ca = CookieCa::derive(&cookie, &cluster("shop"));
    let seed = zeroize::Zeroizing::new([1; 32]);
    let own = ca.mint(&node("b"), &cluster("shop"), &seed);
    CurrentTls::new(TlsMaterial::of_cookies(&own, &[ca]))
}

#[test]
fn nothing_is_resumed_and_nothing_is_sent_early() {
    let credentials = of(&by_cookie(1), "a");
    assert_eq!(credentials.server.max_early_data_size, 0);
    assert_eq!(credentials.server.send_tls13_tickets, 0);
    assert!(!credentials.server.session_storage.can_cache());
    assert!(!credentials.server.ticketer.enabled());
    assert!(!credentials.client.enable_early_data);
}

/// Returns the key exchange group that two nodes agree on.
#[cfg(feature = "aws-lc-rs")]
fn agreed(client: &Credentials, server: &Credentials) -> rustls::NamedGroup {
    let name = ServerName::try_from(TO_A).unwrap();
    let mut client = ClientConnection::new(client.client.clone(), name).unwrap();
    let mut server = ServerConnection::new(server.server.clone()).unwrap();
    handshake(&mut client, &mut server).unwrap();
    client.negotiated_key_exchange_group().unwrap().name()
}

#[cfg(feature = "aws-lc-rs")]
#[tokio::test]
async fn keys_are_exchanged_post_quantum_where_both_nodes_can() {
    use rustls::NamedGroup::{X25519, X25519MLKEM768};
    // Behaves as a node built without the feature.
    let classical = |name| {
        let sources = Sources {
            provider: Arc::new(rustls::crypto::ring::default_provider()),
            ..Sources::system().unwrap()
        };
        let shop = cluster("shop");
        by_cookie(1)
            .credentials_from(&node(name), &shop, &sources)
            .unwrap()
    };
    let (a, b) = (of(&by_cookie(1), "a"), of(&by_cookie(1), "b"));
    assert_eq!(agreed(&b, &a), X25519MLKEM768);
    assert_eq!(agreed(&classical("b"), &a), X25519);
    assert_eq!(agreed(&b, &classical("a")), X25519);
    // Over QUIC, the first message is then longer than one packet.
    for (server, client) in [(&a, &b), (&a, &classical("b")), (&classical("a"), &b)] {
        connect(server, client, TO_A).await.unwrap();
    }
}
