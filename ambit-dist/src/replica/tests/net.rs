//! Several stores with sessions between them, each a queue in both directions.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::*;
use crate::node::id::NodeId;

/// What a view shows, by the rules that views rely on.
#[derive(Debug, Default)]
pub(super) struct View(pub(super) BTreeMap<(NodeId, EntryId), (Arc<str>, Bytes)>);

impl View {
    pub(super) fn apply(&mut self, change: Change) {
        match change {
            Change::Put {
                origin,
                id,
                table,
                body,
                is_new,
            } => {
                let before = self.0.insert((origin, id), (table.clone(), body));
                assert_eq!(before.is_none(), is_new, "puts and removals alternate");
                assert!(before.is_none_or(|(before, _)| before == table));
            }
            Change::Removed { origin, id, table } => {
                let before = self.0.remove(&(origin, id));
                assert_eq!(before.expect("it is shown").0, table);
            }
        }
    }
}

pub(super) struct Host {
    pub(super) store: Store,
    pub(super) view: View,
    pub(super) closed: Vec<String>,
    pub(super) acknowledged: u64,
    /// The number of frames that were sent.
    pub(super) frames: usize,
}

impl Host {
    pub(super) fn new(origin: Origin, limits: &ReplicaLimits, settings: ReplicaSettings) -> Self {
        let seed = origin.id.incarnation.get();
        Self {
            store: Store::new(origin, settings, limits.clone(), seed),
            view: View::default(),
            closed: Vec::new(),
            acknowledged: 0,
            frames: 0,
        }
    }

    fn name(&self) -> NodeName {
        self.store.own().id.name.clone()
    }
}

pub(super) struct Net {
    pub(super) hosts: Vec<Host>,
    /// The frames on the way from one host to another. A session exists if both directions do.
    wires: BTreeMap<(usize, usize), VecDeque<Bytes>>,
    pub(super) limits: ReplicaLimits,
    settings: ReplicaSettings,
    pub(super) now: Duration,
}

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

impl Net {
    /// Creates hosts that know each other as members, without sessions.
    pub(super) fn new(hosts: usize, limits: &ReplicaLimits) -> Self {
        Self::with(hosts, limits, &ReplicaSettings::default())
    }

    /// Like [`new`](Self::new), with these settings.
    pub(super) fn with(hosts: usize, limits: &ReplicaLimits, settings: &ReplicaSettings) -> Self {
        let host = |host: usize| Host::new(origin(NAMES[host], 1, 0), limits, settings.clone());
        let mut net = Self {
            hosts: (0..hosts).map(host).collect(),
            wires: BTreeMap::new(),
            limits: limits.clone(),
            settings: settings.clone(),
            now: NOW,
        };
        for host in 0..hosts {
            (0..hosts).for_each(|other| net.learn(host, other));
        }
        net
    }

    pub(super) fn connected(hosts: usize, limits: &ReplicaLimits) -> Self {
        Self::new(hosts, limits).connect_all()
    }

    /// Begins all sessions.
    pub(super) fn connect_all(mut self) -> Self {
        for host in 0..self.hosts.len() {
            (host + 1..self.hosts.len()).for_each(|other| self.connect(host, other));
        }
        self.deliver_all();
        self
    }

    pub(super) fn origin(&self, host: usize) -> Origin {
        self.hosts[host].store.own().clone()
    }

    /// Informs a host that another one is a member.
    pub(super) fn learn(&mut self, host: usize, other: usize) {
        let origin = self.origin(other);
        self.hosts[host].store.member_up(self.now, origin);
        self.act(host);
    }

    /// Informs a host that another one is down.
    pub(super) fn suspect(&mut self, host: usize, other: usize) {
        let origin = self.origin(other);
        self.hosts[host].store.member_down(self.now, &origin, false);
        self.act(host);
    }

