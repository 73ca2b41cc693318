//! What two nodes have agreed on.

use std::net::SocketAddr;
use std::time::Duration;

use crate::codec::any::AnyCodec;
use crate::handshake::hello::Hello;
use crate::handshake::own::Own;
use crate::handshake::refusal::Refusal;
use crate::node::id::NodeId;
use crate::wire::Limits;

/// Two nodes that know each other and agree: what a session is made from. Only a finished handshake makes one.
///
/// ```
/// fn peer(ready: &ambit_dist::handshake::Ready) -> &ambit_dist::NodeId {
///     ready.peer()
/// }
/// ```
///
/// ```compile_fail
/// fn forge(ready: ambit_dist::handshake::Ready, peer: ambit_dist::NodeId) -> ambit_dist::handshake::Ready {
///     ambit_dist::handshake::Ready { peer, ..ready }
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    peer: NodeId,
    version: u32,
    features: u64,
    codec: AnyCodec,
    limits: Limits,
    heartbeat: Duration,
    addresses: Vec<SocketAddr>,
    software: String,
}

impl Ready {
    /// What the acceptor offers in its answer: the best that both can.
    pub(super) fn agree(own: &Own, theirs: Hello, version: u32) -> Result<Self, Refusal> {
        let mut common = theirs
            .codecs
            .iter()
            .filter(|codec| own.codecs.contains(codec));
        Ok(Self {
            codec: *common.next().ok_or_else(Refusal::codec)?,
            limits: own.limits.agree(&theirs.limits)?,
            features: own.features & theirs.features,
            heartbeat: own.hello().heartbeat.max(theirs.heartbeat),
            peer: theirs.id,
            version,
            addresses: theirs.addresses,
            software: theirs.software,
        })
    }

    /// Which life of which node.
    #[must_use]
    pub fn peer(&self) -> &NodeId {
        &self.peer
    }

    /// The version of the protocol, the newest that both speak.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// What both can beyond the version, by bits.
    #[must_use]
    pub fn features(&self) -> u64 {
        self.features
    }

    /// The codec, the first of the dialler's that the acceptor has too.
    #[must_use]
    pub fn codec(&self) -> AnyCodec {
        self.codec
    }

    /// The smaller limits of both, and this node's own for what is no one else's.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// How often the nodes want to hear of each other: the slower of both.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// Where the peer says it can be dialled. Dial none that this node's own rules do not allow.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// What the peer says it runs, for people to read: one line without control characters.
    #[must_use]
    pub fn software(&self) -> &str {
        &self.software
    }
}
