//! Clusters with their own certificate authority.

use std::fs;
use std::path::PathBuf;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};

use rustls::pki_types::pem::PemObject;

use super::connecting::connect;
use super::*;

/// An operator's authority, with a key of another kind than the cookie's.
pub(super) struct Ca {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate and its key in PEM form.
pub(super) struct Issued {
    certificate: String,
    key: String,
}

impl Ca {
    pub(super) fn new(name: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let pem = params.self_signed(&key).unwrap().pem();
        let issuer = Issuer::new(params, key);
        Self { pem, issuer }
    }

    pub(super) fn issue(&self, node: &str) -> Issued {
        self.issue_with(node, |_| {})
    }

    fn issue_with(&self, node: &str, change: impl FnOnce(&mut CertificateParams)) -> Issued {
        let names = vec![format!("{node}.shop.ambit"), "any.shop.ambit".to_owned()];
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Issued {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }

    fn pki(&self, issued: &Issued) -> Result<Pki, PkiError> {
        Pki::from_pem(&self.pem, &issued.certificate, &issued.key)
    }

    pub(super) fn auth(&self, node: &str) -> Auth {
        Auth::pki(self.pki(&self.issue(node)).unwrap())
    }
}

fn refused(pki: Pki) -> String {
    let auth = Auth::pki(pki);
    let refused = auth.credentials(&node("a"), &cluster("shop"));
    refused.unwrap_err().to_string()
}

#[tokio::test]
async fn nodes_of_one_authority_connect() {
    let ca = Ca::new("one");
    let (a, b) = (of(&ca.auth("a"), "a"), of(&ca.auth("b"), "b"));
    let connected = connect(&a, &b, "a.shop.ambit").await.unwrap();
    assert!(certificate_is_for(
        &connected.dialler,
        &node("b"),
        &cluster("shop")
    ));
    assert!(!certificate_is_for(
        &connected.dialler,
        &node("c"),
        &cluster("shop")
    ));
    connect(&a, &b, "any.shop.ambit").await.unwrap();
}

#[tokio::test]
async fn a_foreign_authority_is_refused_on_both_sides() {
    let (a, b) = (
        of(&Ca::new("one").auth("a"), "a"),
        of(&Ca::new("two").auth("b"), "b"),
    );
    let refused = connect(&a, &b, "a.shop.ambit").await.unwrap_err();
    assert!(refused.contains("UnknownIssuer"), "{refused}");
    // The acceptor verifies a dialler even if the dialler trusts the acceptor.
    let (one, two) = (Ca::new("one"), Ca::new("two"));
    let both = format!("{}{}", one.pem, two.pem);
    let stranger = two.issue("b");
    let stranger = Pki::from_pem(&both, &stranger.certificate, &stranger.key).unwrap();
    let (a, b) = (of(&one.auth("a"), "a"), of(&Auth::pki(stranger), "b"));
    let refused = connect(&a, &b, "a.shop.ambit").await.unwrap_err();
    assert!(refused.contains("aborted by peer"), "{refused}");
}

/// A clock that does not advance.
#[derive(Debug)]
struct Year(u64);

impl rustls::time_provider::TimeProvider for Year {
    fn current_time(&self) -> Option<rustls::pki_types::UnixTime> {
        let seconds = (self.0 - 1970) * 31_557_600;
        Some(rustls::pki_types::UnixTime::since_unix_epoch(
            std::time::Duration::from_secs(seconds),
        ))
    }
}

#[tokio::test]
async fn an_expired_certificate_is_refused_by_the_node_itself_and_by_its_peers() {
    let ca = Ca::new("one");
    let until_2020 =
        |params: &mut CertificateParams| params.not_after = rcgen::date_time_ymd(2020, 1, 1);
    let expired = Auth::pki(ca.pki(&ca.issue_with("b", until_2020)).unwrap());
    let own = expired
        .credentials(&node("b"), &cluster("shop"))
        .unwrap_err();
    assert!(own.to_string().contains("certificate expired"), "{own}");
    // The node's own clock is slow; the peer's is right.
    let sources = Sources {
        time: Arc::new(Year(2019)),
        ..Sources::system().unwrap()
    };
    let slow = expired
        .credentials_from(&node("b"), &cluster("shop"), &sources)
        .unwrap();
    let a = of(&ca.auth("a"), "a");
    let dialled = connect(&slow, &a, "b.shop.ambit").await.unwrap_err();
    assert!(dialled.contains("expired"), "{dialled}");
    let dialling = connect(&a, &slow, "a.shop.ambit").await.unwrap_err();
    assert!(dialling.contains("aborted by peer"), "{dialling}");
}

#[test]
fn a_certificate_that_peers_would_refuse_is_found_at_the_start() {
    let ca = Ca::new("one");
    let named = refused(ca.pki(&ca.issue("b")).unwrap());
    assert_eq!(
        named,
        "the certificate is not for `a.shop.ambit`: issue it with this DNS name and with `any.shop.ambit`"
    );
    let own_name_alone = ca.issue_with("a", |params| params.subject_alt_names.truncate(1));
    let named = refused(ca.pki(&own_name_alone).unwrap());
    assert_eq!(
        named,
        "the certificate is not for `any.shop.ambit`: issue it with this DNS name and with `a.shop.ambit`"
    );
    let server_only = ca.issue_with("a", |params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let usage = refused(ca.pki(&server_only).unwrap());
    assert!(usage.contains("would be refused by its peers"), "{usage}");
    let foreign = refused(Ca::new("two").pki(&ca.issue("a")).unwrap());
    assert!(foreign.contains("UnknownIssuer"), "{foreign}");
}

#[test]
fn an_invalid_certificate_or_key_is_rejected_by_name() {
    let ca = Ca::new("one");
    let (one, two) = (ca.issue("a"), ca.issue("a"));
    let (ca, certificate, key) = (&ca.pem, &one.certificate, &one.key);
    let cases = [
        (
            Pki::from_pem("", certificate, key),
            "the text of the CA has no CA certificate",
        ),
        (
            Pki::from_pem(ca, key, key),
            "the text of the certificate has no certificate",
        ),
        (
            Pki::from_pem(ca, certificate, ca),
            "the text of the key has no private key",
        ),
        (
            Pki::from_pem(ca, certificate, &two.key),
            "the private key cannot be used",
        ),
        (
            Pki::from_pem(ca, &certificate[..200], key),
            "the text of the certificate has no",
        ),
    ];
    for (refused, text) in cases {
        let refused = refused.unwrap_err().to_string();
        assert!(refused.starts_with(text), "{refused}");
        assert!(!refused.contains('\n'), "{refused}");
    }
    let missing = Pki::from_pem_files("no-ca.pem", "no.pem", "no.key").unwrap_err();
    assert!(
        missing
            .to_string()
            .starts_with("`no-ca.pem` could not be read"),
        "{missing}"
    );
}

/// Any node of the cluster could use its key.
#[tokio::test]
async fn a_wildcard_certificate_is_refused_by_the_node_itself_and_is_for_no_node() {
    let ca = Ca::new("one");
    for names in [
        vec!["*.shop.ambit"],
        vec!["b.shop.ambit", "any.shop.ambit", "*.shop.ambit"],
    ] {
        let wildcard = ca.issue_with("b", |params| {
            params.subject_alt_names = names
                .into_iter()
                .map(|name| rcgen::SanType::DnsName(name.try_into().unwrap()))
                .collect();
        });
        let pki = ca.pki(&wildcard).unwrap();
        let auth = Auth::pki(pki);
        let own = auth.credentials(&node("b"), &cluster("shop")).unwrap_err();
        assert_eq!(
            own.to_string(),
            "the certificate is for every name below `shop.ambit`, so its key could be used by any node: issue one without `*`, for `b.shop.ambit` and `any.shop.ambit`"
        );
        // Peers detect a wildcard even if the node does not check its own certificate.
        let chain =
            rustls::pki_types::CertificateDer::from_pem_slice(wildcard.certificate.as_bytes());
        for name in ["b", "c", "any"] {
            let is_for = certificate_is_for(chain.as_ref().unwrap(), &node(name), &cluster("shop"));
            assert!(!is_for, "{name}");
        }
    }
}

/// Three files of one test, removed on drop.
struct Files(PathBuf);

impl Files {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("ambit-pki-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn write(&self, ca: &str, issued: &Issued) {
        fs::write(self.0.join("ca.pem"), ca).unwrap();
        fs::write(self.0.join("node.pem"), &issued.certificate).unwrap();
        fs::write(self.0.join("node.key"), &issued.key).unwrap();
    }

    fn pki(&self) -> Pki {
        let [ca, certificate, key] =
            ["ca.pem", "node.pem", "node.key"].map(|name| self.0.join(name));
        Pki::from_pem_files(ca, certificate, key).unwrap()
    }
}

impl Drop for Files {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn an_authority_is_changed_by_reloads_while_the_node_runs() {
    let (old, new) = (Ca::new("old"), Ca::new("new"));
    let both = format!("{}{}", old.pem, new.pem);
    let files = Files::new();
    files.write(&old.pem, &old.issue("a"));
    let pki = files.pki();
    let a = of(&Auth::pki(pki.clone()), "a");
    let (was, will) = (of(&old.auth("b"), "b"), of(&new.auth("b"), "b"));
    connect(&a, &was, "a.shop.ambit").await.unwrap();
    connect(&a, &will, "a.shop.ambit").await.unwrap_err();

    files.write(&both, &new.issue("a"));
    pki.reload().unwrap();
    connect(&a, &will, "a.shop.ambit").await.unwrap();
    connect(&will, &a, "b.shop.ambit").await.unwrap();
    // The acceptor already has the new certificate, which the old dialler does not trust. The acceptor still trusts the
    // dialler.
    connect(&a, &was, "a.shop.ambit").await.unwrap_err();

    let refused = files.0.join("node.key");
    fs::write(&refused, &new.issue("a").key).unwrap();
    assert!(matches!(pki.reload(), Err(PkiError::Key { .. })));
    files.write(&both, &new.issue("c"));
    assert!(matches!(pki.reload(), Err(PkiError::Name { .. })));
    connect(&a, &will, "a.shop.ambit").await.unwrap();
}

#[tokio::test]
async fn certificates_that_are_not_in_files_are_replaced_as_text() {
    let (old, new) = (Ca::new("old"), Ca::new("new"));
    let pki = old.pki(&old.issue("a")).unwrap();
    let a = of(&Auth::pki(pki.clone()), "a");
    assert!(matches!(pki.reload(), Err(PkiError::NoFiles)));
    let issued = new.issue("a");
    pki.replace_pem(&new.pem, &issued.certificate, &issued.key)
        .unwrap();
    connect(&a, &of(&new.auth("b"), "b"), "a.shop.ambit")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_node_that_has_ended_does_not_restrict_later_certificates() {
    let ca = Ca::new("ca");
    let pki = ca.pki(&ca.issue("a")).unwrap();
    let a = of(&Auth::pki(pki.clone()), "a");
    let other = ca.issue("b");
    let replace = || pki.replace_pem(&ca.pem, &other.certificate, &other.key);
    assert!(matches!(replace(), Err(PkiError::Name { .. })));
    // A second registration of the node that ends does not end the first.
    drop(of(&Auth::pki(pki.clone()), "a"));
    assert!(matches!(replace(), Err(PkiError::Name { .. })));
    drop(a);
    replace().unwrap();
}
