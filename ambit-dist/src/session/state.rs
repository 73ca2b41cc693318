//! The state of a session, which the other files of this directory operate on.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot, watch};

use crate::codecs::any::AnyCodec;
use crate::node::id::NodeId;
use crate::remote_processes::node_context::NodeContext;
use crate::remote_processes::peer_incarnation::PeerIncarnation;
use crate::remote_processes::unclaimed::Unclaimed;
use crate::session::channels::Channels;
use crate::session::close_request::CloseRequest;
use crate::session::control::Control;
use crate::session::definition_table::{ReceivedDefinitions, SentDefinitions};
use crate::session::inbound_flow::{Growth, Receiver};
use crate::session::lane::Lane;
use crate::session::linkable::Linkable;
use crate::session::linked_starts::LinkedStarts;
use crate::session::long_messages::LongMessages;
use crate::session::pending_answer::Answer;
use crate::session::remote_relations::RemoteRelations;
use crate::session::request_budget::RequestBudget;
use crate::session::sent_call::SentCall;
use crate::session::stats::Stats;
use crate::wire::{CloseCode, Limits, ProcessAddress as Address};

/// An open session with another node.
pub(crate) struct Session {
    pub(super) node_context: Arc<NodeContext>,
    pub(super) peer_incarnation: Arc<PeerIncarnation>,
    pub(super) codec: AnyCodec,
    pub(super) limits: Limits,
    pub(super) lanes: Vec<Lane>,
    pub(super) sent_definitions: SentDefinitions,
    pub(super) defined: ReceivedDefinitions,
    /// Calls of this node, by their numbers; `None` once the session is closed.
    pub(super) sent_calls: Mutex<Option<BTreeMap<u64, SentCall>>>,
    /// Calls of the other node that are being answered; `None` once the session is closed.
    pub(super) answers: Mutex<Option<BTreeMap<u64, Arc<Answer<Self>>>>>,
    /// The number of answers that are being queued.
    pub(super) sending_answers: AtomicUsize,
    pub(super) receivers: Mutex<BTreeMap<Address, Arc<Receiver>>>,
    /// The number of bytes that wait for processes whose mailbox is full.
    pub(super) waiting: AtomicUsize,
    /// A clone is held while messages of the session are delivered; the end of the session waits for all clones. `None`
    /// before the session runs and once it has ended.
    pub(super) delivering: Mutex<Option<mpsc::Sender<Infallible>>>,
    /// The credits by which the windows of processes of this node may still grow.
    pub(super) growth: Arc<Growth>,
    pub(super) long: LongMessages,
    pub(super) remote_relations: RemoteRelations,
    pub(crate) linkable: Linkable,
    /// Linked starts on the other node.
    pub(crate) linked_starts: Arc<LinkedStarts>,
    pub(super) request_budget: RequestBudget,
    /// Servers that were started here for the other node, which may not have read the answer yet.
    pub(crate) unclaimed: Unclaimed,
    /// The number of lanes of the other node that have ended.
    pub(super) lanes_read: watch::Sender<usize>,
    pub(super) control: Control,
    pub(crate) stats: Stats,
    pub(super) closing: CloseRequest,
    /// True if this node leaves.
    pub(super) leaves: AtomicBool,
    /// The streams of the cluster, if both nodes take part in its membership.
    pub(super) channels: Option<Channels>,
}

impl Session {
    pub(super) fn new(
        node_context: Arc<NodeContext>,
        peer_incarnation: Arc<PeerIncarnation>,
        codec: AnyCodec,
        limits: Limits,
        channels: Option<Channels>,
    ) -> Self {
        let lanes = 0..limits.lanes.max(1);
        Self {
            node_context,
            peer_incarnation,
            codec,
            lanes: lanes.map(|_| Lane::new(&limits)).collect(),
            sent_definitions: SentDefinitions::new(&limits),
            defined: ReceivedDefinitions::default(),
            sent_calls: Mutex::new(Some(BTreeMap::new())),
            answers: Mutex::new(Some(BTreeMap::new())),
            sending_answers: AtomicUsize::new(0),
            receivers: Mutex::new(BTreeMap::new()),
            waiting: AtomicUsize::new(0),
            delivering: Mutex::new(None),
            growth: Growth::new(&limits),
            long: LongMessages::new(&limits),
            remote_relations: RemoteRelations::new(limits.monitors),
            linkable: Linkable::default(),
            linked_starts: LinkedStarts::new(limits.monitors),
            request_budget: RequestBudget::new(limits.questions),
            unclaimed: Unclaimed::default(),
            lanes_read: watch::channel(0).0,
            control: Control::default(),
            stats: Stats::default(),
            closing: CloseRequest::default(),
            leaves: AtomicBool::new(false),
            channels,
            limits,
        }
    }

    pub(crate) fn node_context(&self) -> &Arc<NodeContext> {
        &self.node_context
    }

    pub(crate) fn peer_incarnation(&self) -> &Arc<PeerIncarnation> {
        &self.peer_incarnation
    }

    pub(crate) fn sent_definitions(&self) -> &SentDefinitions {
        &self.sent_definitions
    }

    pub(crate) fn defined(&self) -> &ReceivedDefinitions {
        &self.defined
    }

    /// Closes the session with this reason. The first reason counts.
    pub(crate) fn close(&self, code: CloseCode, text: impl Into<String>) {
        self.closing.begin(code, text.into());
    }

    /// Returns the name and incarnation of the other node.
    pub(crate) fn peer_id(&self) -> &NodeId {
        &self.peer_incarnation.id
    }

    /// Pings the other node. The receiver yields the round-trip time. Returns `None` if too many pings wait for their
    /// answers.
    pub(crate) fn ping(&self) -> Option<oneshot::Receiver<Duration>> {
        self.control.ping()
    }

    /// Returns the round-trip time of the last ping.
    pub(crate) fn rtt(&self) -> Option<Duration> {
        self.control.rtt()
    }

    /// Returns the number of bytes that wait to be written, over all lanes.
    pub(crate) fn queued(&self) -> usize {
        self.lanes.iter().map(Lane::queued).sum()
    }

    /// Returns the number of bytes that wait for processes whose mailbox is full.
    pub(crate) fn bytes_waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Returns the lane for messages of this pair.
    pub(super) fn lane(&self, from: Option<Address>, to: Address) -> &Lane {
        let lane = crate::wire::lane(from, to, self.limits.lanes);
        &self.lanes[usize::from(lane) % self.lanes.len()]
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.peer_incarnation.id)
    }
}
