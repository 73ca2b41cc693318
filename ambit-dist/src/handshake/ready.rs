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
/// returns this type.
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

    /// Returns the capabilities beyond the version that both nodes support, as bits.
    #[must_use]
    pub fn features(&self) -> u64 {
        self.features
    }

    /// Returns the codec: the first in the dialler's order of preference that the acceptor supports.
    #[must_use]
    pub fn codec(&self) -> AnyCodec {
        self.codec
    }

    /// Returns the limits that apply to the session; see [`Limits::agree`].
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Returns the heartbeat interval: the longer one of the two nodes' intervals.
    #[must_use]
    pub fn heartbeat(&self) -> Duration {
        self.heartbeat
    }

    /// Returns the addresses at which the peer can be dialled, according to the peer. They are not verified.
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
