//! Shrinks a script that shows a difference, as long as it still shows one.
//!
//! All candidates of a round are independent, so Erlang runs them at the same time.

use std::io;

use crate::script::{Action, Kind, Script, Shutdown};

/// The maximum number of rounds.
const ROUNDS: usize = 40;

/// Returns which scripts show a difference.
pub type Differs<'a> = &'a mut dyn FnMut(&[Script]) -> io::Result<Vec<bool>>;

/// Returns the smallest script that was found. `last` is the step that first showed the difference.
///
/// # Errors
/// Those of `differs`.
pub fn shrink(script: &Script, last: usize, differs: Differs<'_>) -> io::Result<Script> {
    let mut best = script.clone();
    let mut cut = best.clone();
    cut.steps.truncate(last + 1);
    if differs(std::slice::from_ref(&cut))? == [true] {
        best = cut;
    }
    for _ in 0..ROUNDS {
        let mut smaller = candidates(&best);
        smaller.sort_by_key(size);
        let shows = differs(&smaller)?;
        let Some(at) = shows.iter().position(|shows| *shows) else {
            break;
        };
        best = smaller.swap_remove(at);
    }
    Ok(best)
}

fn size(script: &Script) -> usize {
    let arms = script.steps.iter().map(|step| match &step.action {
        Action::Arm(_, outcomes) => outcomes.len(),
        _ => 0,
    });
    let kinds = script.nodes.iter().map(|node| match node.kind {
        Kind::Worker { traps, lingers } => usize::from(traps) + usize::from(lingers > 0),
        Kind::Supervisor { .. } | Kind::Dynamic { .. } => 0,
    });
    let expires = usize::from(script.expires);
    100 * (script.steps.len() + script.nodes.len() + expires)
        + arms.sum::<usize>()
        + kinds.sum::<usize>()
}

fn candidates(script: &Script) -> Vec<Script> {
    let mut all = without_steps(script);
    all.extend(without_nodes(script));
    all.extend(simpler(script));
    all.into_iter().map(Script::without_gaps).collect()
}

fn without_steps(script: &Script) -> Vec<Script> {
    let mut all = Vec::new();
    let mut length = script.steps.len() / 2;
    while length > 0 {
        for from in (0..script.steps.len()).step_by(length) {
            let mut shorter = script.clone();
            shorter
                .steps
                .drain(from..script.steps.len().min(from + length));
            all.push(shorter);
        }
        length /= 2;
    }
    all
}

fn without_nodes(script: &Script) -> Vec<Script> {
    let remove = |id| {
        let mut smaller = script.clone();
        smaller.nodes.retain(|node| !script.is_under(node.id, id));
        let stays = |action: &Action| action.id().is_none_or(|of| !script.is_under(of, id));
        smaller.steps.retain(|step| stays(&step.action));
        smaller
    };
    script.nodes[1..]
        .iter()
        .map(|node| remove(node.id))
        .collect()
}

/// Returns simpler variants: without the end of a window; with plain workers instead of trapping, slow or unusually
/// stopped ones; with fewer failing starts.
fn simpler(script: &Script) -> Vec<Script> {
    let mut all = Vec::new();
    if script.expires {
        all.push(script.clone().without_expiry());
    }
    let plain = Kind::Worker {
        traps: false,
        lingers: 0,
    };
    for (index, node) in script.nodes.iter().enumerate() {
        if !node.kind.is_supervisor() && node.kind != plain {
            let mut simpler = script.clone();
            simpler.nodes[index].kind = plain;
            if !script.is_dynamic(node.id) {
                simpler.nodes[index].shutdown = Shutdown::Millis(5000);
            }
            all.push(simpler);
        }
    }
    for (index, step) in script.steps.iter().enumerate() {
        if let Action::Arm(id, outcomes) = &step.action
            && outcomes.len() > 1
        {
            let mut simpler = script.clone();
            simpler.steps[index].action = Action::Arm(*id, outcomes[1..].to_vec());
            all.push(simpler);
        }
    }
    all
}
