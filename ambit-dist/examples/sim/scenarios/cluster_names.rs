//! Names of the cluster under faults: one holder per name, no ghosts, no lost names.

use ambit_dist::sim::{Host, Scenario, Sim, always, sometimes};

use super::agents::{Agents, agents};
use super::board::{SECOND, TICK};
use super::roster::{CALM, Roster, crash};

fn cluster(sim: &mut Sim, count: usize) -> (Roster, Agents) {
    let roster = Roster::default();
    let agents = agents(sim, count, &roster);
    sim.tick(TICK).settles().limit(600 * SECOND);
    (roster, agents)
}

fn names(prefix: &str, count: u64) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}"))
        .collect()
}

fn host_name(number: u64) -> String {
    format!("n{number}")
}

/// Applies a fault to each pair across a border.
fn across(host: &Host, border: u64, count: u64, fault: fn(&Host, &str, &str)) {
    for left in 1..=border {
        for right in border + 1..=count {
            fault(host, &host_name(left), &host_name(right));
        }
    }
}

/// Registers each name on one host at random, and returns the hosts of those that succeeded.
async fn register(host: &Host, agents: &Agents, hosts: u64, names: &[String]) -> usize {
    let mut rng = host.rng("owners");
    let started: Vec<_> = names
        .iter()
        .map(|name| agents.register(&host_name(1 + rng.below(hosts)), name))
        .collect();
    let mut registered = 0;
    for result in started {
        registered += usize::from(matches!(result.await, Ok(Ok(()))));
    }
    registered
}

pub(crate) const NAME_RACE: Scenario = Scenario {
    name: "name-race",
    about: "of registrations of one name on all nodes at once exactly one succeeds, with 5 % loss",
    build: |sim| {
        let (roster, agents) = cluster(sim, 5);
        sim.loss(0.05);
        sim.client("judge", move |host| async move {
            roster.converges(5, CALM).await;
            let all = names("race", 12);
            let mut rng = host.rng("pauses");
            for name in &all {
                let racers: Vec<_> = (1..=5)
                    .map(|number| agents.register(&host_name(number), name))
                    .collect();
                let mut winners = 0;
                for racer in racers {
                    winners += u32::from(matches!(racer.await, Ok(Ok(()))));
                }
                always!(
                    winners <= 1,
                    "a name is registered once",
                    "{name}: {winners}"
                );
                sometimes!(winners == 1, "one registration succeeds");
                if winners == 0 {
                    // Each saw the claim of another one first.
                    let alone = agents.register("n1", name).await;
                    always!(
                        matches!(alone, Ok(Ok(()))),
                        "a free name can be registered",
                        "{alone:?}"
                    );
                }
                tokio::time::sleep(rng.between(SECOND / 100, SECOND / 2)).await;
            }
            agents.converge(&all, 10 * SECOND).await;
            for name in &all {
                let answer = agents.ask("n3", name).await;
                always!(
                    answer.into_iter().eq(agents.running(name)),
                    "the holder answers",
                    "{name}"
                );
            }
            agents.end_all(&all).await;
        });
    },
};

pub(crate) const NAME_CONFLICT: Scenario = Scenario {
    name: "name-conflict",
    about: "both sides of a partition register the same names; after it each has one process, and the other has ended",
    build: |sim| {
        let (roster, agents) = cluster(sim, 5);
        sim.client("judge", move |host| async move {
            roster.converges(5, CALM).await;
            let mut rng = host.rng("faults");
            let all = names("both", 8);
            for _ in 0..2 {
                let border = 1 + rng.below(4);
                across(&host, border, 5, |host, a, b| host.faults().partition(a, b));
                tokio::time::sleep(20 * SECOND).await;
                let mut twice = 0;
                for name in &all {
                    let left = agents.register(&host_name(1 + rng.below(border)), name);
                    let right =
                        agents.register(&host_name(border + 1 + rng.below(5 - border)), name);
                    let both = [left.await, right.await];
                    twice += u32::from(both.iter().all(|one| matches!(one, Ok(Ok(())))));
                }
                sometimes!(twice == 8, "both sides register all names");
                across(&host, border, 5, |host, a, b| host.faults().heal(a, b));
                roster.converges(5, CALM).await;
                agents.converge(&all, 10 * SECOND).await;
                agents.end_all(&all).await;
            }
        });
    },
};

