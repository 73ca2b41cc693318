//! The state shared by all tasks and handles of one node.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use ambit::message::Codec;
use parking_lot::Mutex;

use crate::auth::{CertificateRecheck, certificate_is_for};
use crate::codecs::any::AnyCodec;
use crate::groups::state::ClusterGroups;
use crate::handshake::{self, Ready};
use crate::membership::member_id::Profile;
use crate::membership::view::MembershipView;
use crate::names::tables::NameTables;
use crate::node::admission::{Admit, Candidate};
use crate::node::discovery_status::DiscoveryTable;
use crate::node::events::NodeEvent;
use crate::node::id::{ClusterName, NodeId, NodeName};
use crate::node::peer_info::{PeerInfo, PeerStats};
use crate::node::reconnect::Network;
use crate::node::subscribers::Subscribers;
use crate::node::timeouts::Timeouts;
use crate::presence::registry::OpenTrackers;
use crate::remote_processes::node_context::NodeContext;
use crate::replication::shared::Replication;
use crate::rt::Instant;
use crate::session::Session;
use crate::transport::{Connection, Transport};
use crate::wire::Limits;

/// The shared state of a node.
pub(crate) struct Shared {
    pub(crate) node_context: Arc<NodeContext>,
    /// The runtime of the node's tasks.
    pub(crate) runtime: tokio::runtime::Handle,
    pub(crate) cluster: ClusterName,
    pub(crate) transport: Arc<dyn Transport>,
    /// The addresses at which other nodes can dial this one.
    pub(crate) advertised: Vec<SocketAddr>,
    /// The networks that may be dialled; all addresses if empty.
    pub(crate) allowed: Vec<Network>,
    pub(crate) limits: Limits,
    pub(crate) timeouts: Timeouts,
    pub(crate) codec: AnyCodec,
    /// Verifies the certificates of open connections; `None` with a custom transport.
    pub(crate) recheck: Option<CertificateRecheck>,
    pub(crate) admit: Option<Admit>,
    pub(crate) subscribers: Arc<Subscribers<NodeEvent>>,
    pub(crate) discovery: DiscoveryTable,
    pub(crate) table: Mutex<BTreeMap<NodeName, ConnectedPeer>>,
    /// The feature bits that this node offers.
    pub(crate) features: u64,
    /// What this node states about itself as a member.
    pub(crate) profile: Arc<Profile>,
    pub(crate) membership: Arc<MembershipView>,
    pub(crate) replication: Arc<Replication>,
    pub(crate) groups: Arc<ClusterGroups>,
    pub(crate) names: NameTables,
    /// The open presence trackers.
    pub(crate) presence: OpenTrackers,
}

/// A connected node.
#[derive(Clone)]
pub(crate) struct ConnectedPeer {
    pub(crate) session: Arc<Session>,
    pub(crate) connection: Arc<dyn Connection>,
    pub(crate) ready: Ready,
    pub(crate) dialled: bool,
    pub(crate) since: Instant,
    pub(crate) reconnects: u64,
    pub(crate) conflicts: u64,
}

impl Shared {
    /// Returns the data of this node's hello.
    pub(crate) fn greeting(&self) -> handshake::LocalOffer {
        let mut codecs = vec![self.codec];
        codecs.extend(
            [AnyCodec::Bincode, AnyCodec::Postcard]
                .into_iter()
                .filter(|codec| *codec != self.codec),
        );
        handshake::LocalOffer {
            addresses: self.advertised.clone(),
            codecs,
            limits: self.limits.clone(),
            heartbeat: self.timeouts.heartbeat,
            features: self.features,
            ..handshake::LocalOffer::new(self.node_context.id().clone(), self.cluster.clone())
        }
    }

    /// Returns whether the peer of a connection may use this name.
    pub(crate) fn is_named(&self, connection: &dyn Connection, name: &NodeName) -> bool {
        let is_for = |certificate| certificate_is_for(&certificate, name, &self.cluster);
        connection.is_trusted() || connection.peer_certificate().is_some_and(is_for)
    }

    /// Checks that a node may be connected: its certificate is still accepted, and the admit hook admits it.
    ///
    /// # Errors
    /// Fails with the reason for the refusal.
    pub(crate) fn admission(
        &self,
        connection: &dyn Connection,
        node: &NodeId,
        dialled: bool,
    ) -> Result<(), String> {
        if let Some(recheck) = &self.recheck {
            let checked = recheck.recheck(&connection.peer_certificates(), dialled);
            checked.map_err(|error| format!("its certificate is not accepted ({error})"))?;
        }
        let Some(admit) = &self.admit else {
            return Ok(());
        };
        admit.check(&Candidate {
            node,
            certificate: connection.peer_certificate().as_ref(),
            address: connection.remote_addr(),
            dialled,
        })
    }

    /// Returns whether the verdict on an admitted node may change with time alone.
    pub(crate) fn judges_in_time(&self) -> bool {
        self.admit.is_some()
            || self
                .recheck
                .as_ref()
                .is_some_and(CertificateRecheck::expires)
    }

    /// Returns whether the address is one of this node's own.
    pub(crate) fn is_at(&self, address: SocketAddr) -> bool {
        self.transport.local_addr() == address || self.advertised.contains(&address)
    }

    pub(crate) fn may_dial(&self, address: SocketAddr) -> bool {
        let ip = address.ip();
        self.allowed.is_empty() || self.allowed.iter().any(|network| network.contains(ip))
    }

    pub(crate) fn peers(&self) -> Vec<PeerInfo> {
        // A custom transport may call the node while it is asked for its measurements.
        let peers: Vec<ConnectedPeer> = self.table.lock().values().cloned().collect();
        peers.iter().map(ConnectedPeer::info).collect()
    }

    pub(crate) fn peer(&self, name: &NodeName) -> Option<PeerInfo> {
        let peer = self.table.lock().get(name).cloned();
        peer.map(|peer| peer.info())
    }

    pub(crate) fn session(&self, name: &NodeName) -> Option<Arc<Session>> {
        let table = self.table.lock();
        table.get(name).map(|connected| connected.session.clone())
    }
}

impl ConnectedPeer {
    fn info(&self) -> PeerInfo {
        let session = &self.session;
        let totals = session.stats.totals();
        let (credits_used, messages_waiting) = session.peer_incarnation().owing();
        PeerInfo {
            id: self.ready.peer().clone(),
            address: self.connection.remote_addr(),
            advertised: self.ready.addresses().to_vec(),
            dialled: self.dialled,
            connected_for: self.since.elapsed(),
            reconnects: self.reconnects,
            contests: self.conflicts,
            software: self.ready.software().to_owned(),
            codec: self.ready.codec().name(),
            rtt: session.rtt(),
            traffic: PeerStats {
                bytes_in: totals.bytes_in,
                bytes_out: totals.bytes_out,
                bytes_queued: session.queued(),
                frames_in: session.stats.frames_in(),
                frames_out: session.stats.frames_out(),
                credits_used,
                messages_waiting,
                bytes_waiting: session.bytes_waiting(),
                messages_out: totals.messages_out,
                payload_out: totals.payload_out,
                decode_errors: totals.decode_errors,
                undelivered: totals.undelivered,
            },
            transport: self.connection.stats(),
        }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.node_context.id())
    }
}
