//! The generation of a script from a seed.

use crate::rng::Rng;
use crate::script::tree::{Mood, tree};
use crate::script::{Action, Script, Step, faults};

/// The time in milliseconds after which a step has had its effect.
const SETTLES: u32 = 60;

/// The same for scripts with workers that terminate slowly.
const LINGERS: u32 = 500;

/// The time from the listing of the tree to the next step.
const PAUSE: u32 = 40;

/// The additional time of a slow start.
const SLOW: u32 = 500;

/// The distance of steps from the time at which a restart leaves the window. OTP stores whole seconds, so that may be
/// anywhere in the second after the period.
const MARGIN: u32 = 300;

/// Generates the script of a seed.
pub fn generate(seed: u64) -> Script {
    let mut rng = Rng::new(seed);
    let mood = Mood::random(&mut rng);
    let mut script = Script {
        seed,
        settles: if mood.lingering { LINGERS } else { SETTLES },
        expires: mood.expires.is_some(),
        nodes: tree(&mut rng, &mood),
        steps: Vec::new(),
    };
    let mut actions = faults::boot(&mut rng, &script);
    actions.extend(faults::groups(&mut rng, &script).into_iter().flatten());
    script.steps = timed(actions, script.settles + PAUSE, mood.expires);
    script
}

impl Script {
    /// Closes the gaps of removed steps, as far as times do not matter.
    pub(crate) fn without_gaps(mut self) -> Self {
        if self.expires {
            let first = self.steps.first().map_or(0, |step| step.at);
            for step in &mut self.steps {
                step.at -= first;
            }
        } else {
            let actions = self.steps.into_iter().map(|step| step.action).collect();
            self.steps = timed(actions, self.settles + PAUSE, None);
        }
        self
    }
}

/// Assigns a time to each action. If a period ends within the script, the steps come in bursts shorter than it, with
/// longer pauses between them.
fn timed(actions: Vec<Action>, spacing: u32, expires: Option<u32>) -> Vec<Step> {
    let (mut at, mut burst) = (0, 0);
    let mut steps = Vec::new();
    for action in actions {
        let takes = match action {
            Action::Arm(..) => 0,
            Action::During(..) => spacing + SLOW,
            _ => spacing,
        };
        if let Some(period) = expires
            && at + takes > burst + 1000 * period - MARGIN
        {
            at += 1000 * (period + 1) + MARGIN;
            burst = at;
        }
        steps.push(Step { at, action });
        at += takes;
    }
    steps
}
