//! The data that a node offers in its hello.

use std::net::SocketAddr;
use std::time::Duration;

use crate::codecs::any::AnyCodec;
use crate::handshake::hello::{HEARTBEATS, Hello, MAX_ADDRESSES};
use crate::handshake::versions::Versions;
use crate::node::id::{ClusterName, NodeId};
use crate::wire::Limits;

/// The software text, for information only.
const SOFTWARE: &str = concat!("ambit-dist ", env!("CARGO_PKG_VERSION"));

/// The data that a node sends in its hello to each peer.
#[derive(Clone, Debug)]
pub(crate) struct LocalOffer {
    pub(crate) id: NodeId,
    pub(crate) cluster: ClusterName,
    /// The addresses at which others may dial it; the first 16 are sent.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The supported codecs, the preferred one first. The dialler's preference wins.
    pub(crate) codecs: Vec<AnyCodec>,
    pub(crate) limits: Limits,
    /// The preferred heartbeat interval, from 1 ms to 10 min. The longer interval of both nodes applies.
    pub(crate) heartbeat: Duration,
    pub(crate) versions: Versions,
    /// Capabilities beyond the version, as bits. None are defined yet.
    pub(crate) features: u64,
}

impl LocalOffer {
    /// Creates the data of a node with default settings.
    pub(crate) fn new(id: NodeId, cluster: ClusterName) -> Self {
        Self {
            id,
            cluster,
            addresses: Vec::new(),
            codecs: vec![AnyCodec::Bincode, AnyCodec::Postcard],
            limits: Limits::default(),
            heartbeat: Duration::from_secs(1),
            versions: Versions::OURS,
            features: 0,
        }
    }

    pub(super) fn hello(&self) -> Hello {
        let sent = self.addresses.iter().take(MAX_ADDRESSES);
        Hello {
            versions: self.versions,
            cluster: self.cluster.clone(),
            id: self.id.clone(),
            addresses: sent.copied().collect(),
            features: self.features,
            codecs: self.codecs.clone(),
            limits: self.limits.clone(),
            heartbeat: self.heartbeat.clamp(*HEARTBEATS.start(), *HEARTBEATS.end()),
            software: SOFTWARE.to_owned(),
        }
    }
}
