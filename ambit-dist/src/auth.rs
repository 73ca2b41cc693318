//! Authentication of nodes: certificates and their sources.
//!
//! Every kind of [`Auth`] results in [`Credentials`], the two halves of mutual TLS 1.3, so all kinds share one
//! verification mechanism. A certificate is issued for `<node>.<cluster>.ambit`; the handshake compares this name with
//! the name that the node sends.

mod cookie;
mod cookie_auth;
mod cookie_ca;
mod credentials;
mod current;
#[cfg(unix)]
mod dev;
mod error;
mod pki;
mod recheck;
mod server_name;
mod sources;
#[cfg(test)]
mod tests;

use std::fmt;
use std::net::SocketAddr;

pub use self::cookie::Cookie;
pub use self::cookie_auth::CookieAuth;
pub use self::credentials::Credentials;
#[cfg(unix)]
use self::dev::Dev;
pub use self::error::{AuthError, CookieError, DevError, PkiError};
pub use self::pki::Pki;
pub(crate) use self::recheck::CertificateRecheck;
pub(crate) use self::server_name::{any_name, certificate_is_for};
pub(crate) use self::sources::Sources;
use crate::node::id::{ClusterName, NodeName};

/// The authentication method of a node. Connections are always encrypted, and both ends always present a certificate.
///
/// | method | use for | requires |
/// |---|---|---|
/// | [`Auth::cookie`] | a cluster whose machines share a secret (Erlang: the cookie) | the same 32 random bytes on each node |
/// | [`Auth::pki`] | a cluster with its own certificate authority | a CA, and a certificate with key for each node |
/// | [`Auth::dev`] | trying ambit out on one machine | nothing |
///
/// A cookie lets its holder impersonate any node of the cluster. A certificate identifies a single node.
///
/// ```
/// use ambit_dist::{Auth, Cookie, Pki, PkiError};
///
/// /// Uses the shared secret if one is configured, and otherwise certificates.
/// fn auth(secret: Option<&str>) -> Result<Auth, PkiError> {
///     match secret {
///         Some(secret) => Ok(Auth::cookie(secret).into()),
///         None => Ok(Auth::pki(Pki::from_pem_files("ca.pem", "node.pem", "node.key")?)),
///     }
/// }
///
/// let secret = Cookie::generate()?.reveal();
/// assert!(auth(Some(secret.as_str()))?.credentials(&"a".parse()?, &"shop".parse()?).is_ok());
/// assert!(auth(None).is_err(), "these files do not exist");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Auth(Method);

#[derive(Clone)]
enum Method {
    Pki(Pki),
    Cookie(CookieAuth),
    #[cfg(unix)]
    Dev(Dev),
}

impl Auth {
    /// Authenticates with certificates from files or from memory. See [`Pki`].
    #[must_use]
    pub fn pki(pki: Pki) -> Self {
        Self(Method::Pki(pki))
    }

    /// Authenticates with a secret that all nodes of the cluster share: text, bytes or a [`Cookie`]. If the secret is
    /// not a valid cookie, the node fails to start with [`AuthError::Cookie`]. [`Cookie`] describes the format, and
    /// [`CookieAuth::and_accept`] how to rotate the cookie of a running cluster.
    ///
    /// ```
    /// use ambit_dist::{Auth, Cookie};
    ///
    /// let secret = Cookie::generate()?.reveal(); // from a file or the environment
    /// let auth: Auth = Auth::cookie(secret.as_str()).into();
    /// assert!(auth.credentials(&"a".parse()?, &"shop".parse()?).is_ok());
    ///
    /// let auth: Auth = Auth::cookie("swordfish").into();
    /// let refused = auth.credentials(&"a".parse()?, &"shop".parse()?).unwrap_err();
    /// assert!(refused.to_string().starts_with("the cookie is too short"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn cookie<C>(secret: C) -> CookieAuth
    where
        C: TryInto<Cookie>,
        C::Error: Into<CookieError>,
    {
        CookieAuth::new(secret)
    }

    /// Authenticates with a cookie of the user on this machine, for development. The cookie is generated on first use,
    /// in the file `dev-cookie` in `$XDG_STATE_HOME/ambit` or `~/.local/state/ambit`, which only the user can read. The
    /// node can listen only on loopback addresses. Unix only.
    #[cfg(unix)]
    #[must_use]
    pub fn dev() -> Self {
        Self(Method::Dev(Dev::default()))
    }

    /// Returns the certificates that a node presents and trusts, for a custom transport. A `Node` obtains them itself.
    ///
    /// # Errors
    /// The error is an [`AuthError`]. A retry fails with the same error until the cause is fixed.
    /// - `ReservedName` if the node is named `any`.
    /// - `Cookie` if the secret is not a valid cookie.
    /// - `Pki` if the certificate is not valid for this node and cluster.
    /// - `Dev` if the file with the cookie of [`Auth::dev`] cannot be used.
    /// - `Randomness` if the operating system returns no random bytes.
    pub fn credentials(
        &self,
        node: &NodeName,
        cluster: &ClusterName,
    ) -> Result<Credentials, AuthError> {
        self.credentials_from(node, cluster, &Sources::system()?)
    }

    /// Works like [`credentials`](Self::credentials), with time and randomness supplied by the caller.
    pub(crate) fn credentials_from(
        &self,
        node: &NodeName,
        cluster: &ClusterName,
        sources: &Sources,
    ) -> Result<Credentials, AuthError> {
        let (credentials, _) = self.identity(node, cluster, sources)?;
        Ok(credentials)
    }

    /// Returns the credentials and the [`CertificateRecheck`] that verifies the certificates of peers again later.
    pub(crate) fn identity(
        &self,
        node: &NodeName,
        cluster: &ClusterName,
        sources: &Sources,
    ) -> Result<(Credentials, CertificateRecheck), AuthError> {
        if server_name::is_reserved(node) {
            return Err(AuthError::ReservedName);
        }
        let live = match &self.0 {
            Method::Pki(pki) => pki.for_node(node, cluster, &sources.time)?,
            Method::Cookie(auth) => auth.for_node(node, cluster, sources)?,
            #[cfg(unix)]
            Method::Dev(dev) => CookieAuth::new(dev.cookie()?).for_node(node, cluster, sources)?,
        };
        // Certificates derived from a cookie do not expire.
        let expires = matches!(self.0, Method::Pki(_));
        let recheck = CertificateRecheck::new(live.clone(), cluster, &sources.time, expires);
        Ok((Credentials::new(live, sources), recheck))
    }

    /// Checks that a node with this authentication may listen on `address`.
    ///
    /// # Errors
    /// Fails with [`AuthError::NotLoopback`] if other machines could reach the address and this is [`Auth::dev`].
    pub(crate) fn check_listen(&self, address: SocketAddr) -> Result<(), AuthError> {
        match &self.0 {
            #[cfg(unix)]
            Method::Dev(_) if !address.ip().to_canonical().is_loopback() => {
                Err(AuthError::NotLoopback { address })
            }
            _ => Ok(()),
        }
    }
}

impl From<CookieAuth> for Auth {
    fn from(auth: CookieAuth) -> Self {
        Self(Method::Cookie(auth))
    }
}

impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Method::Pki(_) => "Auth::pki(..)",
            Method::Cookie(_) => "Auth::cookie(..)",
            #[cfg(unix)]
            Method::Dev(_) => "Auth::dev()",
        })
    }
}
