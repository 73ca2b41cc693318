//! The connection manager: events in, actions out, without a clock, tasks or its own source of randomness.
//!
//! Two nodes share one connection. It is established in three steps: the dialler sends its hello, the acceptor answers,
//! the dialler confirms. Until it is confirmed a connection is only *offered*, and carries no user messages. When both
//! nodes dial at once, each may receive an offer of the other before the answer to its own. The connection dialled by
//! the node with the smaller name then stays, and the other is closed as a duplicate.

mod action;
mod answer;
mod candidate_sets;
mod candidates;
mod disconnect;
mod ending_sessions;
mod expulsion;
mod future_incarnations;
mod hello;
mod incarnations;
mod kept_apart;
mod name_conflicts;
mod renewal;
#[cfg(test)]
mod script;
mod target;
#[cfg(test)]
mod tests;
mod wanted;

pub(crate) use self::action::Action;
pub(crate) use self::candidate_sets::SourceId;
pub(crate) use self::target::{CallerId, ConnectionId};

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use crate::node::connection_manager::candidate_sets::Candidates;
use crate::node::connection_manager::ending_sessions::EndingSessions;
use crate::node::connection_manager::incarnations::KnownIncarnations;
use crate::node::connection_manager::kept_apart::KeptApart;
use crate::node::connection_manager::target::{DialState, DialTarget};
use crate::node::error::ConnectError;
use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::node::reconnect::Reconnect;
use crate::rt::Rng;
use crate::wire::CloseCode;

/// The verdict on an offered connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Accept,
    Refuse { code: CloseCode, text: String },
}

impl Verdict {
    pub(crate) fn refuse(code: CloseCode, text: impl Into<String>) -> Self {
        let text = text.into();
        Self::Refuse { code, text }
    }
}

/// The failure of a dial.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DialFailure {
    /// The other node has another connection with this one. Contains its name by certificate, if this node knows it.
    Duplicate(Option<NodeName>),
    /// The other node knows this later incarnation of this one.
    Outdated(Incarnation, ConnectError),
    Failed(ConnectError),
}

/// The settings for all connections of a node.
#[derive(Clone, Debug)]
pub(crate) struct PeerSettings {
    pub(crate) reconnect: Reconnect,
    /// The maximum number of peers, and of addresses.
    pub(crate) peers: usize,
}

/// A node with a connection or an offered one.
#[derive(Debug, Default)]
struct Peer {
    up: Option<PeerConnection>,
    /// Connections that the node dialled and has not yet confirmed.
    offers: Vec<PeerConnection>,
}

impl Peer {
    fn is_empty(&self) -> bool {
        self.up.is_none() && self.offers.is_empty()
    }

    fn conns(&self) -> impl Iterator<Item = ConnectionId> {
        self.offers
            .iter()
            .chain(&self.up)
            .map(|session| session.conn)
    }
}

/// An established or offered connection.
#[derive(Clone, Debug)]
struct PeerConnection {
    id: NodeId,
    conn: ConnectionId,
    /// The address of the other node.
    address: SocketAddr,
}

/// All connections of one node.
#[derive(Debug)]
pub(crate) struct Peers {
    own: NodeId,
    rules: PeerSettings,
    rng: Rng,
    targets: BTreeMap<SocketAddr, DialTarget>,
    candidates: Candidates,
    dials: BTreeMap<ConnectionId, SocketAddr>,
    peers: BTreeMap<NodeName, Peer>,
    incarnations: KnownIncarnations,
    /// The sessions that run, and the actions that wait for the end of one.
    ending: EndingSessions,
    /// The names that are refused by `Node::refuse`.
    refused: BTreeSet<NodeName>,
    disconnected: KeptApart,
    /// The members that the membership wants a connection with. They are dialled until it forgets them.
    wanted: BTreeSet<NodeName>,
    /// True once a peer has been connected, because it knows the current incarnation.
    is_known: bool,
    renewals: u32,
    last: u64,
    is_leaving: bool,
    /// The start time of this node by its own clock, in milliseconds since 1970.
    started: u64,
    actions: Vec<Action>,
}

impl Peers {
    pub(crate) fn new(own: NodeId, rules: PeerSettings, seed: u64) -> Self {
        Self {
            started: own.incarnation.millis(),
            own,
            rules,
            rng: Rng::with_seed(seed),
            targets: BTreeMap::new(),
            candidates: Candidates::default(),
            dials: BTreeMap::new(),
            peers: BTreeMap::new(),
            incarnations: KnownIncarnations::default(),
            ending: EndingSessions::default(),
            refused: BTreeSet::new(),
            disconnected: KeptApart::default(),
            wanted: BTreeSet::new(),
            is_known: false,
            renewals: 0,
            last: 0,
            is_leaving: false,
            actions: Vec::new(),
        }
    }

