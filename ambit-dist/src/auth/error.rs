//! Why a node has no credentials.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use super::cookie::CookieError;

/// Why a node has no credentials. It does not start; a retry fails again until what is named here is changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthError {
    /// The secret is no cookie.
    #[error(transparent)]
    Cookie(#[from] CookieError),
    /// The certificates cannot be used.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The cookie of [`Auth::dev`](super::Auth::dev) cannot be used.
    #[error(transparent)]
    Dev(#[from] DevError),
    /// The node has a name that stands for every node.
    #[error(
        "a node cannot be called `any`, which stands for every node in certificates: choose another name"
    )]
    ReservedName,
    /// A node with [`Auth::dev`](super::Auth::dev) was to listen where other machines reach it.
    #[error(
        "`Auth::dev` is for one machine, and {address} can be reached from others: listen on 127.0.0.1 or [::1], or use `Auth::cookie` or `Auth::pki`"
    )]
    NotLoopback {
        /// Where it was to listen.
        address: SocketAddr,
    },
    /// The system has no randomness to give.
    #[error("the operating system gave no random bytes: look at its random device, then retry")]
    Randomness,
}

/// Why certificates cannot be used. Those in use before, if any, stay in use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PkiError {
    /// A file could not be read.
    #[error("`{}` could not be read: {source}", path.display())]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Text that has no such PEM section, or a broken one.
    #[error("{origin} has no {part} in PEM form: {reason}")]
    Pem {
        /// What was looked for.
        part: &'static str,
        /// The file, or which argument it was.
        origin: String,
        /// What is wrong.
        reason: String,
    },
    /// Something that is no CA.
    #[error("the CA certificate cannot be trusted: {reason}")]
    Ca {
        /// What is wrong.
        reason: String,
    },
    /// The private key is of an unknown kind, or not that of the certificate.
    #[error("the private key cannot be used with the certificate: {reason}")]
    Key {
        /// What is wrong.
        reason: String,
    },
    /// The node's own certificate would be refused by its peers.
    #[error("the certificate of this node would be refused by its peers: {reason}")]
    Refused {
        /// What is wrong.
        reason: String,
    },
    /// The certificate does not have both names that it needs.
    #[error(
        "the certificate is not for `{name}`: issue it with this DNS name, and with `{other}` beside it"
    )]
    Name {
        /// The name that is missing.
        name: String,
        /// The other one that it must have.
        other: String,
    },
    /// The certificate has a wildcard, so that its key could be used by any node. A retry helps after another was issued.
    #[error(
        "the certificate is for every name below `{domain}`, so its key could be used by any node: issue one without `*`, for `{name}` and `{other}`"
    )]
    Wildcard {
        /// What stands behind the wildcard.
        domain: String,
        /// A name that the certificate must have.
        name: String,
        /// The other one that it must have.
        other: String,
    },
    /// The certificates did not come from files.
    #[error("there are no files to read again: use `Pki::replace_pem`, or `Pki::from_pem_files`")]
    NoFiles,
}

/// Why there is no cookie for development.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DevError {
    /// No home directory is known.
    #[error(
        "there is no place for the cookie of `Auth::dev`: set XDG_STATE_HOME or HOME to an absolute path"
    )]
    NoDirectory,
    /// The file or its directory could not be made or read.
    #[error("the cookie of `Auth::dev` in `{}` could not be used: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others could have read the cookie.
    #[error(
        "`{}` can be used by others (mode {mode:03o}): remove it, and a new cookie is made",
        path.display()
    )]
    Permissions {
        /// The file or its directory.
        path: PathBuf,
        /// The permissions that it has.
        mode: u32,
    },
    /// The file has something else in it.
    #[error("`{}` holds no cookie: remove it, and a new one is made", path.display())]
    Content {
        /// Which.
        path: PathBuf,
    },
}
