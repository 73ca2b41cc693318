//! A random tree: at least three supervisors, one of each strategy, each with all kinds of children.

use crate::rng::Rng;
use crate::script::{AutoShutdown, Id, Kind, Node, Restart, Script, Shutdown, Strategy};

/// A period that is longer than any script.
const NEVER_EXPIRES: u32 = 60;

const SUPERVISORS_STOP: [Shutdown; 3] = [
    Shutdown::Infinity,
    Shutdown::Infinity,
    Shutdown::Millis(5000),
];

const WORKERS_STOP: [Shutdown; 4] = [
    Shutdown::Brutal,
    Shutdown::Millis(5000),
    Shutdown::Millis(5000),
    Shutdown::Infinity,
];

/// Settings for the whole script.
pub(super) struct Mood {
    /// True if supervisors give up soon.
    tight: bool,
    /// True if some workers terminate slowly.
    pub(super) lingering: bool,
    /// The one period, in seconds, that ends within the script.
    pub(super) expires: Option<u32>,
}

impl Mood {
    pub(super) fn random(rng: &mut Rng) -> Self {
        let lingering = rng.chance(12);
        let expires = (!lingering && rng.chance(40)).then(|| rng.pick(&[1, 2, 2, 3, 3]));
        Self {
            tight: rng.chance(60),
            lingering,
            expires,
        }
    }
}

/// Generates all nodes, parents first.
pub(super) fn tree(rng: &mut Rng, mood: &Mood) -> Vec<Node> {
    let mut nodes = supervisors(rng, mood);
    for index in 0..nodes.len() {
        let mut restarts = Restart::ALL.to_vec();
        rng.shuffle(&mut restarts);
        if rng.chance(35) {
            restarts.push(rng.pick(&Restart::ALL));
        }
        for (place, restart) in restarts.into_iter().enumerate() {
            let mut worker = worker(rng, mood, &nodes[index], restart);
            // Some workers are left for a step to start.
            worker.initial = place == 0 || !rng.chance(12);
            nodes.push(worker);
        }
    }
    if rng.chance(25) {
        let bad = bad(rng, mood, &nodes);
        nodes.push(bad);
    }
    if rng.chance(40) {
        let dynamic = dynamic(rng, mood, &nodes);
        nodes.extend(dynamic);
    }
    in_random_order(rng, nodes)
}

fn supervisors(rng: &mut Rng, mood: &Mood) -> Vec<Node> {
    let mut strategies = Strategy::ALL.to_vec();
    rng.shuffle(&mut strategies);
    if rng.chance(30) {
        strategies.push(rng.pick(&Strategy::ALL));
    }
    let mut nodes: Vec<Node> = Vec::new();
    for strategy in strategies {
        let parent = (!nodes.is_empty()).then(|| nodes[rng.below(nodes.len())].id);
        let restart = match parent {
            None => Restart::Permanent,
            Some(_) => rng.pick(&[
                Restart::Permanent,
                Restart::Permanent,
                Restart::Transient,
                Restart::Temporary,
            ]),
        };
        let above = parent.and_then(|id| nodes.iter().find(|node| node.id == id));
        nodes.push(Node {
            id: Id {
                supervises: true,
                number: nodes.len() as u16,
            },
            parent,
            restart,
            shutdown: rng.pick(&SUPERVISORS_STOP),
            significant: above.is_some_and(|above| is_significant(rng, above, restart)),
            initial: true,
            kind: supervisor(rng, mood, strategy),
        });
    }
    nodes
}

/// Generates a dynamic supervisor, and the children that steps will start.
fn dynamic(rng: &mut Rng, mood: &Mood, nodes: &[Node]) -> Vec<Node> {
    let above = supervisor_of(rng, nodes);
    let own = rng.pick(&[Restart::Permanent, Restart::Permanent, Restart::Transient]);
    let mut dynamic = worker(rng, mood, above, own);
    dynamic.id = Id {
        supervises: true,
        number: nodes.len() as u16,
    };
    dynamic.shutdown = rng.pick(&SUPERVISORS_STOP);
    let restart = rng.pick(&Restart::ALL);
    let shutdown = rng.pick(&WORKERS_STOP);
    dynamic.kind = Kind::Dynamic {
        restart,
        shutdown,
        intensity: if mood.tight { rng.pick(&[0, 1, 2]) } else { 50 },
        period: mood.expires.unwrap_or(NEVER_EXPIRES),
    };
    let mut all = vec![dynamic];
    for _ in 0..2 + rng.below(2) {
        let mut child = worker(rng, mood, &all[0], restart);
        child.initial = false;
        child.shutdown = shutdown;
        all.push(child);
    }
    all
}

