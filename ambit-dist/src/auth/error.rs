//! The errors of authentication and credentials.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The error for invalid credentials of a node. The node does not start. A retry fails with the same error until the
/// cause is fixed.
///
/// ```
/// use ambit_dist::{Auth, AuthError, Cookie, CookieError};
///
/// let auth: Auth = Auth::cookie("swordfish").into();
/// let refused = auth.credentials(&"a".parse()?, &"shop".parse()?);
/// assert!(matches!(refused, Err(AuthError::Cookie(CookieError::TooShort))));
///
/// let auth: Auth = Auth::cookie(Cookie::generate()?).into();
/// let refused = auth.credentials(&"any".parse()?, &"shop".parse()?);
/// assert!(matches!(refused, Err(AuthError::ReservedName)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The secret is not a valid cookie.
    #[error(transparent)]
    Cookie(#[from] CookieError),
    /// The certificates cannot be used.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The cookie of [`Auth::dev`](super::Auth::dev) cannot be used.
    #[error(transparent)]
    Dev(#[from] DevError),
    /// The node is named `any`. That name is reserved, because every certificate contains it.
    #[error("the node name `any` is reserved for certificates: choose another name")]
    ReservedName,
    /// A node with [`Auth::dev`](super::Auth::dev) was configured to listen on an address that other machines can
    /// reach.
    #[error(
        "`Auth::dev` is for one machine, and {address} can be reached from others: listen on 127.0.0.1 or [::1], or use `Auth::cookie` or `Auth::pki`"
    )]
    NotLoopback {
        /// The requested address.
        address: SocketAddr,
    },
    /// The operating system returned no random bytes.
    #[error("the operating system returned no random bytes: check its random device, then retry")]
    Randomness,
}

/// The error for a secret that is not a valid cookie. It never contains the secret.
///
/// ```
/// use ambit_dist::{Cookie, CookieError};
///
/// let refused = |secret: &str| Cookie::try_from(secret).unwrap_err();
/// assert_eq!(refused("swordfish"), CookieError::TooShort);
/// assert_eq!(refused("correct horse battery staple, and many more words"), CookieError::Characters);
/// assert_eq!(refused(&"ab".repeat(32)), CookieError::Guessable);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum CookieError {
    /// The secret has fewer than 32 bytes.
    #[error(
        "the cookie is too short: it takes 32 random bytes, as 64 hex digits or 43 characters of base64url; make one with `openssl rand -hex 32` or with `ambit-cookie`"
    )]
    TooShort,
    /// The secret contains characters that are neither hex digits nor characters of base64url.
    #[error(
        "the cookie is neither hex digits nor base64url (letters, digits, `-` and `_`); make one with `openssl rand -hex 32` or with `ambit-cookie`"
    )]
    Characters,
    /// The secret consists of words, a pattern or a repetition. An attacker who sees one connection could guess it
    /// offline.
    #[error(
        "the cookie does not look random, so it could be guessed; make one with `openssl rand -hex 32` or with `ambit-cookie`"
    )]
    Guessable,
}

impl From<Infallible> for CookieError {
    fn from(never: Infallible) -> Self {
        match never {}
    }
}

/// The error for unusable certificates. Certificates that are already in use stay in use.
///
/// ```
/// use ambit_dist::{Pki, PkiError};
///
/// match Pki::from_pem_files("missing/ca.pem", "missing/node.pem", "missing/node.key") {
///     Err(PkiError::Read { path, .. }) => assert!(path.ends_with("missing/ca.pem")),
///     other => panic!("there is no such file: {other:?}"),
/// }
/// let refused = Pki::from_pem("not a certificate", "", "");
/// assert!(matches!(refused, Err(PkiError::Pem { .. })));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PkiError {
    /// A file could not be read.
    #[error("`{}` could not be read: {source}", path.display())]
    Read {
        /// The path of the file.
        path: PathBuf,
        /// The error of the read.
        source: io::Error,
    },
    /// The PEM text lacks a required section, or the section is malformed.
    #[error("{origin} has no {part} in PEM form ({reason}): check the path and the contents")]
    Pem {
        /// The name of the PEM section.
        part: &'static str,
        /// The file or the argument that contains the text.
        origin: String,
        /// The reason that the parser returned.
        reason: String,
    },
    /// A CA certificate or a revocation list is not usable.
    #[error("the CA certificate cannot be trusted: {reason}")]
    Ca {
        /// The reason why it is not usable.
        reason: String,
    },
    /// The private key is of an unknown kind, or does not match the certificate, or the certificate is malformed inside
    /// its PEM section.
    #[error(
        "the private key cannot be used with the certificate ({reason}): use the key that the certificate was issued for"
    )]
    Key {
        /// The reason why the key cannot be used.
        reason: String,
    },
    /// Peers would refuse the node's own certificate, for example because it has expired.
    #[error("the certificate of this node would be refused by its peers: {reason}")]
    Refused {
        /// The reason for which a peer would refuse it.
        reason: String,
    },
    /// The certificate lacks one of the two DNS names that it needs.
    #[error("the certificate is not for `{name}`: issue it with this DNS name and with `{other}`")]
    Name {
        /// The missing name.
        name: String,
        /// The other DNS name that the certificate must have.
        other: String,
    },
    /// The certificate has a wildcard, so its key would be valid for every node. Issue a certificate without a
    /// wildcard, then retry.
    #[error(
        "the certificate is for every name below `{domain}`, so its key could be used by any node: issue one without `*`, for `{name}` and `{other}`"
    )]
    Wildcard {
        /// The domain behind the wildcard.
        domain: String,
        /// A DNS name that the certificate must have.
        name: String,
        /// The other DNS name that the certificate must have.
        other: String,
    },
    /// [`Pki::reload`](super::Pki::reload) was called, but the certificates were not loaded from files.
    #[error("there are no files to read again: use `Pki::replace_pem`, or `Pki::from_pem_files`")]
    NoFiles,
}

/// The error for a development cookie that cannot be used.
///
/// ```
/// use ambit_dist::DevError;
///
/// /// Returns the command that fixes the error, if there is one.
/// fn remedy(error: &DevError) -> Option<String> {
///     match error {
///         DevError::Permissions { path, .. } | DevError::Content { path } => {
///             Some(format!("rm -r {}", path.display()))
///         }
///         _ => None,
///     }
/// }
///
/// let error = DevError::Content { path: "ambit/dev-cookie".into() };
/// assert_eq!(remedy(&error).as_deref(), Some("rm -r ambit/dev-cookie"));
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevError {
    /// Neither `XDG_STATE_HOME` nor `HOME` is set to an absolute path.
    #[error(
        "there is no directory for the cookie of `Auth::dev`: set XDG_STATE_HOME or HOME to an absolute path"
    )]
    NoDirectory,
    /// The file or its directory could not be created or read.
    #[error("the cookie of `Auth::dev` in `{}` could not be used: {source}", path.display())]
    Io {
        /// The path of the file or directory.
        path: PathBuf,
        /// The error of the file system.
        source: io::Error,
    },
    /// The file or its directory is accessible to other users, so they could have read the cookie.
    #[error(
        "`{}` is accessible to other users (mode {mode:03o}): remove it to generate a new cookie",
        path.display()
    )]
    Permissions {
        /// The path of the file or directory.
        path: PathBuf,
        /// The permission bits of the file or directory.
        mode: u32,
    },
    /// The file contains something other than a cookie.
    #[error("`{}` does not contain a cookie: remove it to generate a new one", path.display())]
    Content {
        /// The path of the file.
        path: PathBuf,
    },
}
