//! What a node says of itself.

use std::net::SocketAddr;
use std::time::Duration;

use crate::codec::any::AnyCodec;
use crate::handshake::hello::{HEARTBEATS, Hello, MAX_ADDRESSES};
use crate::handshake::versions::Versions;
use crate::node::id::{ClusterName, NodeId};
use crate::wire::Limits;

/// What a node tells others of, for information only.
const SOFTWARE: &str = concat!("ambit-dist ", env!("CARGO_PKG_VERSION"));

/// What a node says of itself, to each peer anew.
#[derive(Clone, Debug)]
pub(crate) struct Own {
    pub(crate) id: NodeId,
    pub(crate) cluster: ClusterName,
    /// Where others may dial it; the first 16 are told.
    pub(crate) addresses: Vec<SocketAddr>,
    /// The codecs that it has, the preferred one first. The dialler's preference decides.
    pub(crate) codecs: Vec<AnyCodec>,
    pub(crate) limits: Limits,
    /// How often it wants to hear of the peer: between 1 ms and 10 min, the slower of both holds.
    pub(crate) heartbeat: Duration,
    pub(crate) versions: Versions,
    /// What it can do beyond the version, by bits. There are none yet.
    pub(crate) features: u64,
}

impl Own {
    /// A node of this program, with what is usual.
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
        let told = self.addresses.iter().take(MAX_ADDRESSES);
        Hello {
            versions: self.versions,
            cluster: self.cluster.clone(),
            id: self.id.clone(),
            addresses: told.copied().collect(),
            features: self.features,
            codecs: self.codecs.clone(),
            limits: self.limits.clone(),
            heartbeat: self.heartbeat.clamp(*HEARTBEATS.start(), *HEARTBEATS.end()),
            software: SOFTWARE.to_owned(),
        }
    }
}
