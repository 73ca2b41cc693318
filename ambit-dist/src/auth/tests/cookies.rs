//! Clusters that authenticate by cookie.

use rcgen::{CertificateParams, KeyPair, KeyUsagePurpose, PublicKeyData};

use super::connecting::connect;
use super::*;
use crate::auth::server_name::server_name;

const TO_A: &str = "a.shop.ambit";

#[tokio::test]
async fn nodes_with_the_same_cookie_connect_and_identify_the_peer_certificate() {
    let connected = connect(&of(&by_cookie(1), "a"), &of(&by_cookie(1), "b"), TO_A)
        .await
        .unwrap();
    let shop = cluster("shop");
    assert!(certificate_is_for(&connected.acceptor, &node("a"), &shop));
    assert!(certificate_is_for(&connected.dialler, &node("b"), &shop));
    for (name, of) in [("a", "shop"), ("b", "other"), ("any", "shop")] {
        assert!(
            !certificate_is_for(&connected.dialler, &node(name), &cluster(of)),
            "{name} {of}"
        );
    }
}

#[tokio::test]
async fn a_node_of_unknown_name_can_be_dialled() {
    let any = any_name(&cluster("shop"));
    connect(&of(&by_cookie(1), "a"), &of(&by_cookie(1), "b"), &any)
        .await
        .unwrap();
}

#[tokio::test]
async fn another_cookie_is_refused() {
    let refused = connect(&of(&by_cookie(1), "a"), &of(&by_cookie(2), "b"), TO_A)
        .await
        .unwrap_err();
    assert!(refused.contains("BadSignature"), "{refused}");
}

#[tokio::test]
async fn another_cluster_is_refused_although_the_cookie_is_the_same() {
    let other = by_cookie(1)
        .credentials(&node("b"), &cluster("other"))
        .unwrap();
    let refused = connect(&of(&by_cookie(1), "a"), &other, TO_A)
        .await
        .unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
}

#[tokio::test]
async fn another_name_than_the_dialled_one_is_refused() {
    let refused = connect(&of(&by_cookie(1), "c"), &of(&by_cookie(1), "b"), TO_A)
        .await
        .unwrap_err();
    assert!(refused.contains("not valid for name"), "{refused}");
}

#[tokio::test]
async fn every_step_of_a_rotation_connects_both_ways() {
    let (old, new) = (secret(1), secret(2));
    let steps: [Auth; 4] = [
        Auth::cookie(old).into(),
        Auth::cookie(old).and_accept(new).into(),
        Auth::cookie(new).and_accept(old).into(),
        Auth::cookie(new).into(),
    ];
    for pair in steps.windows(2) {
        let (a, b) = (of(&pair[0], "a"), of(&pair[1], "b"));
        connect(&a, &b, TO_A).await.unwrap();
        connect(&b, &a, "b.shop.ambit").await.unwrap();
    }
    // Skipping a step breaks the connection.
    for (a, b) in [(0, 2), (0, 3), (1, 3)] {
        let (a, b) = (of(&steps[a], "a"), of(&steps[b], "b"));
        assert!(connect(&a, &b, TO_A).await.is_err());
        assert!(connect(&b, &a, "b.shop.ambit").await.is_err());
    }
}

/// Runs the rotation of the test above with nodes that stay up through all steps.
#[tokio::test]
async fn a_cookie_is_replaced_while_nodes_run() {
    let (old, new) = (secret(1), secret(2));
    let auth = Auth::cookie(old);
    let shared = Auth::from(auth.clone());
    let (a, b) = (of(&shared, "a"), of(&shared, "b"));
    let (was, will) = (of(&by_cookie(1), "c"), of(&by_cookie(2), "c"));
    // Each step, and whether nodes with the old and with the new cookie connect in both directions.
    let steps = [
        (Auth::cookie(old), true, false),
        // The node with the new cookie does not trust the old one.
        (Auth::cookie(old).and_accept(new), true, false),
        (Auth::cookie(new).and_accept(old), false, true),
        (Auth::cookie(new), false, true),
    ];
    for (number, (step, with_old, with_new)) in steps.into_iter().enumerate() {
        auth.replace(&step).unwrap();
        connect(&a, &b, TO_A).await.unwrap();
        for (other, expected) in [(&was, with_old), (&will, with_new)] {
            let connected = connect(&a, other, TO_A).await;
            assert_eq!(connected.is_ok(), expected, "step {number}: {connected:?}");
        }
    }
    let refused = auth.replace(&Auth::cookie("short"));
    assert_eq!(refused, Err(CookieError::TooShort));
    connect(&a, &will, TO_A).await.unwrap();
    // A node that starts later uses the last replacement.
    connect(&of(&shared, "d"), &will, "d.shop.ambit")
        .await
        .unwrap();
}

