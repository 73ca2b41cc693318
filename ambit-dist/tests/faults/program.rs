//! The program of a separate process: a node that prints its events.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::{
    Auth, Events, Limits, MemberEvent, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId, Timeouts,
};

use crate::servers::{Log, Sender};

/// The prefix of each line for the test; the harness prints lines of its own.
pub(crate) const MARK: &str = "node: ";

const NAME: &str = "AMBIT_FAULTS_NAME";
const COOKIE: &str = "AMBIT_FAULTS_COOKIE";
const LISTEN: &str = "AMBIT_FAULTS_LISTEN";
const SEEDS: &str = "AMBIT_FAULTS_SEEDS";
const SILENCE: &str = "AMBIT_FAULTS_SILENCE";

/// The settings of a node, whether it runs in this program or in its own process.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) name: String,
    pub(crate) cookie: String,
    pub(crate) listen: SocketAddr,
    pub(crate) seeds: Vec<SocketAddr>,
    /// The silence after which a node counts as lost.
    pub(crate) silence: Duration,
}

impl Setup {
    /// Returns the setup as environment variables for a process.
    pub(crate) fn variables(&self) -> Vec<(&'static str, String)> {
        let seeds: Vec<_> = self.seeds.iter().map(ToString::to_string).collect();
        vec![
            (NAME, self.name.clone()),
            (COOKIE, self.cookie.clone()),
            (LISTEN, self.listen.to_string()),
            (SEEDS, seeds.join(" ")),
            (SILENCE, self.silence.as_millis().to_string()),
        ]
    }

    pub(crate) fn of_variables() -> Option<Self> {
        let read = |name| std::env::var(name).ok();
        Some(Self {
            name: read(NAME)?,
            cookie: read(COOKIE)?,
            listen: read(LISTEN)?.parse().ok()?,
            seeds: read(SEEDS)?
                .split_whitespace()
                .map(|seed| seed.parse().unwrap())
                .collect(),
            silence: Duration::from_millis(read(SILENCE)?.parse().ok()?),
        })
    }

    pub(crate) async fn start(&self) -> Node {
        // The tests decide which lines there are.
        self.start_as(NodeBuilder::hidden).await
    }

    async fn start_as(&self, form: fn(NodeBuilder) -> NodeBuilder) -> Node {
        let timeouts = Timeouts::default()
            .heartbeat(self.silence / 5)
            .missed(5)
            .idle(self.silence * 2)
            .dial(Duration::from_millis(1_500))
            .handshake(Duration::from_millis(1_500));
        let node = form(Node::builder(&self.name))
            .auth(Auth::cookie(self.cookie.as_str()))
            .listen(self.listen)
            .seeds(self.seeds.iter().copied())
            .timeouts(timeouts)
            // Low enough for a test to fill it.
            .limits(Limits::default().queue(1 << 20));
        let node = node.start().await.unwrap();
        node.expose::<Log>();
        node.expose::<Sender>();
        node
    }
}

/// Prints a line for the test that started this process.
pub(crate) fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // A reader that is gone ends this process.
    let _ = writeln!(out, "\n{MARK}{line}").and_then(|()| out.flush());
}

/// Prints the events of a node, after an `up` for each node that was `known` before them. Such a node may have connected
/// while the events began: its first `up` is not printed again.
async fn tell(mut known: BTreeSet<NodeId>, mut events: NodeEvents) {
    for node in &known {
        say(&format!("up {}", node.name));
    }
    while let Some(event) = events.next().await {
        match event {
            NodeEvent::Up { node } if known.remove(&node) => {}
            NodeEvent::Up { node } => say(&format!("up {}", node.name)),
            NodeEvent::Down { node, reason } => {
                known.remove(&node);
                say(&format!("down {}: {reason}", node.name));
            }
            other => say(&format!("{other:?}")),
        }
    }
}

/// Prints the events of the members of a cluster, as [`tell`] does for those of a node.
async fn tell_members(mut known: BTreeSet<NodeId>, mut events: Events<MemberEvent>) {
    for node in &known {
        say(&format!("up {}", node.name));
    }
    while let Some(event) = events.next().await {
        match event {
            MemberEvent::Up { node } if known.remove(&node) => {}
            MemberEvent::Up { node } => say(&format!("up {}", node.name)),
            MemberEvent::Down { node, .. } => {
                known.remove(&node);
                say(&format!("down {}", node.name));
            }
            other => say(&format!("missed {other:?}")),
        }
    }
}

/// Not a test of its own: runs a node until the other end of its input is closed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started as a process of its own by the other tests"]
async fn node() {
    let Some(setup) = Setup::of_variables() else {
        return;
    };
    let node = setup.start().await;
    say(&format!("at {}", node.local_addr()));
    let events = node.events();
    // A seed may have answered by now.
    let known = node.peers().into_iter().map(|peer| peer.id).collect();
    tokio::spawn(tell(known, events));
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = input.await;
    node.leave().await;
}

/// Not a test of its own: runs a member of a cluster, and prints the members that join and leave.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "started as a process of its own by the other tests"]
async fn member() {
    let Some(setup) = Setup::of_variables() else {
        return;
    };
    let node = setup.start_as(|builder| builder).await;
    let events = node.membership().events();
    let known = node.membership().up().into_iter();
    let others = known.map(|member| member.id().clone());
    let others = others.filter(|id| id != node.id()).collect();
    tokio::spawn(tell_members(others, events));
    let input = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
    let _ = input.await;
    node.leave().await;
}
