//! The certificate authority derived from a cookie.
//!
//! Each node derives the authority from the cookie and the cluster name, keeps it in memory, and issues only its own
//! certificate from it. A certificate of this authority proves possession of the cookie, so TLS alone authenticates the
//! nodes, and the cookie is never sent.

use hkdf::Hkdf;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyUsagePurpose, PublicKeyData, SerialNumber, SigningKey,
};
use ring::signature::{Ed25519KeyPair, KeyPair};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use sha2::Sha256;
use zeroize::{Zeroize, Zeroizing};

use super::cookie::Cookie;
use super::server_name::{any_name, server_name};
use crate::node::id::{ClusterName, NodeName};

/// Identifies the derivation. Another text derives another authority, so it must never change.
const CA_SALT: &[u8] = b"ambit-dist cookie CA v1";
const LEAF_SALT: &[u8] = b"ambit-dist cookie leaf v1";
const SERIAL_SALT: &[u8] = b"ambit-dist cookie serial v1";

/// The PKCS #8 prefix before the seed of an Ed25519 key (RFC 8410).
const PKCS8: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

type Seed = Zeroizing<[u8; 32]>;

/// The authority of one cookie in one cluster. The derivation is deterministic.
pub(super) struct CookieCa {
    pub(super) issuer: Issuer<'static, Key>,
    certificate: CertificateDer<'static>,
}

/// A certificate of a node and its private key.
pub(super) struct Leaf {
    pub(super) certificate: CertificateDer<'static>,
    pub(super) key: LeafKey,
}

/// A private key that is erased from memory on drop.
pub(super) struct LeafKey(PrivatePkcs8KeyDer<'static>);

impl CookieCa {
    pub(super) fn derive(cookie: &Cookie, cluster: &ClusterName) -> Self {
        let key = Key::from_seed(&expand(CA_SALT, cookie.bytes(), cluster.as_str()));
        let mut params = named("ambit-dist cookie CA", cluster);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let certificate = params.self_signed(&key).expect("Ed25519 signs anything");
        Self {
            certificate: certificate.der().clone(),
            issuer: Issuer::new(params, key),
        }
    }

    pub(super) fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// Issues the certificate of a node. The same seed and name give the same certificate.
    pub(super) fn mint(&self, node: &NodeName, cluster: &ClusterName, seed: &Seed) -> Leaf {
        let serial = serial(&expand(SERIAL_SALT, seed.as_slice(), node.as_str()));
        let seed = expand(LEAF_SALT, seed.as_slice(), node.as_str());
        let mut params = named(node.as_str(), cluster);
        params.serial_number = Some(serial);
        params.subject_alt_names = [server_name(node, cluster), any_name(cluster)]
            .map(|name| rcgen::SanType::DnsName(name.try_into().expect("names are ASCII")))
            .into();
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![
            ExtendedKeyUsagePurpose::ServerAuth,
            ExtendedKeyUsagePurpose::ClientAuth,
        ];
        let certificate = params
            .signed_by(&Key::from_seed(&seed), &self.issuer)
            .expect("Ed25519 signs anything");
        Leaf {
            certificate: certificate.der().clone(),
            key: LeafKey::from_seed(&seed),
        }
    }
}

/// Valid from 1975 to 4096, because a simulated clock can start anywhere and access is revoked by replacing the cookie.
pub(super) fn named(name: &str, cluster: &ClusterName) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.not_before = rcgen::date_time_ymd(1975, 1, 1);
    params.not_after = rcgen::date_time_ymd(4096, 1, 1);
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::OrganizationName, cluster.as_str());
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

/// Builds a serial number whose encoding has a fixed length. All certificates of a node then have the same length, so
/// in a simulation nothing depends on the seed of its key.
fn serial(random: &Seed) -> SerialNumber {
    let mut serial = [0; 16];
    serial.copy_from_slice(&random[..16]);
    serial[0] = serial[0] & 0x3f | 0x40;
    SerialNumber::from_slice(&serial)
}

fn expand(salt: &[u8], secret: &[u8], info: &str) -> Seed {
    let mut seed = Zeroizing::new([0; 32]);
    Hkdf::<Sha256>::new(Some(salt), secret)
        .expand(info.as_bytes(), seed.as_mut_slice())
        .expect("32 bytes are far below HKDF's limit");
    seed
}

impl LeafKey {
    fn from_seed(seed: &Seed) -> Self {
        let mut der = Vec::with_capacity(PKCS8.len() + seed.len());
        der.extend_from_slice(&PKCS8);
        der.extend_from_slice(seed.as_slice());
        Self(der.into())
    }

    pub(super) fn der(&self) -> &PrivatePkcs8KeyDer<'static> {
        &self.0
    }
}

impl Drop for LeafKey {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// An Ed25519 key for `rcgen`. Its signatures, and so the certificates, are deterministic.
pub(super) struct Key(Ed25519KeyPair);

impl Key {
    fn from_seed(seed: &Seed) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(seed.as_slice()).expect("a seed has 32 bytes"))
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ED25519
    }
}

impl SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        Ok(self.0.sign(message).as_ref().to_vec())
    }
}
