//! The certificates in use. Replacing them affects later connections.

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{
    ClientHello, ParsedCertificate, ResolvesServerCert, VerifierBuilderError, WebPkiClientVerifier,
};
use rustls::sign::CertifiedKey;
use rustls::{
    DigitallySignedStruct, DistinguishedName, Error, RootCertStore, SignatureScheme, client,
};
use tokio::sync::watch;

use super::cookie_ca::{CookieCa, Leaf};
use super::server_name::is_wildcard;
use super::sources::provider;
use crate::node::id::ClusterName;

/// The node's own certificate and the verifiers for those of peers.
pub(super) struct TlsMaterial {
    own: Arc<CertifiedKey>,
    servers: Arc<WebPkiServerVerifier>,
    clients: Arc<dyn ClientCertVerifier>,
}

impl TlsMaterial {
    pub(super) fn new(
        own: CertifiedKey,
        trusted: RootCertStore,
        revoked: Vec<CertificateRevocationListDer<'static>>,
    ) -> Result<Self, VerifierBuilderError> {
        let trusted = Arc::new(trusted);
        // An authority without a revocation list has revoked nothing.
        let servers = WebPkiServerVerifier::builder_with_provider(Arc::clone(&trusted), provider())
            .with_crls(revoked.clone())
            .allow_unknown_revocation_status();
        let clients = WebPkiClientVerifier::builder_with_provider(trusted, provider())
            .with_crls(revoked)
            .allow_unknown_revocation_status();
        Ok(Self {
            own: Arc::new(own),
            servers: servers.build()?,
            clients: clients.build()?,
        })
    }

    /// Builds the material of cookies: a certificate from one, and trust in all.
    pub(super) fn of_cookies(own: &Leaf, authorities: &[CookieCa]) -> Self {
        let mut trusted = RootCertStore::empty();
        for authority in authorities {
            trusted
                .add(authority.certificate().clone())
                .expect("a generated certificate is valid");
        }
        let key = rustls::crypto::ring::sign::any_eddsa_type(own.key.der())
            .expect("a generated key is valid");
        let own = CertifiedKey::new(vec![own.certificate.clone()], key);
        Self::new(own, trusted, Vec::new()).expect("there is an authority")
    }

    /// Returns whether the node's own certificate is valid for every node of a cluster.
    pub(super) fn is_wildcard(&self, cluster: &ClusterName) -> bool {
        let end_entity = self.own.cert.first();
        let parsed = end_entity.and_then(|der| ParsedCertificate::try_from(der).ok());
        parsed.is_some_and(|parsed| is_wildcard(&parsed, cluster))
    }

    /// Verifies the node's own certificate as a peer with the same trust would.
    pub(super) fn check_own(&self, name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
        self.verify(&self.own.cert, Some(name), now)?;
        self.verify(&self.own.cert, None, now)
    }

    /// Verifies the certificates of a server with this name, or of a client if `server` is `None`.
    pub(super) fn verify(
        &self,
        chain: &[CertificateDer<'_>],
        server: Option<&ServerName<'_>>,
        now: UnixTime,
    ) -> Result<(), Error> {
        let (end_entity, between) = chain.split_first().ok_or(Error::NoCertificatesPresented)?;
        match server {
            Some(name) => self
                .servers
                .verify_server_cert(end_entity, between, name, &[], now)
                .map(drop),
            None => self
                .clients
                .verify_client_cert(end_entity, between, now)
                .map(drop),
        }
    }
}

/// The current material, behind every trait that `rustls` queries.
pub(super) struct CurrentTls {
    material: RwLock<Arc<TlsMaterial>>,
    changes: watch::Sender<()>,
}

impl CurrentTls {
    pub(super) fn new(material: TlsMaterial) -> Arc<Self> {
        Arc::new(Self {
            material: RwLock::new(Arc::new(material)),
            changes: watch::Sender::new(()),
        })
    }

    pub(super) fn now(&self) -> Arc<TlsMaterial> {
        Arc::clone(&self.material.read())
    }

    pub(super) fn replace(&self, material: TlsMaterial) {
        *self.material.write() = Arc::new(material);
        self.changes.send_replace(());
    }

    /// Returns a receiver that changes with each later replacement.
    pub(super) fn changes(&self) -> watch::Receiver<()> {
        self.changes.subscribe()
    }
}

impl fmt::Debug for CurrentTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CurrentTls(..)")
    }
}

impl ResolvesServerCert for CurrentTls {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now().own))
    }
}

impl client::ResolvesClientCert for CurrentTls {
    fn resolve(&self, _hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.now().own))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl ServerCertVerifier for CurrentTls {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.now()
            .servers
            .verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.now()
            .servers
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.now()
            .servers
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.now().servers.supported_verify_schemes()
    }
}

impl ClientCertVerifier for CurrentTls {
    /// Returns no hints: they would have to be borrowed from behind the lock, and no node has two certificates to
    /// choose from.
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        self.now()
            .clients
            .verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.now()
            .clients
            .verify_tls12_signature(message, certificate, signature)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.now()
            .clients
            .verify_tls13_signature(message, certificate, signature)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.now().clients.supported_verify_schemes()
    }
}
