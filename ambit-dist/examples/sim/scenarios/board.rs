//! Nodes that all connect to each other, and a board on which they write whom they see.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit_dist::sim::{Host, Sim, always, note};
use ambit_dist::{DownReason, Limits, Node, NodeEvent, NodeId};

pub(crate) const SECOND: Duration = Duration::from_secs(1);
/// Where all nodes listen.
pub(crate) const PORT: u16 = 9_000;
/// After so long without faults everybody has found everybody: the longest pause between two dials, and a dial.
pub(crate) const CALM: Duration = Duration::from_secs(40);

/// Longer than any node waits for a word of another.
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

/// Whom a node sees.
#[derive(Default)]
struct View {
    own: Option<NodeId>,
    peers: BTreeMap<String, NodeId>,
    /// The last that was heard of each name, and whether it was `Up`.
    heard: BTreeMap<String, (NodeId, bool)>,
    downs: Vec<(String, DownReason)>,
}

/// What all nodes of a run have been told. It outlives them, as a reader of their logs would.
#[derive(Clone, Default)]
pub(crate) struct Board(Arc<Mutex<BTreeMap<String, View>>>);

impl Board {
    fn with<T>(&self, host: &str, look: impl FnOnce(&mut View) -> T) -> T {
        look(self.0.lock().unwrap().entry(host.into()).or_default())
    }

    /// A node begins a life: what its earlier ones were told means nothing to it.
    fn begins(&self, host: &str, own: &NodeId) {
        self.with(host, |view| {
            let before = view.own.replace(own.clone());
            let grows = before.is_none_or(|before| before.incarnation < own.incarnation);
            always!(grows, "a later life is greater", "{host} is {own}");
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
                always!(grows, "an earlier life never comes back", "{host}: {node}");
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

    /// Whether a host has been told that another is down, for a reason like this.
    pub(crate) fn has_lost(&self, host: &str, peer: &str, is: fn(&DownReason) -> bool) -> bool {
        self.with(host, |view| {
            view.downs
                .iter()
                .any(|(name, reason)| name == peer && is(reason))
        })
    }

    /// How often a host has been told that another is down.
    pub(crate) fn losses(&self, host: &str, peer: &str) -> usize {
        self.with(host, |view| {
            view.downs.iter().filter(|(name, _)| name == peer).count()
        })
    }

    /// Whether a host sees the present life of another.
    pub(crate) fn sees(&self, host: &str, peer: &str) -> bool {
        let views = self.0.lock().unwrap();
        let own = views.get(peer).and_then(|view| view.own.as_ref());
        own.is_some() && own == views.get(host).and_then(|view| view.peers.get(peer))
    }

    /// Waits until a condition holds; false if that takes too long.
    pub(crate) async fn within(&self, time: Duration, is: impl Fn(&Self) -> bool) -> bool {
        for _ in 0..time.as_millis() / 100 {
            if is(self) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        is(self)
    }

    /// Everybody sees everybody, soon.
    pub(crate) async fn converges(&self, hosts: &[&str]) {
        // A host that was just bounced writes down its new life first.
        tokio::time::sleep(SECOND / 10).await;
        let all = |board: &Self| {
            let pairs = hosts.iter().flat_map(|a| hosts.iter().map(move |b| (a, b)));
            pairs.filter(|(a, b)| a != b).all(|(a, b)| board.sees(a, b))
        };
        let found = self.within(CALM, all).await;
        always!(
            found,
            "everybody finds everybody",
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

/// How fine the network's clock is here: a run takes a fifth of what it would at 1 ms.
pub(crate) const TICK: Duration = Duration::from_millis(5);

/// Starts a node on a host; what it is told is written on the board.
pub(crate) async fn start(host: &Host, board: &Board) -> Node {
    start_within(host, board, &Limits::default()).await
}

/// As [`start`], with limits.
pub(crate) async fn start_within(host: &Host, board: &Board, limits: &Limits) -> Node {
    let builder = host.node(PORT).limits(limits.clone());
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

/// Connects to a host until that works; what is lost later the node dials by itself.
pub(crate) async fn connect(host: &Host, node: &Node, to: &str) {
    while let Err(error) = node.connect(host.address_of(to, PORT)).await {
        note!("to {to}: {error}");
        tokio::time::sleep(SECOND).await;
    }
}

/// Hosts with a node each, which connects to all others and stays for ever.
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
