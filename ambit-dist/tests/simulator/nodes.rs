//! The scenarios of `just sim`, with a few seeds each.

use ambit_dist::sim::{Scenario, Sweep, replay};

use crate::simulator::scenarios;

#[test]
fn nodes_keep_their_promises_in_every_scenario() {
    for scenario in scenarios::ALL {
        let report = Sweep::over(1..3).twice_every(0).run(scenario.build);
        let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
        assert!(
            failures.is_empty(),
            "{}: {}",
            scenario.name,
            failures.join("\n")
        );
    }
}

#[test]
fn nodes_run_the_same_way_twice() {
    replay(0, scenario("bounce").build).unwrap();
}

pub(crate) fn scenario(name: &str) -> &'static Scenario {
    let found = scenarios::ALL.iter().find(|one| one.name == name);
    found.unwrap()
}
