//! Runs the scenarios of the simulator: `just sim 1000`, `just sim 1000 restart-storm`, `just sim-replay restart-storm
//! 17`.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "simulated hosts use tokio's clock, and one that panics fails its run"
)]

#[path = "scenarios/all.rs"]
mod scenarios;

use std::process::ExitCode;

use ambit_dist::sim::Runner;

fn main() -> ExitCode {
    let runner = Runner::new(scenarios::ALL).replay_command("just sim-replay SCENARIO SEED");
    runner.run(std::env::args().skip(1))
}
