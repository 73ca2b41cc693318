//! The rounds: in each, every column runs once, so that a ratio compares runs at about the same time.

use std::time::Duration;

use crate::options::Options;
use crate::outcome::{Column, Outcome};
use crate::programs::Programs;
use crate::progress::Progress;
use crate::rows::{Id, Row, Sample, Size, Work};

/// Runs all rows; calls `done` after each with the outcomes so far.
pub(crate) fn run(
    options: &Options,
    programs: &Programs,
    mut done: impl FnMut(&[Outcome]) -> Result<(), String>,
) -> Result<Vec<Outcome>, String> {
    let rows = options.rows();
    let progress = Progress::new(rows.len());
    let mut outcomes = Vec::new();
    for row in rows {
        progress.begin(row);
        let outcome = run_row(row, options, programs, &progress);
        progress.end(&outcome);
        outcomes.push(outcome);
        done(&outcomes)?;
    }
    Ok(outcomes)
}

/// The timeout of a run.
const PATIENCE: Duration = Duration::from_secs(60);
const QUICK_PATIENCE: Duration = Duration::from_secs(10);
/// In quick mode a longer run is not repeated.
const ONCE: Duration = Duration::from_secs(1);

fn run_row(
    row: &'static Row,
    options: &Options,
    programs: &Programs,
    progress: &Progress,
) -> Outcome {
    let patience = if options.quick {
        QUICK_PATIENCE
    } else {
        PATIENCE
    };
    let sample = |id: Id, operations| programs.sample(row, id, operations, patience);
    let wanted = options.peers.iter().copied().chain([Id::Off, Id::On]);
    let ids = wanted.filter(|id| programs.has(row, *id));
    let warm_up = |id| {
        progress.at(id, "warm-up");
        warmed_up(row, id, options, patience, |operations| {
            sample(id, operations)
        })
    };
    let mut columns: Vec<Column> = ids.map(warm_up).collect();
    let rounds = options.rounds_of(row);
    for round in 0..rounds {
        // Rotates the order, so that no column always runs after the same one.
        let count = columns.len();
        for turn in 0..count {
            let column = &mut columns[(turn + round) % count];
            if column.rounds.len() > round {
                continue;
            }
            if column.failure.is_some() || column.once {
                column.rounds.push(None);
                continue;
            }
            progress.at(column.id, &format!("round {} of {rounds}", round + 1));
            let sample = sample(column.id, column.operations);
            column.failure = sample.as_ref().err().cloned();
            column.rounds.push(sample.ok().map(|sample| sample.figures));
        }
    }
    Outcome { row, columns }
}

/// Runs a column as a warm-up; returns it with the number of operations of its runs. A run that already had that size
/// is its first round.
fn warmed_up(
    row: &Row,
    id: Id,
    options: &Options,
    patience: Duration,
    sample: impl Fn(u64) -> Result<Sample, String>,
) -> Column {
    let mut column = Column {
        id,
        operations: 0,
        rounds: Vec::new(),
        failure: None,
        once: false,
    };
    let size = match row.size {
        Size::Fixed { full, quick } if row.counted => Ok(if options.quick { quick } else { full }),
        Size::Fixed { full, quick } => sample(quick).and_then(|sample| {
            if options.quick {
                column.once = sample.took > ONCE;
                column.rounds.push(Some(sample.figures));
                return Ok(quick);
            }
            let will_take = sample.took.mul_f64(full as f64 / quick as f64);
            let took = sample.took.as_secs_f64();
            let possible = will_take * 2 < patience;
            possible
                .then_some(full)
                .ok_or_else(|| format!("too slow: {quick} took {took:.1} s"))
        }),
        Size::Adapted => adapted(row, id, options, sample),
    };
    match size {
        Ok(operations) => column.operations = operations,
        Err(failure) => column.failure = Some(failure),
    }
    column
}

/// Returns the number of operations that fills the time of a run.
fn adapted(
    row: &Row,
    id: Id,
    options: &Options,
    sample: impl Fn(u64) -> Result<Sample, String>,
) -> Result<u64, String> {
    let target = Duration::from_millis(if options.quick { 20 } else { 120 });
    let target = target.max(row.at_least);
    // A virtual machine starts slowly: one run with too many operations is faster than three runs.
    let is_erlang = matches!(row.work(id), Some(Work::Erlang(_)));
    let mut operations: u64 = if is_erlang { 10_000 } else { 256 };
    for _ in 0..8 {
        let took = sample(operations)?.took;
        let factor = target.as_secs_f64() / took.as_secs_f64().max(1e-9);
        let grown = (operations as f64 * factor.clamp(0.02, 50.0)) as u64;
        operations = grown.max(16);
        if factor < 4.0 {
            break;
        }
    }
    Ok(operations)
}
