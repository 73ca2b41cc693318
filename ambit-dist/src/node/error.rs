//! What can go wrong with nodes, one type per operation.

use std::net::SocketAddr;

use crate::auth::AuthError;
use crate::node::address::InvalidAddress;
use crate::node::id::{InvalidName, NodeId, NodeName};
use crate::node::reconnect::InvalidNetwork;
use crate::transport::BindError;
use crate::wire::CloseCode;

/// Why a node did not start. Nothing is left of it; a retry fails again until what is named here is changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NodeError {
    /// It was not said how nodes know each other.
    #[error(
        "a node needs `.auth(..)`: `Auth::cookie(secret)` for machines that share a secret, `Auth::pki(..)` for certificates of your own, `Auth::dev()` to try things out on one machine"
    )]
    NoAuth,
    /// What it was to show to other nodes cannot be used.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// The name of the node or its cluster is none.
    #[error(transparent)]
    Name(#[from] InvalidName),
    /// An address is none.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// A network is none.
    #[error(transparent)]
    Network(#[from] InvalidNetwork),
    /// The address to listen on cannot be had. A retry may succeed later.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// A limit is zero.
    #[error(
        "the limit `{limit}` is 0, with which nothing would go through: give it a number above that"
    )]
    Limit {
        /// Which.
        limit: &'static str,
    },
    /// A time is zero.
    #[error(
        "the timeout `{timeout}` is zero, with which nothing would succeed: give it a time above that"
    )]
    Timeout {
        /// Which.
        timeout: &'static str,
    },
    /// It was started outside of a runtime.
    #[error("a node needs a tokio runtime: start it inside of one")]
    NoRuntime,
}

/// Why a connection to another node did not come about.
///
/// Nothing was sent to the other node but the handshake: trying again is always safe.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// What was given is no address.
    #[error(transparent)]
    Address(#[from] InvalidAddress),
    /// Nobody answers there. Retry once the node runs.
    #[error(
        "no node answers at {address} ({reason}): check that it runs, its address, and that UDP gets through"
    )]
    Unreachable {
        /// Where it was tried.
        address: SocketAddr,
        /// What the network said.
        reason: String,
    },
    /// The two do not trust each other's certificates: another cookie, another CA, or another cluster. A retry helps only after one
    /// of them was given others.
    #[error(
        "{address} and this node do not trust each other ({reason}): give both the same cookie and the same `cluster(..)`, or certificates of one CA"
    )]
    Untrusted {
        /// Where it was tried.
        address: SocketAddr,
        /// What TLS said.
        reason: String,
    },
    /// Another node than the one expected answers there.
    #[error(
        "the node at {address} is not the one expected ({reason}): check which node has this address"
    )]
    WrongNode {
        /// Where it was tried.
        address: SocketAddr,
        /// Who was expected and who answered.
        reason: String,
    },
    /// It belongs to another cluster.
    #[error(
        "the node at {address} belongs to another cluster ({reason}): give both the same `cluster(..)`"
    )]
    Cluster {
        /// Where it was tried.
        address: SocketAddr,
        /// Both names.
        reason: String,
    },
    /// The two speak no common version of the protocol.
    #[error(
        "the node at {address} speaks no version that this one knows ({reason}): update the older one"
    )]
    Version {
        /// Where it was tried.
        address: SocketAddr,
        /// Both ranges.
        reason: String,
    },
    /// The other node does not accept this one's name: another node has it, or the certificate is not for it.
    #[error(
        "the name `{name}` is refused ({reason}): give each node of a cluster a name of its own, and a certificate for it"
    )]
    NameRefused {
        /// The name of this node.
        name: NodeName,
        /// What the other node said.
        reason: String,
    },
    /// The address is that of this node.
    #[error("{address} is this node itself: leave it out of what is connected to")]
    Itself {
        /// Where it was tried.
        address: SocketAddr,
    },
    /// A later life of one of the two is known to the other. Retry to reach the later one. Of two nodes with one name the one
    /// that began later stays; one whose clock was set back calls itself a later life when it hears of this, unless it is
    /// connected already.
    #[error(
        "a later life of the node is known ({reason}): if two nodes have this name, give one of them another name; if there is only one, start it again"
    )]
    Stale {
        /// Whose, and which.
        reason: String,
    },
    /// The other node holds an earlier connection to this one, which it has not yet found broken. Retry after a few seconds.
    #[error(
        "the node at {address} still holds an earlier connection: retry when it has noticed the loss"
    )]
    Duplicate {
        /// Where it was tried.
        address: SocketAddr,
    },
    /// The other node takes no more connections: it has as many as it may have, or too many handshakes are unfinished there,
    /// in all or from the address of this node. Retry later.
    #[error(
        "the node at {address} takes no more connections now ({reason}): retry later, or raise `limits(..)` there"
    )]
    Overloaded {
        /// Where it was tried.
        address: SocketAddr,
        /// What the other node said.
        reason: String,
    },
    /// It did not finish the handshake in time. Retry.
    #[error(
        "the node at {address} did not finish the handshake in time: check its load and the network between"
    )]
    TimedOut {
        /// Where it was tried.
        address: SocketAddr,
    },
    /// The other node does not admit this one: it [refuses](crate::Node::refuse) this name, its admit hook does, or it no longer
    /// accepts the certificate. A retry helps only after that was changed there.
    #[error(
        "the node at {address} does not admit this node ({reason}): admit it there with `readmit` or in the admit hook, or renew the certificate"
    )]
    Quarantined {
        /// Where it was tried.
        address: SocketAddr,
        /// What the other node said.
        reason: String,
    },
    /// This node does not admit the other one: it [refuses](crate::Node::refuse) that name, its admit hook does, or it no longer
    /// accepts the certificate. A retry helps only after that was changed here.
    #[error(
        "this node does not admit `{node}` ({reason}): admit it with `readmit` or in the admit hook, or renew its certificate"
    )]
    NotAdmitted {
        /// The name of the other node.
        node: NodeName,
        /// Why it is not admitted.
        reason: String,
    },
    /// It refused for another reason, as what it said tells.
    #[error("the node at {address} refused the connection, {code}: {reason}")]
    Refused {
        /// Where it was tried.
        address: SocketAddr,
        /// What for.
        code: CloseCode,
        /// More of it.
        reason: String,
    },
    /// The address is not one that this node may dial.
    #[error(
        "{address} is not among the networks that this node may dial: add it to `allow_addresses(..)`"
    )]
    NotAllowed {
        /// Which address.
        address: SocketAddr,
    },
    /// This node has as many connections as it may have. Retry after a `disconnect`.
    #[error(
        "this node has {limit} connections, and may have no more: disconnect one or raise `limits(..)`"
    )]
    TooMany {
        /// How many it may have.
        limit: usize,
    },
    /// Somebody asked for the node to be disconnected meanwhile.
    #[error("the connection to {address} was given up: `disconnect` was called meanwhile")]
    Disconnected {
        /// Where it was tried.
        address: SocketAddr,
    },
    /// This node has left, or its runtime has ended.
    #[error("this node has left: start another one to connect")]
    Left,
}

/// Why a node did not answer a ping.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PingError {
    /// There is no connection to it. Connect first.
    #[error("there is no connection to the node `{name}`: connect to it first")]
    NotConnected {
        /// Which node.
        name: String,
    },
    /// The connection was lost before an answer came.
    #[error("the connection to {node} was lost before it answered")]
    Lost {
        /// Which node.
        node: NodeId,
    },
}