    /// Returns the pending actions in order.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// Returns the time of the next call of [`timer`](Self::timer).
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let waiting = |target: &DialTarget| match target.progress {
            DialState::Waiting(at) => Some(at),
            DialState::Held | DialState::Dialling(_) => None,
        };
        self.targets.values().filter_map(waiting).min()
    }

    /// Allocates the number of a new connection.
    pub(crate) fn arriving(&mut self) -> ConnectionId {
        self.last += 1;
        ConnectionId(self.last)
    }

    /// Adds a seed, which is dialled until the node ends.
    pub(crate) fn seed(&mut self, now: Duration, address: SocketAddr) {
        if self.rules.reconnect == Reconnect::Never || self.is_leaving {
            return;
        }
        let dial_now = DialState::Waiting(now);
        let target = DialTarget::new(address, true, dial_now);
        self.targets.entry(address).or_insert(target);
    }

    /// Requests a connection to an address on behalf of a caller.
    pub(crate) fn connect(&mut self, address: SocketAddr, caller: CallerId) {
        if self.is_leaving {
            return self.answer(caller, Err(ConnectError::Left));
        }
        let limit = self.rules.peers;
        if !self.targets.contains_key(&address) && !self.make_capacity() {
            return self.answer(caller, Err(ConnectError::TooMany { limit }));
        }
        let target = self
            .targets
            .entry(address)
            .or_insert_with(|| DialTarget::new(address, false, DialState::Held));
        target.is_requested = true;
        let name = target.name.clone();
        if let Some(id) = name.and_then(|name| self.up_at(&name, address)) {
            return self.answer(caller, Ok(id));
        }
        let Some(target) = self.targets.get_mut(&address) else {
            return;
        };
        target.callers.push(caller);
        if !target.is_dialling() {
            self.dial(address);
        }
    }

    /// Dials all addresses whose time has come.
    pub(crate) fn timer(&mut self, now: Duration) {
        let is_due =
            |target: &&DialTarget| matches!(target.progress, DialState::Waiting(at) if at <= now);
        let due: Vec<SocketAddr> = (self.targets.values().filter(is_due))
            .map(|target| target.address)
            .collect();
        for address in due {
            self.redial(now, address);
        }
    }

    fn redial(&mut self, now: Duration, address: SocketAddr) {
        let name = self
            .targets
            .get(&address)
            .and_then(|target| target.name.clone());
        let is_up = name.as_ref().is_some_and(|name| self.up(name).is_some());
        let is_on_the_way = name.is_some_and(|name| {
            let leads = |target: &DialTarget| target.leads_to(&name) && target.is_dialling();
            self.peers.contains_key(&name) || self.targets.values().any(leads)
        });
        let Some(target) = self.targets.get_mut(&address) else {
            return;
        };
        if is_up && target.callers.is_empty() {
            target.progress = DialState::Held;
        } else if is_on_the_way && !is_up {
            target.back_off(now, &mut self.rng);
        } else {
            self.dial(address);
        }
    }

    fn dial(&mut self, address: SocketAddr) {
        let conn = self.arriving();
        if let Some(target) = self.targets.get_mut(&address) {
            target.progress = DialState::Dialling(conn);
            self.dials.insert(conn, address);
            self.actions.push(Action::Dial { conn, address });
        }
    }

    /// Returns the connected incarnation of a node.
    pub(crate) fn up(&self, name: &NodeName) -> Option<NodeId> {
        let session = self.peers.get(name)?.up.as_ref()?;
        Some(session.id.clone())
    }

    /// Returns the connected incarnation of a node, if its connection leads to this address. Another node may have the
    /// address of a node that is connected from elsewhere.
    fn up_at(&self, name: &NodeName, address: SocketAddr) -> Option<NodeId> {
        let session = self.peers.get(name)?.up.as_ref()?;
        (session.address == address).then(|| session.id.clone())
    }

    /// Returns the names to compare with a certificate: those with a connection or an offer.
    pub(crate) fn names(&self) -> impl Iterator<Item = &NodeName> {
        self.peers.keys()
    }

    /// Returns whether no connection and no dial is left, and every session that was closed has ended.
    pub(crate) fn is_idle(&self) -> bool {
        self.peers.is_empty() && self.dials.is_empty() && !self.has_ending()
    }

    /// Returns whether the `Down` of any node waits for the end of its session.
    pub(crate) fn has_ending(&self) -> bool {
        !self.ending.is_empty()
    }

    /// Returns whether the `Down` of this node waits for the end of its session.
    pub(crate) fn is_ending(&self, name: &NodeName) -> bool {
        self.ending.is_ending(name)
    }

    /// Makes this the connection with its node, and closes all offered ones.
    fn rise(&mut self, session: PeerConnection) {
        let PeerConnection { id, conn, .. } = session.clone();
        self.disconnected.remove(&id.name);
        let peer = self.peers.entry(id.name.clone()).or_default();
        let offers = std::mem::take(&mut peer.offers);
        peer.up = Some(session);
        self.is_known = true;
        for offer in offers {
            if offer.conn != conn {
                let text = "there is another connection";
                self.close(offer.conn, CloseCode::Duplicate, text);
            }
        }
        let up = id.clone();
        self.emit(Action::Up { id: up, conn });
        self.satisfy(&id);
    }

    /// Answers all callers that wait for this node. Dials to it that are under way continue and are resolved by their
    /// results.
    fn satisfy(&mut self, id: &NodeId) {
        let mut received_answer = Vec::new();
        for target in self.targets.values_mut() {
            if target.leads_to(&id.name) && !target.is_dialling() {
                target.failures = 0;
                target.has_warned = false;
                target.progress = DialState::Held;
                received_answer.append(&mut target.callers);
            }
        }
        for caller in received_answer {
            self.answer(caller, Ok(id.clone()));
        }
    }

    fn close(&mut self, conn: ConnectionId, code: CloseCode, text: impl Into<String>) {
        let text = text.into();
        self.actions.push(Action::Close { conn, code, text });
    }

    fn answer(&mut self, caller: CallerId, result: Result<NodeId, ConnectError>) {
        self.emit(Action::Answer { caller, result });
    }

    /// Returns an action to the node's task, in the order that the ends of sessions require.
    fn emit(&mut self, action: Action) {
        self.actions.extend(self.ending.pass(action));
    }
}
