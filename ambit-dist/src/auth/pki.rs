//! Authentication with certificates that an external authority issues.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::time_provider::TimeProvider;
use rustls::{CertificateError, Error, RootCertStore};
use zeroize::Zeroizing;

use super::current::{CurrentTls, TlsMaterial};
use super::error::PkiError;
use super::server_name::{any_name, server_name};
use super::sources::provider;
use crate::node::id::{ClusterName, NodeName};

/// The certificates of a public key infrastructure: the trusted CA, and a certificate with its private key for this
/// node.
///
/// The certificate must have two DNS names: `<node>.<cluster>.ambit`, which identifies the node, and
/// `any.<cluster>.ambit`, by which nodes dial it while they know only its address. A wildcard certificate is refused,
/// because its key would be valid for every node. If the certificate has extended key usages, they must include those
/// for a server and for a client.
///
/// The CA file may contain several CAs, and their revocation lists (`X509 CRL`). To change the CA, first add the new CA
/// on all nodes, then issue new certificates from it.
///
/// A `Pki` is a handle: keep a clone to replace the certificates while the node runs. The node verifies its open
/// connections again after each replacement, and every 2 s because certificates expire. It disconnects a peer whose
/// certificate would now be refused, with [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined).
///
/// ```no_run
/// use ambit_dist::{Auth, Pki};
///
/// let pki = Pki::from_pem_files("ca.pem", "node.pem", "node.key")?;
/// let auth = Auth::pki(pki.clone());
/// // .. the node runs; the files were exchanged:
/// pki.reload()?;
/// # Ok::<(), ambit_dist::PkiError>(())
/// ```
#[derive(Clone)]
pub struct Pki(Arc<Inner>);

struct Inner {
    files: Option<Files>,
    live: Arc<CurrentTls>,
    /// The nodes that use these certificates. A replacement must be valid for all of them.
    nodes: Mutex<Vec<IssuedTo>>,
}

struct Files {
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
}

#[derive(Clone)]
struct IssuedTo {
    node: NodeName,
    cluster: ClusterName,
    /// The clock of the node, which lasts as long as its credentials.
    time: Weak<dyn TimeProvider>,
}

