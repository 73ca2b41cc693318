//! Scripts on both sides, Erlang and ambit.

use std::io;
use std::time::{Duration, Instant};

use crate::compare::{explain, first_difference};
use crate::erlang::Erlang;
use crate::on_ambit;
use crate::script::Script;
use crate::shrink::shrink;
use crate::trace::{Trace, canonical};

/// The maximum number of runs on Erlang until the traces agree: on a busy machine Erlang is not always on time.
const RUNS: usize = 4;

/// A script and its traces.
#[derive(Clone, Debug)]
pub struct Both {
    /// The script itself.
    pub script: Script,
    /// Its trace on Erlang.
    pub erlang: Trace,
    /// Its trace on ambit.
    pub ambit: Trace,
}

impl Both {
    /// Runs the script on ambit.
    pub fn new(script: Script, erlang: Trace) -> Self {
        let ambit = on_ambit(&script);
        Self {
            script,
            erlang,
            ambit,
        }
    }

    /// Returns the first step after which the two sides differ.
    pub fn difference(&self) -> Option<usize> {
        first_difference(&self.erlang, &self.ambit)
    }

    /// Describes the script and the first difference in readable form; `None` if there is no difference.
    pub fn explain(&self) -> Option<String> {
        let at = self.difference()?;
        Some(explain(&self.script, &self.erlang, &self.ambit, at))
    }
}

/// Runs the scripts on both sides. Those that differ are run on Erlang again; `again` receives their number.
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

/// Returns the smallest script that still shows a difference, as far as can be found within `patience` and one round.
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
    // Returns the original if the difference of the smaller script does not recur.
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