    /// Performs the actions of a host, and applies its changes.
    pub(super) fn act(&mut self, host: usize) {
        let mut closed = Vec::new();
        let this = &mut self.hosts[host];
        for change in this.store.take_changes() {
            this.view.apply(change);
        }
        for action in this.store.take_actions() {
            match action {
                Action::Send { to, bytes } => {
                    this.frames += 1;
                    assert!(bytes.len() <= self.limits.frame());
                    let to = NAMES.iter().position(|name| *name == to.as_str());
                    let wire = self.wires.get_mut(&(host, to.unwrap()));
                    wire.expect("only connected peers").push_back(bytes);
                }
                Action::Close { peer, text, .. } => {
                    this.closed.push(text);
                    let other = NAMES.iter().position(|name| *name == peer.as_str());
                    closed.push(other.unwrap());
                }
                Action::Acknowledged { version } => {
                    assert!(version > this.acknowledged, "reported once");
                    this.acknowledged = version;
                }
            }
        }
        for other in closed {
            self.cut(host, other);
        }
    }

    pub(super) fn is_connected(&self, one: usize, other: usize) -> bool {
        self.wires.contains_key(&(one, other))
    }

    pub(super) fn connect(&mut self, one: usize, other: usize) {
        if one == other || self.is_connected(one, other) {
            return;
        }
        for (from, to) in [(one, other), (other, one)] {
            self.wires.insert((from, to), VecDeque::new());
        }
        for (from, to) in [(one, other), (other, one)] {
            let id = self.origin(to).id;
            self.hosts[from].store.connected(self.now, &id);
            self.act(from);
        }
    }

    pub(super) fn cut(&mut self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            if self.wires.remove(&(from, to)).is_some() {
                let name = self.hosts[to].name();
                self.hosts[from].store.disconnected(self.now, &name);
                self.act(from);
            }
        }
    }

    /// Delivers the next frame of the route with this number. Returns false if there is none.
    pub(super) fn deliver(&mut self, route: usize) -> bool {
        let busy = self.wires.iter().filter(|(_, frames)| !frames.is_empty());
        let busy: Vec<_> = busy.map(|(ends, _)| *ends).collect();
        if busy.is_empty() {
            return false;
        }
        let ends = busy[route % busy.len()];
        let frame = self.wires.get_mut(&ends).and_then(VecDeque::pop_front);
        let from = self.hosts[ends.0].name();
        let to = &mut self.hosts[ends.1].store;
        to.received(self.now, &from, &frame.unwrap());
        self.act(ends.1);
        true
    }

    pub(super) fn deliver_all(&mut self) {
        for delivered in 0.. {
            assert!(delivered < 5_000, "the frames have no end");
            if !self.deliver(delivered) {
                return;
            }
        }
    }

    /// Lets time pass, with all deliveries and timers on the way.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.deliver_all();
            let deadlines = self.hosts.iter().filter_map(|host| host.store.deadline());
            let Some(next) = deadlines.min().filter(|next| *next <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(next);
            for host in 0..self.hosts.len() {
                self.hosts[host].store.timer(self.now);
                self.act(host);
            }
        }
    }

    pub(super) fn insert(&mut self, host: usize, text: &str) -> EntryId {
        let id = insert(&mut self.hosts[host].store, "t", text);
        self.hosts[host].store.flush();
        self.act(host);
        id
    }

    pub(super) fn remove(&mut self, host: usize, id: EntryId) {
        assert!(self.hosts[host].store.remove(id));
        self.hosts[host].store.flush();
        self.act(host);
    }

    /// Returns the bodies that a host shows of another, in the order of ids.
    pub(super) fn shown(&self, host: usize, of: usize) -> Vec<String> {
        let id = self.origin(of).id;
        let view = self.hosts[host].view.0.iter();
        let own = view.filter(|((origin, _), _)| *origin == id);
        own.map(|(_, (_, body))| String::from_utf8_lossy(body).into_owned())
            .collect()
    }

    /// Replaces a host by a later incarnation without entries. The others lose their sessions with it.
    pub(super) fn crash(&mut self, host: usize) {
        for other in 0..self.hosts.len() {
            self.cut(host, other);
        }
        let mut origin = self.origin(host);
        origin.id.incarnation.0 += 1;
        origin.renewal = 0;
        self.hosts[host] = Host::new(origin, &self.limits, self.settings.clone());
    }

    /// Renews the membership of a host after a false report.
    pub(super) fn renew(&mut self, host: usize) {
        let renewal = self.origin(host).renewal + 1;
        self.hosts[host].store.renewed(renewal);
    }

    pub(super) fn violations(&self) -> Vec<&String> {
        self.hosts.iter().flat_map(|host| &host.closed).collect()
    }
}