pub(crate) const NAME_CRASH: Scenario = Scenario {
    name: "name-crash",
    about: "names of a node that crashes vanish, can be taken by another, and do not return with its next incarnation",
    build: |sim| {
        let (roster, agents) = cluster(sim, 5);
        sim.client("judge", move |host| async move {
            roster.converges(5, CALM).await;
            let mut rng = host.rng("faults");
            let all = names("crash", 20);
            let registered = register(&host, &agents, 5, &all).await;
            always!(
                registered == all.len(),
                "free names can be registered",
                "{registered}"
            );
            for _ in 0..3 {
                agents.converge(&all, 10 * SECOND).await;
                let victim = host_name(1 + rng.below(5));
                let lost: Vec<String> = all
                    .iter()
                    .filter(|name| agents.running(name).contains(&victim))
                    .cloned()
                    .collect();
                agents.remove(&victim);
                crash(&host, &roster, &victim);
                let early = rng.below(2) == 0;
                if early {
                    tokio::time::sleep(rng.between(SECOND / 10, 3 * SECOND)).await;
                    host.faults().bounce(&victim);
                }
                let rest: Vec<String> = all
                    .iter()
                    .filter(|name| !lost.contains(name))
                    .cloned()
                    .collect();
                if early {
                    roster.converges(5, CALM).await;
                }
                agents.converge(&rest, 20 * SECOND).await;
                if !early {
                    host.faults().bounce(&victim);
                    roster.converges(5, CALM).await;
                    agents.converge(&rest, 10 * SECOND).await;
                }
                for name in &lost {
                    let taken = agents.register(&host_name(1 + rng.below(5)), name).await;
                    always!(
                        matches!(taken, Ok(Ok(()))),
                        "a lost name can be taken",
                        "{name}: {taken:?}"
                    );
                }
            }
            agents.converge(&all, 10 * SECOND).await;
            agents.end_all(&all).await;
        });
    },
};

pub(crate) const NAME_BRIDGE: Scenario = Scenario {
    name: "name-bridge",
    about: "two nodes without a connection see each other's names come and go by way of the others",
    build: |sim| {
        let (roster, agents) = cluster(sim, 4);
        sim.client("judge", move |host| async move {
            roster.converges(4, CALM).await;
            let before = names("before", 5);
            register(&host, &agents, 4, &before).await;
            host.faults().partition("n1", "n4");
            tokio::time::sleep(15 * SECOND).await;
            let during = names("during", 6);
            for (number, name) in (0..).zip(&during) {
                let owner = if number % 2 == 0 { "n1" } else { "n4" };
                let registered = agents.register(owner, name).await;
                always!(
                    matches!(registered, Ok(Ok(()))),
                    "a bridged node can register",
                    "{registered:?}"
                );
            }
            let all = [before.clone(), during.clone()].concat();
            agents.converge(&all, 20 * SECOND).await;
            for name in &during[..3] {
                for owner in ["n1", "n4"] {
                    agents.end(owner, name);
                }
            }
            let rest = [&before[..], &during[3..]].concat();
            agents.converge(&rest, 20 * SECOND).await;
            host.faults().heal_all();
            roster.converges(4, CALM).await;
            agents.converge(&rest, 10 * SECOND).await;
            agents.end_all(&rest).await;
        });
    },
};

pub(crate) const NAME_CHAOS: Scenario = Scenario {
    name: "name-chaos",
    about: "names come and go during crashes, partitions, cuts and lost datagrams; then each has one process that all see",
    build: |sim| {
        let (roster, agents) = cluster(sim, 5);
        sim.chaos(ambit_dist::sim::Chaos::until(80 * SECOND).crashes(true));
        sim.client("judge", move |host| async move {
            let mut rng = host.rng("names");
            let all = names("any", 10);
            while host.now() < 80 * SECOND {
                let name = &all[rng.below(10) as usize];
                let owner = host_name(1 + rng.below(5));
                match rng.below(3) {
                    0 => agents.end(&owner, name),
                    _ => drop(agents.register(&owner, name)),
                }
                tokio::time::sleep(rng.between(SECOND / 100, 2 * SECOND)).await;
            }
            roster.converges(5, 2 * CALM).await;
            // What was pending during the faults ends within the time to detect a loss.
            tokio::time::sleep(CALM).await;
            let left: Vec<String> = all
                .iter()
                .filter(|name| !agents.running(name).is_empty())
                .cloned()
                .collect();
            agents.converge(&left, 10 * SECOND).await;
            sometimes!(left.len() > 2, "several names are left");
            agents.end_all(&all).await;
        });
    },
};
