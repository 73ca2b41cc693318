//! The store under test, and a view of it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::node::id::{Incarnation, NodeId, NodeName};
use crate::replica::change::{Change, EntryId};
use crate::replica::counts::Counts;
use crate::replica::error::PutError;
use crate::replica::frame::Frame;
use crate::replica::limits::{ReplicaLimits, ReplicaSettings};
use crate::replica::origin::Origin;
use crate::replica::store::{Action, Store};

/// The nodes; the first is the one under test.
const NODES: [&str; 4] = ["a", "b", "c", "d"];

const TABLES: [&str; 3] = ["names", "rooms", ""];

/// The kinds of steps, in the bits above those of the node.
pub(super) const FRAME: u8 = 0;
pub(super) const TIMER: u8 = 1;
const RECONNECT: u8 = 2;
const DISCONNECT: u8 = 3;
const UP: u8 = 4;
const DOWN: u8 = 5;
const LEAVE: u8 = 6;
pub(super) const INSERT: u8 = 7;
const UPDATE: u8 = 8;
pub(super) const REMOVE: u8 = 9;
pub(super) const FLUSH: u8 = 10;

/// Returns low limits.
pub(super) fn limits() -> ReplicaLimits {
    ReplicaLimits {
        own_entries: 4,
        entries: 4,
        bytes: 600,
        body: 100,
        table_name: 6,
        tables: 3,
        tombstones: 3,
        remembered: 2,
        chunk: 330,
        unacknowledged: 300,
    }
}

pub(super) fn origin(node: u8, incarnation: u64) -> Origin {
    let node = NODES[usize::from(node & 3)];
    let name: NodeName = node.parse().expect("a name of a node");
    let id = NodeId {
        name,
        incarnation: Incarnation(incarnation),
    };
    Origin { id, renewal: 0 }
}

/// Creates the store of a node that has all others as members.
pub(super) fn store(node: u8) -> Store {
    let settings = ReplicaSettings::default();
    let mut store = Store::new(origin(node, 1), settings, limits(), 7);
    for other in 0..4 {
        store.member_up(Duration::ZERO, origin(other, 1));
    }
    store
}

pub(super) struct ReplicaFixture {
    store: Store,
    now: Duration,
    origins: [Origin; 4],
    view: BTreeMap<(NodeId, EntryId), Bytes>,
    ids: Vec<EntryId>,
    acknowledged: u64,
}

impl ReplicaFixture {
    /// All nodes are members; `b` and `c` are connected.
    pub(super) fn new() -> Self {
        let mut store = store(0);
        for node in [1, 2] {
            store.connected(Duration::ZERO, &origin(node, 1).id);
        }
        Self {
            store,
            now: Duration::ZERO,
            origins: [0, 1, 2, 3].map(|node| origin(node, 1)),
            view: BTreeMap::new(),
            ids: Vec::new(),
            acknowledged: 0,
        }
    }

