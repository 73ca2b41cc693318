//! Presences under faults: all nodes list those that are tracked, and the diffs lead from one list to the next.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use ambit::prelude::*;
use ambit_dist::sim::{Chaos, Host, Scenario, SimRng, always, sometimes};
use ambit_dist::{Node, Presence, PresenceDiff, PresenceEvent, PresenceRef};

use super::board::SECOND;
use super::host_jobs::{HostJobs, cluster};
use super::roster::{CALM, Roster, crash};

const TOPIC: &str = "lobby";

struct User;

#[gen_server]
impl User {
    #[init]
    fn new() -> Self {
        Self
    }
}

/// The presences of a topic: key, metadata and reference.
type Listed = BTreeMap<PresenceRef, (String, u64)>;

/// The users of a node by key, with their last metadata.
type Users = BTreeMap<String, (UserSubject, u64)>;

/// The tracker of a node, its own users, and what the diffs so far add up to.
#[derive(Clone)]
struct Room {
    presence: Presence<u64>,
    users: Rc<RefCell<Users>>,
    by_diffs: Rc<RefCell<Listed>>,
}

impl Room {
    fn new(node: &Node) -> Self {
        let presence = Presence::open(node, "rooms").unwrap();
        let mut events = presence.events(TOPIC);
        let room = Self {
            presence,
            users: Rc::default(),
            by_diffs: Rc::default(),
        };
        let by_diffs = room.by_diffs.clone();
        tokio::task::spawn_local(async move {
            while let Some(event) = events.next().await {
                let PresenceEvent::Diff(diff) = event else {
                    always!(false, "no diff is missed", "{event:?}");
                    return;
                };
                apply(&mut by_diffs.borrow_mut(), diff);
            }
        });
        room
    }

    /// Tracks a new user.
    async fn enter(self, key: String, meta: u64) {
        let user = User::start().await.unwrap();
        self.presence.track(&user, TOPIC, &key, meta).unwrap();
        let before = self.users.borrow_mut().insert(key, (user, meta));
        if let Some((before, _)) = before {
            ambit::exit(&before, ExitReason::Kill);
            before.closed().await;
        }
    }

    /// Updates a random user, removes it, or ends its process.
    async fn change(self, pick: u64, kind: u64, meta: u64) {
        let users = self.users.borrow().clone();
        let Some((key, (user, _))) = users.iter().nth(pick as usize % users.len().max(1)) else {
            return;
        };
        if kind > 0 {
            self.users.borrow_mut().remove(key);
        }
        match kind {
            0 => {
                self.presence.update(user, TOPIC, key, meta).unwrap();
                self.users
                    .borrow_mut()
                    .insert(key.clone(), (user.clone(), meta));
            }
            1 => always!(
                self.presence.untrack(user, TOPIC, key),
                "a tracked user can be untracked"
            ),
            _ => {
                ambit::exit(user, ExitReason::Kill);
                user.closed().await;
            }
        }
    }

    fn listed(&self) -> Listed {
        let entries = self.presence.list(TOPIC).into_iter();
        let metas = entries.flat_map(|entry| {
            let key = entry.key;
            let metas = entry.metas.into_iter();
            metas.map(move |meta| (meta.reference().clone(), (key.clone(), meta.meta)))
        });
        metas.collect()
    }
}

/// Applies a diff: each leave is of a listed presence, and each join is of a new one.
fn apply(listed: &mut Listed, diff: PresenceDiff<u64>) {
    for left in diff.leaves {
        for meta in left.metas {
            let before = listed.remove(meta.reference());
            always!(
                before.is_some(),
                "only a listed presence leaves",
                "{meta:?}"
            );
        }
    }
    for joined in diff.joins {
        for meta in joined.metas {
            let value = (joined.key.clone(), meta.meta);
            let before = listed.insert(meta.reference().clone(), value);
            always!(before.is_none(), "a presence joins once", "{meta:?}");
        }
    }
}

/// Returns what differs from all nodes listing the users that run, in the list and by the diffs.
fn difference(nodes: &HostJobs<Room>) -> Option<String> {
    let states = nodes.states();
    let users = states.iter().flat_map(|(_, room)| {
        let users = room.users.borrow();
        let of_room = users.iter().map(|(key, (_, meta))| (key.clone(), *meta));
        of_room.collect::<Vec<_>>()
    });
    let mut expected: Vec<(String, u64)> = users.collect();
    expected.sort();
    states.iter().find_map(|(host, room)| {
        let listed = room.listed();
        let mut users: Vec<_> = listed.values().cloned().collect();
        users.sort();
        if users != expected {
            return Some(format!("`{host}` lists {users:?} of {expected:?}"));
        }
        let by_diffs = room.by_diffs.borrow();
        (*by_diffs != listed).then(|| format!("`{host}`: {by_diffs:?} by diffs, {listed:?}"))
    })
}

