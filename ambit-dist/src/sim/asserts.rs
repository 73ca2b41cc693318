//! Assertions about every run, and about some runs.

use std::fmt;
use std::panic::resume_unwind;

use super::current_run;
use super::outcome::Cause;
use super::trace::TraceKind;

/// Fails the run immediately if a condition is false. The arguments are the condition, the name of the assertion, and
/// optional details as in `format!`: `always!(in_order, "in order")`.
///
/// Outside a run, it works like `assert!`.
///
/// ```
/// use ambit_dist::sim::always;
/// let (got, last) = (3, 2);
/// always!(got > last, "in order", "{got} came after {last}");
/// ```
///
/// # Panics
/// Panics if the condition is false. Inside a run, the panic ends the current process or task.
#[macro_export]
#[doc(hidden)]
macro_rules! __sim_always {
    ($condition:expr, $name:literal $(,)?) => {
        $crate::sim::check_always($condition, $name, ::core::format_args!(""))
    };
    ($condition:expr, $name:literal, $($detail:tt)+) => {
        $crate::sim::check_always($condition, $name, ::core::format_args!($($detail)+))
    };
}

/// States a condition that must be true in at least one run of a [`Sweep`](super::Sweep). The sweep fails if the
/// condition was false in all its runs.
///
/// A `sometimes!` that no run evaluates is not reported; use [`Sim::promise`](super::Sim::promise) for code that may
/// not be reached. Outside a run, the macro does nothing.
///
/// ```
/// use ambit_dist::sim::sometimes;
/// let lost = 3;
/// sometimes!(lost > 0, "something is lost");
/// ```
#[macro_export]
#[doc(hidden)]
macro_rules! __sim_sometimes {
    ($condition:expr, $name:literal $(,)?) => {
        $crate::sim::note_sometimes($condition, $name)
    };
}

/// Writes a line into the trace of the run, formatted as by `format!`. Outside a run, the macro does nothing.
///
/// The text must be the same in every run of a seed: include stable names and numbers, not pids or memory addresses.
#[macro_export]
#[doc(hidden)]
macro_rules! __sim_note {
    ($($text:tt)+) => {
        $crate::sim::note_text(::core::format_args!($($text)+))
    };
}

pub use crate::{__sim_always as always, __sim_note as note, __sim_sometimes as sometimes};

/// The panic payload of a task whose run has failed. It is not printed, because the run reports the cause.
struct Failed;

#[doc(hidden)]
#[track_caller]
pub fn check_always(condition: bool, name: &'static str, detail: fmt::Arguments<'_>) {
    if condition {
        return;
    }
    let detail = detail.to_string();
    let cause = Cause::Always {
        name,
        detail: detail.clone(),
    };
    if current_run::with(|run| run.fail(cause)).is_some() {
        resume_unwind(Box::new(Failed));
    }
    panic!("`{name}` must always hold: {detail}");
}

#[doc(hidden)]
pub fn note_sometimes(condition: bool, name: &'static str) {
    let count = u64::from(condition);
    let _ = current_run::with(|run| *run.sometimes.entry(name).or_default() += count);
}

#[doc(hidden)]
pub fn note_text(text: fmt::Arguments<'_>) {
    // Outside a run, nothing is formatted; the code of the text may use the run itself.
    if current_run::with(|_| ()).is_some() {
        let text = TraceKind::Note(text.to_string());
        let _ = current_run::with(|run| run.record(text));
    }
}

#[cfg(test)]
mod tests {
    #[test]
    #[should_panic(expected = "`one` must always hold: 2")]
    fn outside_a_run_it_is_an_assertion() {
        always!(1 > 2, "one", "{}", 2);
    }

    #[test]
    fn outside_a_run_the_rest_is_nothing() {
        sometimes!(true, "never counted");
        note!("never read: {}", "this");
    }

    use super::{always, note, sometimes};
}