    /// Plays one step. Returns the rest of the script.
    pub(super) fn play<'a>(&mut self, step: u8, rest: &'a [u8]) -> &'a [u8] {
        let (node, now) = (step & 3, self.now);
        let known = &mut self.origins[usize::from(node)];
        match step >> 2 {
            FRAME => return self.frame(node, rest),
            TIMER => {
                self.now = self.store.deadline().unwrap_or(now).max(now);
                self.store.timer(self.now);
            }
            RECONNECT => self.store.connected(now, &known.id),
            DISCONNECT => self.store.disconnected(now, &known.id.name),
            UP if node == 0 => {
                known.renewal = known.renewal.saturating_add(1);
                self.store.renewed(known.renewal);
            }
            UP => {
                known.renewal = known.renewal.saturating_add(1);
                self.store.member_up(now, known.clone());
            }
            DOWN => self.store.member_down(now, known, false),
            LEAVE => {
                self.store.member_down(now, known, true);
                *known = origin(node, known.id.incarnation.get() + 1);
            }
            INSERT => self.insert(TABLES[usize::from(node % 3)]),
            UPDATE => self.update(usize::from(node)),
            REMOVE => {
                if let Some(id) = self.pick(usize::from(node)) {
                    self.store.remove(id);
                }
            }
            FLUSH => self.store.flush(),
            _ => {}
        }
        rest
    }

    fn pick(&self, which: usize) -> Option<EntryId> {
        let at = which.checked_rem(self.ids.len())?;
        self.ids.get(at).copied()
    }

    fn insert(&mut self, table: &str) {
        let body = Bytes::from(vec![7; self.ids.len() * 10]);
        match self.store.insert(table, body.clone()) {
            Ok(id) => self.ids.push(id),
            Err(error) => assert_eq!(error.into_body(), body),
        }
    }

    fn update(&mut self, which: usize) {
        let Some(id) = self.pick(which) else {
            return;
        };
        let own = self.store.own().id.clone();
        let has = self.store.get(&own, id).is_some();
        match self.store.update(id, Bytes::from(vec![8; which * 40])) {
            Ok(()) => assert!(has),
            Err(PutError::NoEntry { .. }) => assert!(!has),
            Err(error) => assert!(error.into_body().len() > 100 || has),
        }
    }

    fn frame<'a>(&mut self, node: u8, rest: &'a [u8]) -> &'a [u8] {
        let Some((&length, rest)) = rest.split_first() else {
            return rest;
        };
        let (bytes, rest) = rest.split_at(rest.len().min(length.into()));
        let bytes = Bytes::copy_from_slice(bytes);
        if let Ok(frame) = Frame::decode(&bytes, &limits()) {
            let again = Frame::decode(&frame.encode(), &limits());
            assert_eq!(again, Ok(frame));
        }
        let from = &origin(node, 1).id.name;
        self.store.received(self.now, from, &bytes);
        rest
    }

    /// Performs the actions, and checks the view and the limits.
    pub(super) fn check(&mut self) {
        for action in self.store.take_actions() {
            match action {
                Action::Send { bytes, .. } => {
                    let frame = Frame::decode(&bytes, &limits());
                    frame.expect("the store sends valid frames");
                }
                Action::Acknowledged { version } => {
                    assert!(version > self.acknowledged, "reported once");
                    assert!(version <= self.store.version());
                    self.acknowledged = version;
                }
                Action::Close { text, .. } => assert!(!text.is_empty()),
            }
        }
        for change in self.store.take_changes() {
            self.apply(change);
        }
        let counts = self.store.counts();
        let visible: usize = counts.entries.values().sum();
        assert_eq!(visible, self.view.len());
        let logs = counts.members + 1;
        assert!(counts.members <= 3 && counts.transfers <= counts.members);
        assert!(counts.entries.values().all(|entries| *entries <= 4));
        assert!(counts.hidden <= 4 * counts.members && counts.staged <= 4 * counts.members);
        assert!(counts.bytes <= 4 * 600 * logs);
        assert!(counts.tombstones <= 3 * logs);
        assert!(counts.remembered <= 2);
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Put {
                origin,
                id,
                body,
                is_new,
                ..
            } => {
                let before = self.view.insert((origin, id), body);
                assert_eq!(before.is_none(), is_new);
            }
            Change::Removed { origin, id, .. } => {
                let before = self.view.remove(&(origin, id));
                assert!(before.is_some());
            }
        }
    }

    /// Ends everything, and checks that nothing is left.
    pub(super) fn end(mut self) {
        let opened = TABLES.map(|table| self.store.open_table(table).len());
        assert!(opened.iter().sum::<usize>() <= self.view.len());
        for id in std::mem::take(&mut self.ids) {
            self.store.remove(id);
        }
        for node in 1..4 {
            let mut last = origin(node, u64::MAX);
            self.store.disconnected(self.now, &last.id.name);
            last.renewal = u32::MAX;
            self.store.member_down(self.now, &last, true);
        }
        self.store.flush();
        self.check();
        assert!(self.view.is_empty());
        assert_eq!(self.store.deadline(), None);
        let version = self.store.version();
        assert!(self.store.acknowledged(version));
        let counts = self.store.counts();
        let left = Counts {
            remembered: counts.remembered,
            events: counts.events,
            ..Counts::default()
        };
        assert_eq!(counts, left);
    }
}
