//! The membership under faults: clusters form, see losses, and heal.

use std::time::Duration;

use ambit_dist::MemberLoss;
use ambit_dist::sim::{Fault, Host, Scenario, always, sometimes};

use super::board::{SECOND, TICK};
use super::roster::{CALM, crash, nodes};

const SEEDS: &[&str] = &["n1", "n2"];

fn at_once(_: &Host) -> Duration {
    Duration::ZERO
}

fn within_a_second(host: &Host) -> Duration {
    host.rng("delay").between(Duration::ZERO, SECOND)
}

pub(crate) const JOIN_STORM: Scenario = Scenario {
    name: "join-storm",
    about: "twelve nodes that start within a second by two seeds see each other within five",
    build: |sim| {
        let roster = nodes(sim, 12, SEEDS, within_a_second);
        sim.tick(TICK).settles().loss(0.02).limit(120 * SECOND);
        sim.client("judge", move |host| async move {
            tokio::time::sleep(SECOND).await;
            roster.converges(12, 5 * SECOND).await;
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
    },
};

pub(crate) const SEEDS_LAST: Scenario = Scenario {
    name: "seeds-last",
    about: "nodes whose seeds start last form a cluster, and it lasts when all seeds but one are gone",
    build: |sim| {
        let roster = nodes(sim, 6, SEEDS, |host| match host.name() {
            "n1" | "n2" => 20 * SECOND,
            _ => Duration::ZERO,
        });
        sim.tick(TICK).settles().limit(300 * SECOND);
        sim.client("judge", move |host| async move {
            tokio::time::sleep(20 * SECOND).await;
            roster.converges(6, CALM).await;
            crash(&host, &roster, "n1");
            roster.loses("n1", 10 * SECOND).await;
            roster.converges(5, CALM).await;
            crash(&host, &roster, "n5");
            host.faults().bounce("n5");
            roster.converges(5, CALM).await;
        });
    },
};

pub(crate) const LOSS_SEEN: Scenario = Scenario {
    name: "loss-seen",
    about: "all members see a crash within six seconds, and no other node is lost",
    build: |sim| {
        let roster = nodes(sim, 10, SEEDS, at_once);
        sim.tick(TICK).settles().loss(0.01).limit(300 * SECOND);
        sim.client("judge", move |host| async move {
            roster.converges(10, CALM).await;
            let mut rng = host.rng("pauses");
            let mut victims = Vec::new();
            for _ in 0..3 {
                tokio::time::sleep(rng.between(SECOND, 5 * SECOND)).await;
                let victim = format!("n{}", 2 + rng.below(9));
                victims.push(victim.clone());
                crash(&host, &roster, &victim);
                roster.loses(&victim, 6 * SECOND).await;
                host.faults().bounce(&victim);
                roster.converges(10, CALM).await;
            }
            for (by, of) in roster.pairs() {
                let crashes = victims.iter().filter(|victim| **victim == of).count();
                let losses = roster.losses(&by, &of);
                always!(
                    losses.len() <= crashes,
                    "no other node is lost",
                    "`{of}` by `{by}`, which crashed {crashes} times: {losses:?}"
                );
            }
            sometimes!(host.lost() > 0, "datagrams are lost");
        });
    },
};

pub(crate) const SPLIT: Scenario = Scenario {
    name: "split",
    about: "a cluster splits into two and heals, with a node that starts meanwhile",
    build: |sim| {
        let roster = nodes(sim, 7, SEEDS, at_once);
        sim.tick(TICK).settles().limit(400 * SECOND);
        sim.client("judge", move |host| async move {
            roster.converges(7, CALM).await;
            let mut rng = host.rng("faults");
            for _ in 0..2 {
                let border = 2 + rng.below(4);
                let pairs = |fault: fn(&Host, &str, &str)| {
                    for a in 1..=border {
                        for b in border + 1..=7 {
                            fault(&host, &format!("n{a}"), &format!("n{b}"));
                        }
                    }
                };
                pairs(|host, a, b| host.faults().partition(a, b));
                let time = rng.between(SECOND, 40 * SECOND);
                tokio::time::sleep(time / 2).await;
                let late = format!("n{}", 1 + rng.below(7));
                crash(&host, &roster, &late);
                host.faults().bounce(&late);
                tokio::time::sleep(time / 2).await;
                pairs(|host, a, b| host.faults().heal(a, b));
                roster.converges(7, CALM).await;
                let lost = roster.losses("n1", "n7");
                sometimes!(
                    lost.contains(&MemberLoss::Lost),
                    "the other side counts as lost"
                );
            }
        });
    },
};

pub(crate) const OVERLAPPING_CUTS: Scenario = Scenario {
    name: "overlapping-cuts",
    about: "members that cannot reach each other stay members by way of the others, also with cuts of one direction",
    build: |sim| {
        let roster = nodes(sim, 6, SEEDS, at_once);
        sim.tick(TICK).settles().limit(300 * SECOND);
        sim.client("judge", move |host| async move {
            roster.converges(6, CALM).await;
            let mut rng = host.rng("faults");
            host.faults().partition("n3", "n4");
            host.faults().inject(Fault::Cut("n5".into(), "n6".into()));
            tokio::time::sleep(rng.between(10 * SECOND, 60 * SECOND)).await;
            sometimes!(!roster.is_connected("n3", "n4"), "a cut ends a connection");
            for (a, b) in roster.pairs() {
                let lost = roster.losses(&a, &b);
                always!(
                    lost.is_empty(),
                    "a node that others can reach is not lost",
                    "{b} by {a}: {lost:?}"
                );
            }
            host.faults().heal_all();
            roster.converges(6, CALM).await;
        });
    },
};

pub(crate) const FLAPPING: Scenario = Scenario {
    name: "flapping",
    about: "a node whose connections come and go ends as a member, with alternating events",
    build: |sim| {
        let roster = nodes(sim, 5, SEEDS, at_once);
        sim.tick(TICK).settles().limit(400 * SECOND);
        sim.client("judge", move |host| async move {
            roster.converges(5, CALM).await;
            let mut rng = host.rng("faults");
            for _ in 0..8 {
                for other in ["n1", "n2", "n3", "n4"] {
                    host.faults().partition("n5", other);
                }
                tokio::time::sleep(rng.between(SECOND / 10, 12 * SECOND)).await;
                host.faults().heal_all();
                tokio::time::sleep(rng.between(SECOND / 10, 8 * SECOND)).await;
            }
            roster.converges(5, CALM).await;
            sometimes!(
                !roster.losses("n1", "n5").is_empty(),
                "the flapping node is lost"
            );
        });
    },
};

pub(crate) const MEMBERS_LOSSY: Scenario = Scenario {
    name: "members-lossy",
    about: "a cluster on a network that loses 30 % of all datagrams forms, and is complete after it",
    build: |sim| {
        let roster = nodes(sim, 6, SEEDS, within_a_second);
        sim.tick(TICK).settles().loss(0.3).limit(400 * SECOND);
        sim.client("judge", move |host| async move {
            tokio::time::sleep(60 * SECOND).await;
            host.faults().inject(Fault::Loss(0.0));
            roster.converges(6, CALM).await;
            sometimes!(host.lost() > 100, "many datagrams are lost");
        });
    },
};

pub(crate) const SKEWED: Scenario = Scenario {
    name: "skewed",
    about: "clocks that are minutes apart and jump do not disturb the membership",
    build: |sim| {
        let roster = nodes(sim, 5, SEEDS, at_once);
        sim.at(Duration::ZERO, Fault::Skew("n2".into(), 300_000));
        sim.at(Duration::ZERO, Fault::Skew("n3".into(), -300_000));
        sim.tick(TICK).settles().limit(300 * SECOND);
        sim.client("judge", move |host| async move {
            roster.converges(5, CALM).await;
            let before = roster.incarnation("n4");
            crash(&host, &roster, "n4");
            tokio::time::sleep(12 * SECOND).await;
            // Its clock is set back by a minute: its incarnation would be an earlier one.
            host.faults().inject(Fault::Skew("n4".into(), -60_000));
            host.faults().bounce("n4");
            tokio::time::sleep(SECOND).await;
            roster.converges(5, 2 * CALM).await;
            let after = roster.incarnation("n4");
            always!(after > before, "a node returns with a later incarnation");
            // The clock alone would have made it 12 s later.
            let passed = (after.get() >> 16) - (before.get() >> 16);
            always!(passed < 12_000, "the clock was set back", "{passed} ms");
        });
    },
};

pub(crate) const MEMBERS_CHAOS: Scenario = Scenario {
    name: "members-chaos",
    about: "crashes, partitions, cuts, held and lost datagrams at random; then all members see each other",
    build: |sim| {
        let roster = nodes(sim, 6, SEEDS, within_a_second);
        let chaos = ambit_dist::sim::Chaos::until(90 * SECOND).crashes(true);
        sim.chaos(chaos);
        sim.tick(TICK).settles().limit(400 * SECOND);
        sim.client("judge", move |_| async move {
            tokio::time::sleep(90 * SECOND).await;
            roster.converges(6, 2 * CALM).await;
        });
    },
};

pub(crate) const MEMBERS_LEAVE: Scenario = Scenario {
    name: "members-leave",
    about: "each node leaves and restarts in turn: all see that it left, and lose no other",
    build: |sim| {
        use std::rc::Rc;
        use tokio::sync::Notify;
        let roster = super::roster::Roster::default();
        let leave: Rc<Vec<Notify>> = Rc::new((0..5).map(|_| Notify::new()).collect());
        for number in 0..5_usize {
            let (roster, leave) = (roster.clone(), leave.clone());
            sim.host(&format!("n{}", number + 1), move |host| {
                let (roster, leave) = (roster.clone(), leave.clone());
                async move {
                    let node = super::roster::join(&host, &roster, SEEDS).await;
                    leave[number].notified().await;
                    roster.remove(host.name());
                    node.leave().await;
                }
            });
        }
        sim.tick(TICK).settles().loss(0.01).limit(400 * SECOND);
        sim.client("judge", move |host| async move {
            roster.converges(5, CALM).await;
            let mut rng = host.rng("pauses");
            for number in 0..5 {
                let name = format!("n{}", number + 1);
                leave[number].notify_one();
                roster.loses(&name, 2 * SECOND).await;
                for other in (1..=5).filter(|other| *other != number + 1) {
                    let losses = roster.losses(&format!("n{other}"), &name);
                    let has_left = losses.last() == Some(&MemberLoss::Left);
                    always!(
                        has_left,
                        "all see that a node left",
                        "{name} by n{other}: {losses:?}"
                    );
                }
                tokio::time::sleep(rng.between(SECOND, 10 * SECOND)).await;
                host.faults().bounce(&name);
                roster.converges(5, CALM).await;
            }
            for (by, of) in roster.pairs() {
                let losses = roster.losses(&by, &of);
                always!(
                    losses.iter().all(|loss| *loss == MemberLoss::Left) && losses.len() <= 1,
                    "no other node is lost",
                    "{of} by {by}: {losses:?}"
                );
            }
        });
    },
};
