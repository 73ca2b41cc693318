//! Authentication with cookies that can be replaced while nodes run.

use std::fmt;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::cookie::Cookie;
use super::cookie_ca::CookieCa;
use super::current::{CurrentTls, TlsMaterial};
use super::error::CookieError;
use super::sources::Sources;
use crate::node::id::{ClusterName, NodeName};

/// Authentication with a cookie, and with any further cookies that the node accepts. Converts into an
/// [`Auth`](super::Auth).
///
/// A `CookieAuth` is a handle: keep a clone to [replace](Self::replace) the cookies while the node runs.
///
/// ```
/// use ambit_dist::{Auth, Cookie};
///
/// let (old, new) = (Cookie::generate()?, Cookie::generate()?);
/// let auth = Auth::cookie(old.clone());
/// // .. `Node::builder(..).auth(auth.clone())`, and the node runs. Three rounds over all nodes:
/// auth.replace(&Auth::cookie(old.clone()).and_accept(new.clone()))?;
/// auth.replace(&Auth::cookie(new.clone()).and_accept(old))?;
/// auth.replace(&Auth::cookie(new))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct CookieAuth(Arc<Inner>);

struct Inner {
    /// The node's own cookie first; never empty.
    cookies: Mutex<Result<Vec<Cookie>, CookieError>>,
    nodes: Mutex<Vec<IssuedTo>>,
}

/// A node whose certificate is derived from these cookies.
struct IssuedTo {
    node: NodeName,
    cluster: ClusterName,
    leaf_seed: Zeroizing<[u8; 32]>,
    live: Weak<CurrentTls>,
}

impl CookieAuth {
    pub(super) fn new<C>(secret: C) -> Self
    where
        C: TryInto<Cookie>,
        C::Error: Into<CookieError>,
    {
        let cookie = secret.try_into().map_err(Into::into);
        Self::of(cookie.map(|cookie| vec![cookie]))
    }

    fn of(cookies: Result<Vec<Cookie>, CookieError>) -> Self {
        Self(Arc::new(Inner {
            cookies: Mutex::new(cookies),
            nodes: Mutex::default(),
        }))
    }

    /// Returns a new handle that also accepts nodes with this other cookie. The node's own certificate is derived from
    /// the first cookie. Nodes that use the old handle do not change.
    ///
    /// To rotate the cookie of a running cluster, make three rounds over all nodes: `cookie(old).and_accept(new)`, then
    /// `cookie(new).and_accept(old)`, then `cookie(new)`. At every moment, each node trusts the certificates of all
    /// others. Perform a step on a node with [`replace`](Self::replace) or with a restart.
    #[must_use]
    pub fn and_accept<C>(self, secret: C) -> Self
    where
        C: TryInto<Cookie>,
        C::Error: Into<CookieError>,
    {
        Self::of(self.cookies().and_then(|mut cookies| {
            cookies.push(secret.try_into().map_err(Into::into)?);
            Ok(cookies)
        }))
    }

    /// Replaces the cookies with those of `other`, in every node that was started with this handle or a clone of it.
    /// For new connections, such a node presents a certificate derived from the first cookie, and trusts certificates
    /// of all cookies. Later changes of `other` have no effect.
    ///
    /// The node verifies its open connections again, as after [`Pki::reload`](super::Pki::reload). It closes a
    /// connection whose peer presented a certificate of a cookie that is no longer trusted, with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined). The connection is dialled again according to
    /// [`Reconnect`](crate::Reconnect). In a rotation, the third round closes connections from before the second round;
    /// connections from after the second round stay open.
    ///
    /// # Errors
    /// Fails with [`CookieError`] if a cookie of `other` is invalid; the previous cookies stay in use. A retry fails
    /// with the same error until the cookie is corrected.
    pub fn replace(&self, other: &Self) -> Result<(), CookieError> {
        let cookies = other.cookies()?;
        // The lock is held until the end, so that no node starts with the old cookies in between and keeps them.
        let mut nodes = self.0.nodes.lock();
        nodes.retain(|bearer| {
            let live = bearer.live.upgrade();
            live.is_some_and(|live| {
                live.replace(bearer.material(&cookies));
                true
            })
        });
        *self.0.cookies.lock() = Ok(cookies);
        Ok(())
    }

    /// Registers a node and returns its certificates, which follow each replacement.
    pub(super) fn for_node(
        &self,
        node: &NodeName,
        cluster: &ClusterName,
        sources: &Sources,
    ) -> Result<Arc<CurrentTls>, CookieError> {
        let mut nodes = self.0.nodes.lock();
        let mut bearer = IssuedTo {
            node: node.clone(),
            cluster: cluster.clone(),
            leaf_seed: sources.leaf_seed.clone(),
            live: Weak::new(),
        };
        let live = CurrentTls::new(bearer.material(&self.cookies()?));
        bearer.live = Arc::downgrade(&live);
        nodes.retain(|bearer| bearer.live.strong_count() > 0);
        nodes.push(bearer);
        Ok(live)
    }

    fn cookies(&self) -> Result<Vec<Cookie>, CookieError> {
        self.0.cookies.lock().clone()
    }
}

impl IssuedTo {
    /// Derives a certificate from the first cookie and trust in all cookies.
    fn material(&self, cookies: &[Cookie]) -> TlsMaterial {
        let authorities: Vec<_> = cookies
            .iter()
            .map(|cookie| CookieCa::derive(cookie, &self.cluster))
            .collect();
        let own = authorities[0].mint(&self.node, &self.cluster, &self.leaf_seed);
        TlsMaterial::of_cookies(&own, &authorities)
    }
}

impl fmt::Debug for CookieAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieAuth(..)")
    }
}
