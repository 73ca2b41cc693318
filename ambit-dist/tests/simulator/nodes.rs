//! The scenarios of `just sim`, with one seed each. The chaos of clusters is left to `just sim`, because a seed of it
//! takes two seconds here; CI runs it with 60 seeds.

use std::sync::Mutex;
use std::thread;

use ambit_dist::sim::{Scenario, Sweep, replay};

use crate::simulator::scenarios;

#[test]
fn nodes_keep_their_promises_in_every_scenario() {
    let is_short = |scenario: &&Scenario| !scenario.name.ends_with("-chaos");
    let rest = Mutex::new(scenarios::ALL.iter().filter(is_short));
    let next = || rest.lock().unwrap().next();
    let one_after_the_other = || {
        while let Some(scenario) = next() {
            let report = Sweep::over(1..2).twice_every(0).run(scenario.build);
            let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
            assert!(
                failures.is_empty(),
                "{}: {}",
                scenario.name,
                failures.join("\n")
            );
        }
    };
    let threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(one_after_the_other);
        }
    });
}

#[test]
fn nodes_run_the_same_way_twice() {
    replay(0, scenario("bounce").build).unwrap();
}

pub(crate) fn scenario(name: &str) -> &'static Scenario {
    let found = scenarios::ALL.iter().find(|one| one.name == name);
    found.unwrap()
}
