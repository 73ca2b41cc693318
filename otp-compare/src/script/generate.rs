//! From a seed to a script.

use crate::rng::Rng;
use crate::script::tree::{Mood, tree};
use crate::script::{Action, Script, Step, faults};

/// After so many milliseconds a step has had its effect.
const SETTLES: u32 = 60;

/// The same, where workers take their time.
const LINGERS: u32 = 500;

/// From the listing of the tree to the next step.
const PAUSE: u32 = 40;

/// What a slow start takes in addition.
const SLOW: u32 = 500;

/// How far steps stay away from the time at which a restart leaves the window. OTP stores whole seconds, so that
/// may be anywhere in the second after the period.
const MARGIN: u32 = 300;

/// The script that belongs to this seed.
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
    /// The same without the time that steps left behind which are not there any more, as far as times do not matter.
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

/// Gives each action its time. If a period ends within the script, the steps come in bursts that are shorter than
/// it, with pauses between that are longer.
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
