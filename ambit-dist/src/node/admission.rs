//! The admit hook: which nodes may be connected.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use crate::node::id::NodeId;

/// A node that an admit hook judges: one that dials this node, one that this node has dialled, or one that is connected.
/// See [`NodeBuilder::admit`](crate::NodeBuilder::admit).
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// Its name and incarnation. The certificate is for this name.
    pub node: &'a NodeId,
    /// Its certificate in DER form; `None` over transports that have none, such as
    /// [`Memory`](crate::transport::Memory).
    pub certificate: Option<&'a CertificateDer<'static>>,
    /// The address from which it dials, or at which it was dialled.
    pub address: SocketAddr,
    /// Whether this node has dialled it.
    pub dialled: bool,
}

/// What an admit hook says of a node. See [`NodeBuilder::admit`](crate::NodeBuilder::admit).
///
/// ```
/// use ambit_dist::Admission;
/// let refused = Admission::refuse("it is not in the inventory");
/// assert_ne!(refused, Admission::Admit);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// It may connect, and stay connected.
    Admit,
    /// It may not. An open connection is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined).
    Refuse {
        /// Why: sent to the other node and logged.
        reason: String,
    },
}

impl Admission {
    /// Refuses a node for this reason, which is sent to it.
    #[must_use]
    pub fn refuse(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Refuse { reason }
    }
}

/// An admit hook.
#[derive(Clone)]
pub(crate) struct Admit(Arc<dyn Fn(&Candidate<'_>) -> Admission + Send + Sync>);

impl Admit {
    pub(crate) fn new(hook: impl Fn(&Candidate<'_>) -> Admission + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    /// The reason, if the node may not connect.
    pub(crate) fn judge(&self, candidate: &Candidate<'_>) -> Result<(), String> {
        match catch_unwind(AssertUnwindSafe(|| (self.0)(candidate))) {
            Ok(Admission::Admit) => Ok(()),
            Ok(Admission::Refuse { reason }) => Err(reason),
            Err(_) => {
                tracing::error!(peer = %candidate.node, "the admit hook panicked: the node is refused");
                Err("its admit hook panicked".to_owned())
            }
        }
    }
}

impl fmt::Debug for Admit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Admit(..)")
    }
}
