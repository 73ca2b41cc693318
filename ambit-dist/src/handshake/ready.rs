//! The agreed parameters of a connection.

use std::net::SocketAddr;
use std::time::Duration;

use crate::codecs::any::AnyCodec;
use crate::handshake::hello::Hello;
use crate::handshake::offer::LocalOffer;
use crate::handshake::refusal::Refusal;
use crate::node::id::NodeId;
use crate::wire::Limits;

/// The authenticated peer and the agreed parameters, from which a session is created. Only a completed handshake
/// returns it.
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
    /// Computes the parameters that the acceptor offers in its answer: the best that both nodes support.
    pub(super) fn agree(offer: &LocalOffer, theirs: Hello, version: u32) -> Result<Self, Refusal> {
        let mut common = theirs
            .codecs
            .iter()
            .filter(|codec| offer.codecs.contains(codec));
        Ok(Self {
            codec: *common.next().ok_or_else(Refusal::codec)?,
            limits: offer.limits.agree(&theirs.limits)?,
            features: offer.features & theirs.features,
            heartbeat: offer.hello().heartbeat.max(theirs.heartbeat),
            peer: theirs.id,
            version,
            addresses: theirs.addresses,
            software: theirs.software,
        })
    }

    /// Returns the name and incarnation of the peer.
    #[must_use]
    pub fn peer(&self) -> &NodeId {
        &self.peer
    }

    /// Returns the protocol version: the newest that both nodes support.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Returns the capabilities of both nodes beyond the version, as bits.
    #[must_use]
    pub fn features(&self) -> u64 {
        self.features
    }

    /// Returns the codec: the dialler's most preferred one that the acceptor supports.
    #[must_use]
    pub fn codec(&self) -> AnyCodec {
        self.codec
    }

    /// Returns the limits: the smaller values of the agreed ones, and this node's own values for the rest.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the heartbeat interval: the longer one of both nodes.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// Returns the addresses at which the peer says it can be dialled. Check them against this node's own rules first.
    #[must_use]
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Returns the peer's description of its software: one line without control characters.
    #[must_use]
    pub fn software(&self) -> &str {
        &self.software
    }
}
