//! The comparison of two runs of a script.

use std::fmt::Write;

use crate::script::Script;
use crate::trace::Trace;

/// An intended difference.
pub struct Permitted {
    /// The line of `docs/conformance.md` that explains it: its cases.
    pub deviation: &'static str,
    /// The difference.
    pub what: &'static str,
}

/// All intended differences; there are never more than five. None needs special treatment in the comparison: the first
/// and the last are a matter of wording, and the scripts avoid the other one.
pub const PERMITTED: &[Permitted] = &[
    Permitted {
        deviation: "SUP-04, SUP-08",
        what: "a `start_child` or `restart_child` whose start answers `ignore` is an `Err`, where OTP says `{ok, undefined}`; \
               both are written as `ignored`",
    },
    Permitted {
        deviation: "DYN-06",
        what: "a dynamic child whose restart answers `ignore` is dropped; OTP 25 keeps an entry without a process, \
               with which the supervisor crashes when it stops, so no script does this",
    },
    Permitted {
        deviation: "SUP-20, SUP-23, SUP-41, DYN-07",
        what: "a supervisor that gives up exits with a `ShutdownWith` that says why, where OTP exits with `shutdown` and logs it; \
               both are written as `shutdown`",
    },
];

/// Returns the first step after which the two runs differ.
pub fn first_difference(erlang: &Trace, ambit: &Trace) -> Option<usize> {
    let lines = erlang.len().max(ambit.len());
    (0..lines).find(|at| erlang.get(*at) != ambit.get(*at))
}

/// Describes the script and the step where the two runs differ, in readable form.
pub fn explain(script: &Script, erlang: &Trace, ambit: &Trace, at: usize) -> String {
    const BEFORE: usize = 4;
    let mut text = format!("{script}\n");
    let action = |at: usize| match script.steps.get(at) {
        Some(step) => step.to_string(),
        None => "the tree is stopped".into(),
    };
    let line =
        |trace: &Trace, at: usize| trace.get(at).cloned().unwrap_or_else(|| "nothing".into());
    let mut write = |line: String| writeln!(text, "{line}").expect("a string takes everything");
    for before in at.saturating_sub(BEFORE)..at {
        write(format!(
            "  step {before} {}\n      both: {}",
            action(before),
            line(erlang, before)
        ));
    }
    write(format!("> step {at} {}", action(at)));
    write(format!("    Erlang: {}", line(erlang, at)));
    write(format!("    ambit:  {}", line(ambit, at)));
    text
}
