//! One connection between two nodes, after the handshake.
//!
//! Outgoing: a handle writes its message and passes it to [`Session`], which queues it in the [`lane`](lane) of its
//! pair of processes. Each lane has a [`writer`](writer). Incoming: each lane has a [`reader`](reader) that splits the
//! bytes into frames, and [`dispatch`](dispatch) routes them: messages to the [`receiver`](receive) of each process,
//! which counts credits, answers to the waiting callers, signals to the system. [`control`](control) carries credits
//! and heartbeats on a separate stream.

pub(crate) mod answer;
mod blocked;
mod control;
pub(crate) mod definitions;
mod dispatch;
mod lane;
mod linkable;
mod long_messages;
pub(crate) mod outgoing;
mod reader;
mod receive;
mod remote_relations;
mod request_bytes;
mod run;
mod signals;
pub(crate) mod stats;
mod writer;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::sync::{oneshot, watch};

pub(crate) use self::control::Heartbeat;
pub(crate) use self::run::{NegotiatedConnection, SessionEnd, open};
use crate::codec::any::AnyCodec;
use crate::node::id::NodeId;
use crate::remote::node_state::NodeState;
use crate::remote::peer_incarnation::PeerIncarnation;
use crate::remote::unclaimed::Unclaimed;
use crate::session::answer::Answer;
use crate::session::control::Control;
use crate::session::definitions::{ReceivedDefinitions, SentDefinitions};
use crate::session::lane::Lane;
use crate::session::linkable::Linkable;
use crate::session::long_messages::LongMessages;
use crate::session::outgoing::SentCall;
use crate::session::receive::{Growth, Receiver};
use crate::session::remote_relations::RemoteRelations;
use crate::session::request_bytes::RequestBytes;
use crate::session::run::CloseRequest;
use crate::session::stats::Stats;
#[cfg(feature = "sim")]
use crate::wire::Kind;
use crate::wire::{CloseCode, Limits, ProcessAddress as Address};

/// An open session with another node.
pub(crate) struct Session {
    node_state: Arc<NodeState>,
    peer_incarnation: Arc<PeerIncarnation>,
    codec: AnyCodec,
    limits: Limits,
    lanes: Vec<Lane>,
    sent_definitions: SentDefinitions,
    defined: ReceivedDefinitions,
    /// Calls of this node, by their numbers; `None` once the session is closed.
    sent_calls: Mutex<Option<BTreeMap<u64, SentCall>>>,
    /// Calls of the other node that are being answered; `None` once the session is closed.
    answers: Mutex<Option<BTreeMap<u64, Arc<Answer>>>>,
    receivers: Mutex<BTreeMap<Address, Arc<Receiver>>>,
    /// The number of bytes that wait for processes whose mailbox is full.
    waiting: AtomicUsize,
    /// The credits by which the windows of processes of this node may still grow.
    growth: Arc<Growth>,
    long: LongMessages,
    remote_relations: RemoteRelations,
    pub(crate) linkable: Linkable,
    request_bytes: RequestBytes,
    /// Servers that were started here for the other node, which may not have read the answer yet.
    pub(crate) unclaimed: Unclaimed,
    /// The number of lanes of the other node that have ended.
    lanes_read: watch::Sender<usize>,
    control: Control,
    pub(crate) stats: Stats,
    closing: CloseRequest,
}

impl Session {
    pub(crate) fn node_state(&self) -> &Arc<NodeState> {
        &self.node_state
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

    /// Returns the first and the largest window of a process, in credits.
    pub(crate) fn windows(&self) -> (u32, u32) {
        (self.limits.first_window(), self.limits.window)
    }

    /// Returns the number of bytes of messages that may wait for credits.
    pub(crate) fn send_buffer(&self) -> usize {
        self.limits.queue
    }

    /// Closes the session with this reason. The first reason counts.
    pub(crate) fn close(&self, code: CloseCode, text: impl Into<String>) {
        self.closing.begin(code, text.into());
    }

    /// Returns the name and incarnation of the other node.
    pub(crate) fn peer_id(&self) -> &NodeId {
        &self.peer_incarnation.id
    }

    /// Pings the other node. The receiver yields the round-trip time.
    pub(crate) fn ping(&self) -> oneshot::Receiver<Duration> {
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

    /// Returns whether the session is over and holds no more state.
    pub(crate) fn keeps_nothing(&self) -> bool {
        let calls = self.sent_calls.lock().is_none() && self.answers.lock().is_none();
        let is_empty = self.queued() == 0 && self.receivers.lock().is_empty();
        calls && is_empty && self.request_bytes.bytes() == 0
    }

    /// Counts the state that is held for the other node.
    #[cfg(feature = "sim")]
    pub(crate) fn leftovers(&self, left: &mut crate::sim::Leftovers) {
        left.count(
            "open calls",
            self.sent_calls.lock().as_ref().map_or(0, BTreeMap::len),
        );
        left.count(
            "open answers",
            self.answers.lock().as_ref().map_or(0, BTreeMap::len),
        );
        left.count("bytes of questions", self.request_bytes.bytes());
        left.count("receivers", self.receivers.lock().len());
        left.count(
            "links and monitors of the other node",
            self.remote_relations.len(),
        );
        left.count("linkable processes", self.linkable.len());
        left.count("unclaimed servers", self.unclaimed.len());
        left.count("bytes that wait for full processes", self.bytes_waiting());
        left.count("bytes to be written", self.queued());
        // Each call is answered at most once.
        let calls = self.stats.frames_out();
        let answers = self.stats.frames_in();
        let sum = |frames: &[(Kind, u64)], kinds: &[Kind]| -> u64 {
            let found = frames.iter().filter(|(kind, _)| kinds.contains(kind));
            found.map(|(_, count)| count).sum()
        };
        let calls = sum(&calls, &[Kind::Ask]);
        let answers = sum(&answers, &[Kind::Reply, Kind::ReplyErr]);
        left.count("answers too many", answers.saturating_sub(calls));
    }

    /// Returns the number of bytes that wait for processes whose mailbox is full.
    pub(crate) fn bytes_waiting(&self) -> usize {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Returns the lane for messages of this pair.
    fn lane(&self, from: Option<Address>, to: Address) -> &Lane {
        let lane = crate::wire::lane(from, to, self.limits.lanes);
        &self.lanes[usize::from(lane) % self.lanes.len()]
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.peer_incarnation.id)
    }
}
