//! Fully connected nodes, and a board that records which peers each of them sees.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit_dist::sim::{Host, Sim, always, note};
use ambit_dist::{DownReason, Limits, Node, NodeEvent, NodeId};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// The port of all nodes.
pub(crate) const PORT: u16 = 9_000;
/// The time without faults after which every node has found every other: the longest pause between dials, and a dial.
pub(crate) const CALM: Duration = Duration::from_secs(40);

/// Longer than any node waits for another.
pub(crate) const LONG: Duration = Duration::from_secs(15);

pub(crate) fn timed_out(reason: &DownReason) -> bool {
    matches!(reason, DownReason::TimedOut)
}

pub(crate) fn restarted(reason: &DownReason) -> bool {
    matches!(reason, DownReason::Restarted)
}

pub(crate) fn left(reason: &DownReason) -> bool {
    matches!(reason, DownReason::Left)
}

/// The peers that a node sees.
#[derive(Default)]
struct View {
    own: Option<NodeId>,
    peers: BTreeMap<String, NodeId>,
    /// The last event of each name, and whether it was `Up`.
    heard: BTreeMap<String, (NodeId, bool)>,
    downs: Vec<(String, DownReason)>,
}

/// The events of all nodes of a run. The board outlives the nodes, like a reader of their logs.
#[derive(Clone, Default)]
pub(crate) struct Board(Arc<Mutex<BTreeMap<String, View>>>);

impl Board {
    fn with<T>(&self, host: &str, look: impl FnOnce(&mut View) -> T) -> T {
        look(self.0.lock().unwrap().entry(host.into()).or_default())
    }

    /// Records the start of a node's incarnation, and clears the events of its earlier ones.
    fn begins(&self, host: &str, own: &NodeId) {
        self.with(host, |view| {
            let before = view.own.replace(own.clone());
            let grows = before.is_none_or(|before| before.incarnation < own.incarnation);
            always!(grows, "a later incarnation is greater", "{host} is {own}");
            view.peers.clear();
            view.heard.clear();
        });
    }

    fn takes(&self, host: &str, event: NodeEvent) {
        self.with(host, |view| match event {
            NodeEvent::Up { node } => {
                let name = node.name.to_string();
                let before = view.heard.insert(name.clone(), (node.clone(), true));
                let (was_up, grows) = before.map_or((false, true), |(before, was_up)| {
                    (was_up, before.incarnation <= node.incarnation)
                });
                always!(
                    !was_up,
                    "up and down alternate",
                    "{host}: {name} is up twice"
                );
                always!(
                    grows,
                    "an earlier incarnation never comes back",
                    "{host}: {node}"
                );
                view.peers.insert(name, node);
            }
            NodeEvent::Down { node, reason } => {
                let name = node.name.to_string();
                let before = view.heard.insert(name.clone(), (node.clone(), false));
                let was_up = before.is_some_and(|(before, was_up)| was_up && before == node);
                always!(
                    was_up,
                    "up and down alternate",
                    "{host}: {node} is down and was not up"
                );
                view.peers.remove(&name);
                view.downs.push((name, reason));
            }
            other => always!(false, "no event is missed", "{host}: {other:?}"),
        });
    }

    /// Returns whether a host lost a peer for such a reason.
    pub(crate) fn has_lost(&self, host: &str, peer: &str, is: fn(&DownReason) -> bool) -> bool {
        self.with(host, |view| {
            view.downs
                .iter()
                .any(|(name, reason)| name == peer && is(reason))
        })
    }

    /// Returns how often a host lost a peer.
    pub(crate) fn losses(&self, host: &str, peer: &str) -> usize {
        self.with(host, |view| {
            view.downs.iter().filter(|(name, _)| name == peer).count()
        })
    }

    /// Returns whether a host has ever seen a node of this name.
    pub(crate) fn has_heard(&self, host: &str, name: &str) -> bool {
        self.with(host, |view| view.heard.contains_key(name))
    }

    /// Returns whether a host sees the current incarnation of another.
    pub(crate) fn sees(&self, host: &str, peer: &str) -> bool {
        let views = self.0.lock().unwrap();
        let own = views.get(peer).and_then(|view| view.own.as_ref());
        own.is_some() && own == views.get(host).and_then(|view| view.peers.get(peer))
    }

    /// Waits until a condition holds. Returns false on a timeout.
    pub(crate) async fn within(&self, time: Duration, is: impl Fn(&Self) -> bool) -> bool {
        for _ in 0..time.as_millis() / 100 {
            if is(self) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        is(self)
    }

    /// Checks that all hosts see each other soon.
    pub(crate) async fn converges(&self, hosts: &[&str]) {
        // A host that was just restarted must first record its new incarnation.
        tokio::time::sleep(SECOND / 10).await;
        let all = |board: &Self| {
            let pairs = hosts.iter().flat_map(|a| hosts.iter().map(move |b| (a, b)));
            pairs.filter(|(a, b)| a != b).all(|(a, b)| board.sees(a, b))
        };
        let found = self.within(CALM, all).await;
        always!(
            found,
            "every node finds every other",
            "{}",
            self.missing(hosts)
        );
    }

    fn missing(&self, hosts: &[&str]) -> String {
        let mut missing = BTreeSet::new();
        for a in hosts {
            for b in hosts {
                if a != b && !self.sees(a, b) {
                    missing.insert(format!("{a} does not see {b}"));
                }
            }
        }
        missing.into_iter().collect::<Vec<_>>().join(", ")
    }
}

/// The step of the network's clock: a run takes a fifth of the time of one with 1 ms.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Starts a node on a host, and records its events on the board.
pub(crate) async fn start(host: &Host, board: &Board) -> Node {
    start_within(host, board, &Limits::default()).await
}

/// Works like [`start`], with limits. The node is hidden, because these scenarios dial all connections themselves: the
/// membership would repair what they test.
pub(crate) async fn start_within(host: &Host, board: &Board, limits: &Limits) -> Node {
    let builder = host.node(PORT).hidden().limits(limits.clone());
    let node = builder.start().await.unwrap();
    let mut events = node.events();
    board.begins(host.name(), node.id());
    let (name, board) = (host.name().to_owned(), board.clone());
    tokio::spawn(async move {
        while let Some(event) = events.next().await {
            note!("{event:?}");
            board.takes(&name, event);
        }
    });
    node
}

/// Connects to a host, retrying until it succeeds. The node itself redials after later losses.
pub(crate) async fn connect(host: &Host, node: &Node, to: &str) {
    while let Err(error) = node.connect(host.address_of(to, PORT)).await {
        note!("to {to}: {error}");
        tokio::time::sleep(SECOND).await;
    }
}

/// Adds hosts with one node each, which connects to all others and keeps running.
pub(crate) fn cluster(sim: &mut Sim, names: &'static [&'static str]) -> Board {
    let board = Board::default();
    sim.tick(TICK).settles();
    for name in names {
        let board = board.clone();
        sim.host(name, move |host| {
            let board = board.clone();
            async move {
                let node = start(&host, &board).await;
                for other in names.iter().filter(|other| **other != host.name()) {
                    let (host, node) = (host.clone(), node.clone());
                    tokio::spawn(async move { connect(&host, &node, other).await });
                }
                std::future::pending::<()>().await;
                drop(node);
            }
        });
    }
    board
}