impl Pki {
    /// Loads three PEM files: the trusted CA certificates, this node's certificate (followed by intermediate
    /// certificates, if any), and its private key. This function and [`reload`](Self::reload) block while they read the
    /// files.
    ///
    /// # Errors
    /// - `Read` if a file cannot be read.
    /// - `Pem` if a file lacks its PEM section, or a section is malformed.
    /// - `Ca` if a CA certificate or a revocation list is not usable.
    /// - `Key` if the private key is of an unknown kind, or does not match the certificate, or the certificate is
    ///   malformed inside its PEM section.
    pub fn from_pem_files(
        ca: impl Into<PathBuf>,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Result<Self, PkiError> {
        let files = Files {
            ca: ca.into(),
            certificate: certificate.into(),
            key: key.into(),
        };
        let live = CurrentTls::new(files.read()?);
        Ok(Self::new(Some(files), live))
    }

    /// Works like [`from_pem_files`](Self::from_pem_files), but takes PEM text from memory.
    ///
    /// # Errors
    /// Fails like `from_pem_files`, except with `Read`.
    pub fn from_pem(
        ca: impl AsRef<[u8]>,
        certificate: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<Self, PkiError> {
        let material = given(ca.as_ref(), certificate.as_ref(), key.as_ref())?;
        Ok(Self::new(None, CurrentTls::new(material)))
    }

    fn new(files: Option<Files>, live: Arc<CurrentTls>) -> Self {
        Self(Arc::new(Inner {
            files,
            live,
            nodes: Mutex::default(),
        }))
    }

    /// Reads the files again. New connections use the new certificates. An open connection stays open if its peer would
    /// still be accepted.
    ///
    /// # Errors
    /// If this method fails, the previous certificates stay in use. Retry when all files are written: certificate and
    /// key are separate files, so a reload between the two writes fails.
    /// - `NoFiles` if the certificates were not loaded from files.
    /// - `Read`, `Pem`, `Ca` or `Key` as in [`from_pem_files`](Self::from_pem_files).
    /// - `Name` if the new certificate lacks one of the two DNS names of a node that uses this handle.
    /// - `Wildcard` if the new certificate is valid for every node of the cluster.
    /// - `Refused` if peers would refuse the new certificate, for example because it has expired.
    pub fn reload(&self) -> Result<(), PkiError> {
        let files = self.0.files.as_ref().ok_or(PkiError::NoFiles)?;
        self.exchange(files.read()?)
    }

    /// Works like [`reload`](Self::reload), but takes PEM text from memory.
    ///
    /// # Errors
    /// Fails like `reload`, except with `NoFiles` and `Read`. If this method fails, the previous certificates stay in
    /// use.
    pub fn replace_pem(
        &self,
        ca: impl AsRef<[u8]>,
        certificate: impl AsRef<[u8]>,
        key: impl AsRef<[u8]>,
    ) -> Result<(), PkiError> {
        self.exchange(given(ca.as_ref(), certificate.as_ref(), key.as_ref())?)
    }

    fn exchange(&self, material: TlsMaterial) -> Result<(), PkiError> {
        // The lock is held until the end, so that no node starts with the old certificates in between without a check
        // of the new.
        let nodes = self.0.nodes.lock();
        for bearer in nodes.iter() {
            if let Some(time) = bearer.time.upgrade() {
                bearer.check(&material, &*time)?;
            }
        }
        self.0.live.replace(material);
        Ok(())
    }

    /// Registers a node and returns its certificates, which follow each reload.
    pub(super) fn for_node(
        &self,
        node: &NodeName,
        cluster: &ClusterName,
        time: &Arc<dyn TimeProvider>,
    ) -> Result<Arc<CurrentTls>, PkiError> {
        let bearer = IssuedTo {
            node: node.clone(),
            cluster: cluster.clone(),
            time: Arc::downgrade(time),
        };
        let mut nodes = self.0.nodes.lock();
        bearer.check(&self.0.live.now(), &**time)?;
        // Another registration of the same node may still be in use.
        nodes.retain(|other| other.time.strong_count() > 0);
        nodes.push(bearer);
        Ok(Arc::clone(&self.0.live))
    }
}

impl IssuedTo {
    /// Checks for both names: one identifies the node, the other is the name by which it is dialled.
    fn check(&self, material: &TlsMaterial, time: &dyn TimeProvider) -> Result<(), PkiError> {
        let names = (
            server_name(&self.node, &self.cluster),
            any_name(&self.cluster),
        );
        if material.is_wildcard(&self.cluster) {
            let domain = format!("{}.ambit", self.cluster);
            let (name, other) = names;
            return Err(PkiError::Wildcard {
                domain,
                name,
                other,
            });
        }
        check_name(material, time, &names.0, &names.1)?;
        check_name(material, time, &names.1, &names.0)
    }
}

fn check_name(
    material: &TlsMaterial,
    time: &dyn TimeProvider,
    name: &str,
    other: &str,
) -> Result<(), PkiError> {
    let judged = ServerName::try_from(name)
        .map_err(|error| Error::General(error.to_string()))
        .and_then(|name| {
            let now = time.current_time();
            material.check_own(&name, now.ok_or(Error::FailedToGetCurrentTime)?)
        });
    judged.map_err(|error| match error {
        Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => PkiError::Name {
            name: name.to_owned(),
            other: other.to_owned(),
        },
        error => PkiError::Refused {
            reason: error.to_string(),
        },
    })
}

impl Files {
    fn read(&self) -> Result<TlsMaterial, PkiError> {
        let ca = read(&self.ca)?;
        let certificate = read(&self.certificate)?;
        let key = read(&self.key)?;
        let origin = |path: &Path| format!("`{}`", path.display());
        material(
            (&ca, &origin(&self.ca)),
            (&certificate, &origin(&self.certificate)),
            (&key, &origin(&self.key)),
        )
    }
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, PkiError> {
    let bytes = std::fs::read(path).map_err(|source| PkiError::Read {
        path: path.to_owned(),
        source,
    })?;
    Ok(Zeroizing::new(bytes))
}

fn given(ca: &[u8], certificate: &[u8], key: &[u8]) -> Result<TlsMaterial, PkiError> {
    material(
        (ca, "the text of the CA"),
        (certificate, "the text of the certificate"),
        (key, "the text of the key"),
    )
}

/// Parses the texts, each paired with its origin.
fn material(
    ca: (&[u8], &str),
    certificate: (&[u8], &str),
    key: (&[u8], &str),
) -> Result<TlsMaterial, PkiError> {
    let mut trusted = RootCertStore::empty();
    for authority in certificates(ca, "CA certificate")? {
        trusted.add(authority).map_err(|error| PkiError::Ca {
            reason: error.to_string(),
        })?;
    }
    let revoked = revocation_lists(ca)?;
    let chain = certificates(certificate, "certificate")?;
    let key = PrivateKeyDer::from_pem_slice(key.0).map_err(in_part("private key", key.1))?;
    let own = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| PkiError::Key {
        reason: error.to_string(),
    })?;
    TlsMaterial::new(own, trusted, revoked).map_err(|error| PkiError::Ca {
        reason: error.to_string(),
    })
}

/// Returns the revocation lists in the text of the CA, if any.
fn revocation_lists(
    (text, origin): (&[u8], &str),
) -> Result<Vec<CertificateRevocationListDer<'static>>, PkiError> {
    let found = CertificateRevocationListDer::pem_slice_iter(text);
    let found: Result<_, _> = found.collect();
    found.map_err(in_part("revocation list", origin))
}

fn certificates(
    (text, origin): (&[u8], &str),
    part: &'static str,
) -> Result<Vec<CertificateDer<'static>>, PkiError> {
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
    let found = found.map_err(in_part(part, origin))?;
    if found.is_empty() {
        return Err(in_part(part, origin)(pem::Error::NoItemsFound));
    }
    Ok(found)
}

fn in_part(part: &'static str, origin: &str) -> impl Fn(pem::Error) -> PkiError {
    move |error| PkiError::Pem {
        part,
        origin: origin.to_owned(),
        reason: error.to_string(),
    }
}

impl fmt::Debug for Pki {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pki(..)")
    }
}
