//! The simulator finds mistakes of the node itself: each is planted, and found by a scenario of `just sim`.

use ambit_dist::sim::{Mistake, Sim, SimError, Sweep};

use crate::simulator::nodes::scenario;

/// What the first failing seed of a scenario says when nodes make this mistake.
fn found(mistake: Mistake, name: &str) -> Box<SimError> {
    let build = |sim: &mut Sim| {
        (scenario(name).build)(sim);
        sim.plant(mistake);
    };
    let sweep = Sweep::over(0..500).enough_failures(1).twice_every(0);
    let report = sweep.run(build);
    let first = report.failures.into_iter().next();
    let first = first.unwrap_or_else(|| panic!("{mistake:?} is not found by {name}"));
    // The seed that is told fails again, in the same way.
    let again = Sweep::over(first.seed..first.seed + 1).twice_every(0);
    let again = again.run(build).failures;
    assert_eq!(again[0].to_string(), first.to_string());
    first
}

/// It is found, as a breach of one of these promises.
fn is_found(mistake: Mistake, name: &str, promises: &[&str]) {
    let error = found(mistake, name);
    let text = error.cause.to_string();
    let told = promises.iter().any(|promise| text.contains(promise));
    assert!(told, "{mistake:?} in {name}: {error}");
}

#[test]
fn messages_for_an_earlier_life_that_reach_a_later_one_are_found() {
    let promises = ["an earlier life", "in order, and none twice"];
    is_found(Mistake::MixesLives, "stale", &promises);
}

#[test]
fn an_earlier_life_that_is_let_in_is_found() {
    let promises = ["an earlier life never comes back"];
    is_found(Mistake::ForgetsLives, "clock-back", &promises);
}

#[test]
fn monitors_that_never_fire_are_found() {
    is_found(
        Mistake::ForgetsMonitors,
        "monitors",
        &["one down per monitor"],
    );
}

#[test]
fn callers_that_wait_for_ever_are_found() {
    is_found(
        Mistake::ForgetsCallers,
        "callers",
        &["callers learn of a loss"],
    );
}

#[test]
fn messages_of_one_pair_on_many_lanes_are_found() {
    is_found(Mistake::MixesLanes, "order", &["in order, and none twice"]);
}

#[test]
fn queues_without_a_bound_are_found() {
    let promises = ["what waits is bounded"];
    is_found(Mistake::CreditsEarly, "slow-consumer", &promises);
}

#[test]
fn calls_that_outlive_their_deadline_are_found() {
    let promises = ["calls end by their deadline"];
    is_found(Mistake::ForgetsDeadlines, "deadlines", &promises);
}

#[test]
fn small_messages_that_wait_for_a_large_one_are_found() {
    let promises = ["little goes before a small one"];
    is_found(Mistake::HoldsLanes, "large-and-small", &promises);
}

#[test]
fn two_connections_between_two_nodes_are_found() {
    let promises = ["up and down alternate", "two dials at once"];
    is_found(Mistake::KeepsBothDials, "dial-race", &promises);
}

#[test]
fn nodes_that_do_not_dial_again_are_found() {
    is_found(
        Mistake::NeverRedials,
        "partition",
        &["everybody finds everybody"],
    );
}

#[test]
fn servers_that_nobody_knows_of_are_found() {
    is_found(Mistake::KeepsOrphans, "starts", &["nobody is left alone"]);
}