fn supervisor(rng: &mut Rng, mood: &Mood, strategy: Strategy) -> Kind {
    let auto_shutdown = match rng.below(6) {
        0 => AutoShutdown::Any,
        1 => AutoShutdown::All,
        _ => AutoShutdown::Never,
    };
    let period = mood.expires.filter(|_| rng.chance(70));
    Kind::Supervisor {
        strategy,
        intensity: if mood.tight {
            rng.pick(&[0, 1, 1, 2, 3])
        } else {
            rng.pick(&[3, 5, 50])
        },
        period: period.unwrap_or(NEVER_EXPIRES),
        auto_shutdown,
    }
}

fn worker(rng: &mut Rng, mood: &Mood, above: &Node, restart: Restart) -> Node {
    let lingers = mood.lingering && rng.chance(12);
    let (traps, shutdown) = if lingers {
        let stops = [
            Shutdown::Millis(60),
            Shutdown::Millis(60),
            Shutdown::Infinity,
        ];
        (true, rng.pick(&stops))
    } else {
        (rng.chance(60), rng.pick(&WORKERS_STOP))
    };
    Node {
        id: Id {
            supervises: false,
            number: 0,
        },
        parent: Some(above.id),
        restart,
        shutdown,
        significant: is_significant(rng, above, restart),
        initial: true,
        kind: Kind::Worker {
            traps,
            lingers: if lingers { rng.pick(&[5, 130]) } else { 0 },
        },
    }
}

/// Generates a child whose spec every supervisor refuses.
fn bad(rng: &mut Rng, mood: &Mood, nodes: &[Node]) -> Node {
    let above = supervisor_of(rng, nodes);
    let mut bad = worker(rng, mood, above, Restart::Permanent);
    (bad.significant, bad.initial) = (true, false);
    bad
}

fn supervisor_of<'a>(rng: &mut Rng, nodes: &'a [Node]) -> &'a Node {
    let all: Vec<&Node> = nodes
        .iter()
        .filter(|node| node.kind.is_supervisor())
        .collect();
    rng.pick(&all)
}

fn is_significant(rng: &mut Rng, above: &Node, restart: Restart) -> bool {
    let Kind::Supervisor { auto_shutdown, .. } = above.kind else {
        return false;
    };
    auto_shutdown != AutoShutdown::Never && restart != Restart::Permanent && rng.chance(60)
}

/// Numbers the nodes in listing order.
fn in_random_order(rng: &mut Rng, nodes: Vec<Node>) -> Vec<Node> {
    let mut waiting = nodes;
    let mut ordered = vec![waiting.remove(0)];
    let mut renamed = vec![(ordered[0].id, ordered[0].id)];
    rng.shuffle(&mut waiting);
    while !waiting.is_empty() {
        let is_next = |node: &Node| renamed.iter().any(|(old, _)| Some(*old) == node.parent);
        let next = waiting.iter().position(is_next);
        let mut node = waiting.remove(next.expect("every parent is a node"));
        let parent = renamed.iter().find(|(old, _)| Some(*old) == node.parent);
        node.parent = parent.map(|(_, new)| *new);
        let old = node.id;
        node.id.number = ordered.len() as u16;
        if old.supervises {
            renamed.push((old, node.id));
        }
        ordered.push(node);
    }
    ordered
}

impl Script {
    /// Returns the same script without a restart window that ends.
    pub(crate) fn without_expiry(mut self) -> Self {
        self.expires = false;
        for node in &mut self.nodes {
            if let Kind::Supervisor { period, .. } | Kind::Dynamic { period, .. } = &mut node.kind {
                *period = NEVER_EXPIRES;
            }
        }
        self
    }
}

impl Kind {
    /// Returns true for both kinds of supervisors.
    pub fn is_supervisor(self) -> bool {
        !matches!(self, Self::Worker { .. })
    }
}
