//! What decides about connections: events in, actions out. No clock, no tasks, no chance of its own.
//!
//! Between two nodes there is one connection. It comes about in three steps: the dialler says who it is, the acceptor
//! answers, the dialler confirms. Until it is confirmed a connection is only *offered*, and carries nothing of the user's.
//! When both dial at once each may find an offer of the other in place of its own answer: then the connection dialled by
//! the node with the smaller name stays, and the other is closed as a duplicate.

mod answer;
mod expulsion;
mod future;
mod hello;
mod lives;
mod loss;
mod namesakes;
mod renewal;
#[cfg(test)]
mod script;
mod target;
#[cfg(test)]
mod tests;

pub(crate) use self::answer::DialFailure;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use crate::dice::Dice;
use crate::node::down_reason::DownReason;
use crate::node::error::ConnectError;
use crate::node::id::{NodeId, NodeName};
use crate::node::peers::lives::Lives;
use crate::node::peers::target::{Progress, Target};
use crate::node::reconnect::Reconnect;
use crate::wire::CloseCode;

/// One connection or attempt at one, of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Conn(pub(crate) u64);

/// Somebody who waits for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Caller(pub(crate) u64);

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Action {
    /// Open a connection, and say who this is.
    Dial { conn: Conn, address: SocketAddr },
    /// Close a connection, whatever has become of it.
    Close {
        conn: Conn,
        code: CloseCode,
        text: String,
    },
    /// Tell the other node that this one leaves, and let the connection end when all is said.
    GoAway { conn: Conn },
    /// The node is connected, by this connection.
    Up { id: NodeId, conn: Conn },
    /// The node is connected no more. Nothing of this connection may come after it.
    Down {
        id: NodeId,
        conn: Conn,
        reason: DownReason,
    },
    /// Answer somebody who waits.
    Answer {
        caller: Caller,
        result: Result<NodeId, ConnectError>,
    },
    /// This node is a later life of itself from now on.
    Renew(NodeId),
    /// Tell whoever runs the node.
    Warn(String),
}

/// Whether a connection may go on.
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

/// What holds for all connections of a node.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) reconnect: Reconnect,
    /// How many peers, and how many addresses, there may be.
    pub(crate) peers: usize,
}

/// A node that there is a connection with, or an offer of one.
#[derive(Debug, Default)]
struct Peer {
    up: Option<Session>,
    /// Connections that it has dialled and not yet confirmed.
    offers: Vec<Session>,
}

impl Peer {
    fn is_empty(&self) -> bool {
        self.up.is_none() && self.offers.is_empty()
    }

    fn conns(&self) -> impl Iterator<Item = Conn> {
        self.offers
            .iter()
            .chain(&self.up)
            .map(|session| session.conn)
    }
}

/// The connection that carries what two nodes say, or is to.
#[derive(Clone, Debug)]
struct Session {
    id: NodeId,
    conn: Conn,
    /// Where the other node is.
    address: SocketAddr,
}

/// The connections of one node.
#[derive(Debug)]
pub(crate) struct Peers {
    own: NodeId,
    rules: Rules,
    dice: Dice,
    targets: BTreeMap<SocketAddr, Target>,
    dials: BTreeMap<Conn, SocketAddr>,
    peers: BTreeMap<NodeName, Peer>,
    lives: Lives,
    /// Names that are not admitted.
    refused: BTreeSet<NodeName>,
    /// Whether any node was ever connected, and knows this one as what it is.
    is_known: bool,
    renewals: u32,
    last: u64,
    is_leaving: bool,
    /// When this node started, by its clock: milliseconds since 1970.
    started: u64,
    actions: Vec<Action>,
}

impl Peers {
    pub(crate) fn new(own: NodeId, rules: Rules, seed: u64) -> Self {
        Self {
            started: own.incarnation.millis(),
            own,
            rules,
            dice: Dice::new(seed),
            targets: BTreeMap::new(),
            dials: BTreeMap::new(),
            peers: BTreeMap::new(),
            lives: Lives::default(),
            refused: BTreeSet::new(),
            is_known: false,
            renewals: 0,
            last: 0,
            is_leaving: false,
            actions: Vec::new(),
        }
    }

