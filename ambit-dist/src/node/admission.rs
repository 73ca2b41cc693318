//! The admit hook, which decides which nodes may connect.

use std::fmt;
use std::net::SocketAddr;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;

use crate::node::id::NodeId;

/// A node that an admit hook evaluates: one that has dialled this node, that this node has dialled, or that is already
/// connected. See [`NodeBuilder::admit`](crate::NodeBuilder::admit).
///
/// ```
/// use ambit_dist::{Admission, Candidate, ConnectError, Network};
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
/// # let b = Node::builder("b").transport(network.bind("192.168.0.2:9000".parse()?)?).start().await?;
/// let inside: Network = "10.0.0.0/8".parse()?;
/// let admit = move |candidate: &Candidate<'_>| match candidate.dialled || inside.contains(candidate.address.ip()) {
///     true => Admission::Admit,
///     false => Admission::refuse("it dials from outside"),
/// };
/// let a = Node::builder("a").transport(transport).admit(admit).start().await?;
///
/// // Node b has the address 192.168.0.2.
/// let refused = b.connect(a.local_addr()).await;
/// assert!(matches!(refused, Err(ConnectError::Quarantined { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Candidate<'a> {
    /// The node's name and incarnation. Its certificate is valid for this name.
    pub node: &'a NodeId,
    /// The node's certificate in DER form; `None` over transports without certificates, such as
    /// [`Memory`](crate::transport::Memory).
    pub certificate: Option<&'a CertificateDer<'static>>,
    /// The remote address of the connection.
    pub address: SocketAddr,
    /// True if this node dialled the connection, false if it accepted it.
    pub dialled: bool,
}

/// The verdict of an admit hook. See [`NodeBuilder::admit`](crate::NodeBuilder::admit).
///
/// ```
/// use ambit_dist::Admission;
/// let refused = Admission::refuse("it is not in the inventory");
/// assert_ne!(refused, Admission::Admit);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Admission {
    /// The node may connect and stay connected.
    Admit,
    /// The node may not connect, and an open connection to it is closed with
    /// [`CloseCode::Quarantined`](crate::wire::CloseCode::Quarantined).
    Refuse {
        /// The reason, sent to the other node and logged.
        reason: String,
    },
}

impl Admission {
    /// Returns a verdict that refuses the node. The reason is sent to that node and logged.
    #[must_use]
    pub fn refuse(reason: impl Into<String>) -> Self {
        let reason = reason.into();
        Self::Refuse { reason }
    }
}

/// An admit hook, callable from any task.
#[derive(Clone)]
pub(crate) struct Admit(Arc<dyn Fn(&Candidate<'_>) -> Admission + Send + Sync>);

impl Admit {
    pub(crate) fn new(hook: impl Fn(&Candidate<'_>) -> Admission + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    /// Runs the hook. The error is the reason for a refusal.
    pub(crate) fn check(&self, candidate: &Candidate<'_>) -> Result<(), String> {
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
