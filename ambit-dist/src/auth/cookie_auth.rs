//! The cookies of nodes, which may change while they run.

use std::fmt;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use zeroize::Zeroizing;

use super::cookie::{Cookie, CookieError};
use super::cookie_ca::CookieCa;
use super::credentials::Sources;
use super::live::{Live, Material};
use crate::node::id::{ClusterName, NodeName};

/// [`Auth`](super::Auth) by a cookie, and the cookies it accepts beside it.
///
/// It is a handle: keep a clone, and the cookies are [replaced](Self::replace) while the node runs.
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
    /// The own one first; never empty.
    cookies: Mutex<Result<Vec<Cookie>, CookieError>>,
    nodes: Mutex<Vec<Bearer>>,
}

/// A node whose certificate comes from these cookies.
struct Bearer {
    node: NodeName,
    cluster: ClusterName,
    leaf_seed: Zeroizing<[u8; 32]>,
    live: Weak<Live>,
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

    /// Also trusts the nodes that have this other cookie. The node's own certificate is from the first one. The result is
    /// another handle than this one: nodes that use this one do not change.
    ///
    /// So a cookie is changed while the cluster runs, in three rounds over all nodes: `cookie(old).and_accept(new)`, then
    /// `cookie(new).and_accept(old)`, then `cookie(new)`. At each moment every node trusts what all others show. A node takes
    /// each step by [`replace`](Self::replace), or by a restart.
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

    /// Uses the cookies of `other` from now on, in every node that was started with this handle or a clone of it: new
    /// connections show a certificate from the first one and trust those of all. Later changes of `other` do not count.
    ///
    /// Open connections are judged again, as by [`Pki::reload`](super::Pki::reload): one whose other end has shown a
    /// certificate of a cookie that is trusted no more is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined), and dialled again as
    /// [`Reconnect`](crate::Reconnect) says. So a connection from before the second round ends in the third, and one from
    /// after it stays.
    ///
    /// # Errors
    /// [`CookieError`]: a cookie of `other` is none, and the cookies from before stay in use. A retry fails again until it is
    /// another one.
    pub fn replace(&self, other: &Self) -> Result<(), CookieError> {
        let cookies = other.cookies()?;
        // Held to the end, so that no node starts with the old ones in between and keeps them.
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

    /// What a node of this name uses, now and after each replacement.
    pub(super) fn for_node(
        &self,
        node: &NodeName,
        cluster: &ClusterName,
        sources: &Sources,
    ) -> Result<Arc<Live>, CookieError> {
        let mut nodes = self.0.nodes.lock();
        let mut bearer = Bearer {
            node: node.clone(),
            cluster: cluster.clone(),
            leaf_seed: sources.leaf_seed.clone(),
            live: Weak::new(),
        };
        let live = Live::new(bearer.material(&self.cookies()?));
        bearer.live = Arc::downgrade(&live);
        nodes.retain(|bearer| bearer.live.strong_count() > 0);
        nodes.push(bearer);
        Ok(live)
    }

    fn cookies(&self) -> Result<Vec<Cookie>, CookieError> {
        self.0.cookies.lock().clone()
    }
}

impl Bearer {
    /// A certificate from the first cookie, and trust in those of all.
    fn material(&self, cookies: &[Cookie]) -> Material {
        let authorities: Vec<_> = cookies
            .iter()
            .map(|cookie| CookieCa::derive(cookie, &self.cluster))
            .collect();
        let own = authorities[0].mint(&self.node, &self.cluster, &self.leaf_seed);
        Material::of_cookies(&own, &authorities)
    }
}

impl fmt::Debug for CookieAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CookieAuth(..)")
    }
}