    /// What is to be done, in this order.
    pub(crate) fn take_actions(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// When [`timer`](Self::timer) is to be called next.
    pub(crate) fn deadline(&self) -> Option<Duration> {
        let waiting = |target: &Target| match target.progress {
            Progress::Waiting(at) => Some(at),
            Progress::Held | Progress::Dialling(_) => None,
        };
        self.targets.values().filter_map(waiting).min()
    }

    /// A number for a connection that comes in.
    pub(crate) fn arriving(&mut self) -> Conn {
        self.last += 1;
        Conn(self.last)
    }

    /// A connection is wanted to this address as long as the node runs.
    pub(crate) fn seed(&mut self, now: Duration, address: SocketAddr) {
        if self.rules.reconnect == Reconnect::Never || self.is_leaving {
            return;
        }
        let dial_now = Progress::Waiting(now);
        let target = Target::new(address, true, dial_now);
        self.targets.entry(address).or_insert(target);
    }

    /// Somebody wants a connection to this address, and waits for it.
    pub(crate) fn connect(&mut self, address: SocketAddr, caller: Caller) {
        if self.is_leaving {
            return self.answer(caller, Err(ConnectError::Left));
        }
        let limit = self.rules.peers;
        if !self.targets.contains_key(&address) && self.targets.len() >= limit {
            return self.answer(caller, Err(ConnectError::TooMany { limit }));
        }
        let target = self
            .targets
            .entry(address)
            .or_insert_with(|| Target::new(address, false, Progress::Held));
        let name = target.name.clone();
        if let Some(id) = name.and_then(|name| self.up(&name)) {
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

    /// Time has passed.
    pub(crate) fn timer(&mut self, now: Duration) {
        let is_due =
            |target: &&Target| matches!(target.progress, Progress::Waiting(at) if at <= now);
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
            let leads = |target: &Target| target.leads_to(&name) && target.is_dialling();
            self.peers.contains_key(&name) || self.targets.values().any(leads)
        });
        let Some(target) = self.targets.get_mut(&address) else {
            return;
        };
        if is_up {
            target.progress = Progress::Held;
        } else if is_on_the_way {
            target.back_off(now, &mut self.dice);
        } else {
            self.dial(address);
        }
    }

    fn dial(&mut self, address: SocketAddr) {
        let conn = self.arriving();
        if let Some(target) = self.targets.get_mut(&address) {
            target.progress = Progress::Dialling(conn);
            self.dials.insert(conn, address);
            self.actions.push(Action::Dial { conn, address });
        }
    }

    /// The connected life of this node.
    pub(crate) fn up(&self, name: &NodeName) -> Option<NodeId> {
        let session = self.peers.get(name)?.up.as_ref()?;
        Some(session.id.clone())
    }

    /// The names that a certificate may be compared with: those there is a connection or an offer of.
    pub(crate) fn names(&self) -> impl Iterator<Item = &NodeName> {
        self.peers.keys()
    }

    /// Whether nothing of any connection is left.
    pub(crate) fn is_idle(&self) -> bool {
        self.peers.is_empty() && self.dials.is_empty()
    }

    /// Makes this the connection with its node, and closes every other.
    fn rise(&mut self, session: Session) {
        let Session { id, conn, .. } = session.clone();
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
        self.actions.push(Action::Up { id: up, conn });
        self.satisfy(&id);
    }

    /// Answers all who wait for this node. Dials on the way to it go on: they find out at their end.
    fn satisfy(&mut self, id: &NodeId) {
        let mut answered = Vec::new();
        for target in self.targets.values_mut() {
            if target.leads_to(&id.name) && !target.is_dialling() {
                target.failures = 0;
                target.progress = Progress::Held;
                answered.append(&mut target.callers);
            }
        }
        for caller in answered {
            self.answer(caller, Ok(id.clone()));
        }
    }

    fn close(&mut self, conn: Conn, code: CloseCode, text: impl Into<String>) {
        let text = text.into();
        self.actions.push(Action::Close { conn, code, text });
    }

    fn answer(&mut self, caller: Caller, result: Result<NodeId, ConnectError>) {
        self.actions.push(Action::Answer { caller, result });
    }
}