/// The derivation is part of the protocol: a node of another version must derive the same authority.
#[test]
fn an_authority_is_the_same_wherever_it_is_computed_and_in_every_version() {
    let cookie = Cookie::try_from(secret(1)).unwrap();
    let derived = CookieCa::derive(&cookie, &cluster("shop"));
    let again = CookieCa::derive(&cookie, &cluster("shop"));
    assert_eq!(derived.certificate(), again.certificate());
    assert_eq!(
        hex(derived.issuer.key().der_bytes()),
        "96718714216d4ab48a249dc69571b28db3f56e922218f62bd554078d2568822c"
    );
    let other = CookieCa::derive(&cookie, &cluster("other"));
    assert_ne!(derived.certificate(), other.certificate());
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn the_certificate_of_a_node_follows_from_the_seed_and_its_name() {
    let cookie = Cookie::try_from(secret(1)).unwrap();
    let shop = cluster("shop");
    let ca = CookieCa::derive(&cookie, &shop);
    let mint = |name: &str, seed| ca.mint(&node(name), &shop, &zeroize::Zeroizing::new([seed; 32]));
    assert_eq!(mint("a", 1).certificate, mint("a", 1).certificate);
    assert_ne!(mint("a", 1).certificate, mint("a", 2).certificate);
    assert_ne!(mint("a", 1).key.der(), mint("b", 1).key.der());
    let length = mint("a", 0).certificate.len();
    for seed in 1..=255 {
        assert_eq!(mint("a", seed).certificate.len(), length, "{seed}");
    }
}

/// A node's key cannot sign certificates for others.
#[tokio::test]
async fn the_certificate_of_a_node_issues_no_others() {
    let cookie = Cookie::try_from(secret(1)).unwrap();
    let (shop, seed) = (cluster("shop"), zeroize::Zeroizing::new([1; 32]));
    let ca = CookieCa::derive(&cookie, &shop);
    let leaf = ca.mint(&node("b"), &shop, &seed);
    let key = KeyPair::try_from(leaf.key.der().secret_pkcs8_der()).unwrap();
    let mut issuer = CertificateParams::default();
    issuer.distinguished_name = cookie_ca::named("b", &shop).distinguished_name;
    issuer.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = rcgen::Issuer::new(issuer, key);
    let forged_key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let forged = CertificateParams::new(vec![server_name(&node("c"), &shop)])
        .unwrap()
        .signed_by(&forged_key, &issuer)
        .unwrap();
    let chain = vec![forged.der().clone(), leaf.certificate.clone()];
    let key = rustls::pki_types::PrivatePkcs8KeyDer::from(forged_key.serialize_der());
    let key = rustls::crypto::ring::sign::any_eddsa_type(&key).unwrap();
    let mut trusted = rustls::RootCertStore::empty();
    trusted.add(ca.certificate().clone()).unwrap();
    let forged = TlsMaterial::new(
        rustls::sign::CertifiedKey::new(chain, key),
        trusted,
        Vec::new(),
    )
    .unwrap();
    let forger = Credentials::new(CurrentTls::new(forged), &Sources::system().unwrap());
    let honest = of(&by_cookie(1), "a");
    let refused = connect(&honest, &forger, TO_A).await.unwrap_err();
    assert!(refused.contains("aborted by peer"), "{refused}");
    let refused = connect(&forger, &honest, "c.shop.ambit").await.unwrap_err();
    assert!(refused.contains("EndEntityUsedAsCa"), "{refused}");
}

#[test]
fn a_node_cannot_use_the_reserved_wildcard_name() {
    let refused = by_cookie(1)
        .credentials(&node("any"), &cluster("shop"))
        .unwrap_err();
    assert!(matches!(refused, AuthError::ReservedName));
}

#[test]
fn an_invalid_cookie_is_rejected_when_the_node_starts() {
    let auths: [Auth; 2] = [
        Auth::cookie("short").into(),
        Auth::cookie(secret(1)).and_accept("short").into(),
    ];
    for auth in auths {
        let refused = auth.credentials(&node("a"), &cluster("shop")).unwrap_err();
        assert!(matches!(refused, AuthError::Cookie(CookieError::TooShort)));
    }
}

#[test]
fn nothing_that_is_printed_has_the_secret() {
    let cookie = Cookie::try_from(secret(1)).unwrap();
    let secret = cookie.reveal();
    let rotating = Auth::cookie(cookie.clone()).and_accept(cookie.clone());
    let auth = Auth::from(rotating.clone());
    let credentials = of(&auth, "a");
    let printed = format!(
        "{cookie:?} {rotating:?} {auth:?} {credentials:?} {:#?}",
        credentials.client
    );
    for shown in [secret.as_str(), "151", "Cookie(["] {
        assert!(!printed.contains(shown), "{printed}");
    }
    let error = CookieError::Guessable;
    assert!(!error.to_string().contains(secret.as_str()));
}