async fn converges(nodes: &HostJobs<Room>) {
    for _ in 0..CALM.as_secs() * 20 {
        if difference(nodes).is_none() {
            return;
        }
        tokio::time::sleep(SECOND / 20).await;
    }
    let difference = difference(nodes);
    always!(
        difference.is_none(),
        "all nodes list the presences",
        "after {CALM:?}: {difference:?}"
    );
}

/// Lets a user enter on a random host, or changes one.
async fn changes(nodes: &HostJobs<Room>, rng: &mut SimRng, number: u64) {
    let host = format!("n{}", 1 + rng.below(4));
    let (pick, kind) = (rng.below(100), rng.below(6));
    if kind < 3 {
        let change = async move |room: Room| room.change(pick, kind, number).await;
        nodes.at(&host, change).await;
    } else {
        let key = format!("user{number}");
        let enter = async move |room: Room| room.enter(key, number).await;
        nodes.at(&host, enter).await;
    }
}

async fn end_all(nodes: &HostJobs<Room>) {
    for (host, room) in nodes.states() {
        let count = room.users.borrow().len();
        for _ in 0..count {
            nodes
                .at(&host, async |room| room.change(0, 2, 0).await)
                .await;
        }
    }
    converges(nodes).await;
}

async fn starts(roster: &Roster, nodes: &HostJobs<Room>, rng: &mut SimRng) {
    roster.converges(4, CALM).await;
    for number in 0..10 {
        changes(nodes, rng, number).await;
    }
    converges(nodes).await;
}

pub(crate) const PRESENCE_BRIDGE: Scenario = Scenario {
    name: "presence-bridge",
    about: "two nodes without a connection see each other's presences come and go by way of the others",
    build: |sim| {
        let (roster, nodes) = cluster(sim, 4, Room::new);
        sim.client("judge", move |host: Host| async move {
            let mut rng = host.rng("presences");
            starts(&roster, &nodes, &mut rng).await;
            host.faults().partition("n1", "n4");
            tokio::time::sleep(15 * SECOND).await;
            for number in 10..40 {
                changes(&nodes, &mut rng, number).await;
                tokio::time::sleep(rng.between(SECOND / 100, SECOND / 2)).await;
            }
            converges(&nodes).await;
            host.faults().heal_all();
            roster.converges(4, CALM).await;
            converges(&nodes).await;
            end_all(&nodes).await;
        });
    },
};

pub(crate) const PRESENCE_CRASH: Scenario = Scenario {
    name: "presence-crash",
    about: "presences of a node that crashes leave, and those of its next incarnation are new ones",
    build: |sim| {
        let (roster, nodes) = cluster(sim, 4, Room::new);
        sim.loss(0.02);
        sim.client("judge", move |host: Host| async move {
            let mut rng = host.rng("presences");
            starts(&roster, &nodes, &mut rng).await;
            for round in 1..4 {
                let victim = format!("n{}", 1 + rng.below(4));
                let states = nodes.states().into_iter();
                let users: usize = states
                    .filter(|(host, _)| *host == victim)
                    .map(|(_, room)| room.users.borrow().len())
                    .sum();
                sometimes!(users > 0, "a node that crashes has users");
                nodes.remove(&victim);
                crash(&host, &roster, &victim);
                let early = rng.below(2) == 0;
                if early {
                    tokio::time::sleep(rng.between(SECOND / 10, 3 * SECOND)).await;
                    host.faults().bounce(&victim);
                    roster.converges(4, CALM).await;
                }
                for number in 0..6 {
                    changes(&nodes, &mut rng, 100 * round + number).await;
                }
                converges(&nodes).await;
                if !early {
                    host.faults().bounce(&victim);
                    roster.converges(4, CALM).await;
                    converges(&nodes).await;
                }
            }
            end_all(&nodes).await;
        });
    },
};

pub(crate) const PRESENCE_CHAOS: Scenario = Scenario {
    name: "presence-chaos",
    about: "users come and go during crashes, partitions, cuts and lost datagrams; then all nodes list those that are present",
    build: |sim| {
        let (roster, nodes) = cluster(sim, 4, Room::new);
        sim.chaos(Chaos::until(80 * SECOND).crashes(true));
        sim.client("judge", move |host: Host| async move {
            let mut rng = host.rng("presences");
            let mut number = 0;
            while host.now() < 80 * SECOND {
                number += 1;
                changes(&nodes, &mut rng, number).await;
                tokio::time::sleep(rng.between(SECOND / 100, 2 * SECOND)).await;
            }
            roster.converges(4, 2 * CALM).await;
            converges(&nodes).await;
            let left: usize = nodes
                .states()
                .iter()
                .map(|(_, room)| room.users.borrow().len())
                .sum();
            sometimes!(left > 4, "several users are left");
            end_all(&nodes).await;
        });
    },
};
