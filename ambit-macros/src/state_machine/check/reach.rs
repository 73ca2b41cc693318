//! Finds the unreachable states.

use crate::diag::Diag;
use crate::state_machine::model::{Event, Machine, RuleEffect, RuleIndex, Target};

/// Checks that every state is reachable from an initial state.
pub(super) fn everything(machine: &Machine, diag: &Diag) {
    let mut reached: Vec<bool> = machine
        .states
        .iter()
        .map(|state| machine.initial.contains(state))
        .collect();
    // Each round reaches one more state, or is the last.
    while round(machine, &mut reached) {}
    for (state, _) in machine
        .states
        .iter()
        .zip(&reached)
        .filter(|(_, reached)| !**reached)
    {
        let message = format!(
            "unreachable state `{state}`; add a transition with `=> {state}`, start in it with `#[init({state})]` and \
             `ctx.start_in(..)`, or remove the state"
        );
        diag.error(state, message);
    }
}

/// Adds the states that one event leads to from the reachable states; returns true if there are new ones.
fn round(machine: &Machine, reached: &mut [bool]) -> bool {
    let mut is_more = false;
    for event in &machine.events {
        for target in led_to(machine, event, reached) {
            let index = machine.states.iter().position(|state| *state == target);
            if let Some(known) = index.and_then(|index| reached.get_mut(index)) {
                is_more |= !*known;
                *known = true;
            }
        }
    }
    is_more
}

fn led_to(machine: &Machine, event: &Event, reached: &[bool]) -> Vec<String> {
    let places = event.table.iter().zip(reached);
    let places = places
        .filter(|(_, reached)| **reached)
        .flat_map(|(rules, _)| rules);
    places
        .flat_map(|rule_index| targets(machine, *rule_index))
        .collect()
}

fn targets(machine: &Machine, rule_index: RuleIndex) -> Vec<String> {
    let Some((_, rule)) = machine.rule(rule_index) else {
        return Vec::new();
    };
    let RuleEffect::Run(targets) = &rule.effect else {
        return Vec::new();
    };
    let states = targets.iter().filter_map(|target| match target {
        Target::State(state) => Some(state.to_string()),
        Target::Stay(_) | Target::Repeat(_) => None,
    });
    states.collect()
}
