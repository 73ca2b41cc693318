//! Scripts on both sides, Erlang's and ambit's.

use std::io;
use std::time::{Duration, Instant};

use crate::compare::{explain, first_difference};
use crate::erlang::Erlang;
use crate::on_ambit;
use crate::script::Script;
use crate::shrink::shrink;
use crate::trace::{Trace, canonical};

/// So often a script may be run on Erlang until it is the same: on a busy machine Erlang is not always on time.
const RUNS: usize = 4;

/// A script and what it did.
#[derive(Clone, Debug)]
pub struct Both {
    /// The script.
    pub script: Script,
    /// What it did on Erlang.
    pub erlang: Trace,
    /// What it did on ambit.
    pub ambit: Trace,
}

impl Both {
    /// Runs it on ambit.
    pub fn new(script: Script, erlang: Trace) -> Self {
        let ambit = on_ambit(&script);
        Self {
            script,
            erlang,
            ambit,
        }
    }

    /// The first step after which the two sides are not the same.
    pub fn difference(&self) -> Option<usize> {
        first_difference(&self.erlang, &self.ambit)
    }

    /// The script and where the two sides part, for a person.
    pub fn explain(&self) -> Option<String> {
        let at = self.difference()?;
        Some(explain(&self.script, &self.erlang, &self.ambit, at))
    }
}

/// Runs the scripts on both sides. Those that are different are run on Erlang again; `again` hears how many.
///
/// # Errors
/// Those of [`Erlang::run`].
pub fn run(erlang: &Erlang, scripts: &[Script], again: impl Fn(usize)) -> io::Result<Vec<Both>> {
    let traces = traces(erlang, scripts)?.into_iter();
    let mut all: Vec<Both> = traces
        .zip(scripts)
        .map(|(trace, script)| Both::new(script.clone(), trace))
        .collect();
    for _ in 1..RUNS {
        let mut different: Vec<&mut Both> = all
            .iter_mut()
            .filter(|both| both.difference().is_some())
            .collect();
        if different.is_empty() {
            break;
        }
        again(different.len());
        let some: Vec<Script> = different.iter().map(|both| both.script.clone()).collect();
        for (both, trace) in different.iter_mut().zip(self::traces(erlang, &some)?) {
            both.erlang = trace;
        }
    }
    Ok(all)
}

/// The smallest script that still shows a difference, as far as can be found in the given time and one round.
///
/// # Errors
/// Those of [`Erlang::run`].
pub fn shrunk(erlang: &Erlang, both: &Both, patience: Duration) -> io::Result<Both> {
    let Some(at) = both.difference() else {
        return Ok(both.clone());
    };
    let began = Instant::now();
    let mut differs = |scripts: &[Script]| {
        if began.elapsed() > patience {
            return Ok(vec![false; scripts.len()]);
        }
        let traces = traces(erlang, scripts)?.into_iter();
        let each = traces
            .zip(scripts)
            .map(|(trace, script)| Both::new(script.clone(), trace));
        Ok(each.map(|both| both.difference().is_some()).collect())
    };
    let small = shrink(&both.script, at, &mut differs)?;
    let found = run(erlang, &[small], |_| ())?.pop();
    // What does not show again is not smaller, only rarer.
    Ok(found
        .filter(|both| both.difference().is_some())
        .unwrap_or_else(|| both.clone()))
}

fn traces(erlang: &Erlang, scripts: &[Script]) -> io::Result<Vec<Trace>> {
    let runs = scripts.iter().zip(erlang.run(scripts)?);
    Ok(runs
        .map(|(script, events)| canonical(script, &events))
        .collect())
}
