//! The core under thousands of random scripts: a simulated shell performs its actions in any possible order, and its
//! decisions are compared with rules that do not depend on its implementation.
//!
//! `SCRIPT=61` plays only one script, and `TRACE=1` prints it.

mod generators;
mod late;
mod oracle;
mod random_events;
mod resize;
mod sim;

use super::dynamic::Dynamic;
use super::fixed::Fixed;
use super::*;

use self::random_events::Plan;
use self::sim::Sim;

/// Prints the name of a failed script.
struct Named(&'static str, u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("script {} of `{}`", self.1, self.0);
        }
    }
}

fn play(name: &'static str, scripts: u64, plan: impl Fn(u64) -> Plan) {
    let only = std::env::var("SCRIPT")
        .ok()
        .and_then(|only| only.parse().ok());
    for script in only.map_or(0..scripts, |only| only..only + 1) {
        let _named = Named(name, script);
        Sim::new(script, plan(script)).play();
    }
}

const STRATEGIES: [Strategy; 3] = [
    Strategy::OneForOne,
    Strategy::OneForAll,
    Strategy::RestForOne,
];

#[test]
fn children_in_an_order_with_everything_at_any_moment() {
    play("anything", 8000, |script| Plan {
        strategy: Some(STRATEGIES[(script % 3) as usize]),
        calm: false,
    });
}

/// Ends and retries arrive only when the supervisor is idle, so each decision is predictable.
#[test]
fn the_supervisor_restarts_children_in_order_when_exits_arrive_while_it_is_idle() {
    play("calm", 8000, |script| Plan {
        strategy: Some(STRATEGIES[(script % 3) as usize]),
        calm: true,
    });
}

#[test]
fn children_that_do_not_know_each_other() {
    play("dynamic", 8000, |_| Plan {
        strategy: None,
        calm: true,
    });
}
