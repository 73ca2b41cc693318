//! The rounds: in each, every column runs once, so that a ratio compares runs at about the same time.

use std::time::{Duration, Instant};

use super::options::Options;
use super::programs::Programs;
use super::rows::{ClusterWork, Row, Size, Unit, Work};
use super::system::Id;
use crate::outcome::{Summary, short};
use crate::rows::Sample;
use crate::stats;

/// One column of a row.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) id: Id,
    /// The number of operations in each run.
    pub(crate) operations: u64,
    /// The figure of each round; `None` for a failed one.
    pub(crate) values: Vec<Option<f64>>,
    /// The reason of a failed run, after which there are no further ones.
    pub(crate) failure: Option<String>,
}

/// A row with its columns.
pub(crate) struct Outcome {
    pub(crate) row: &'static Row,
    pub(crate) columns: Vec<Column>,
}

impl Outcome {
    pub(crate) fn column(&self, id: Id) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    pub(crate) fn summary(&self, id: Id) -> Option<Summary> {
        let values = &self.column(id)?.values;
        let seen: Vec<f64> = values.iter().flatten().copied().collect();
        if seen.is_empty() {
            return None;
        }
        let base = self
            .column(self.row.base())
            .map(|column| &column.values[..]);
        let base = base.unwrap_or_default();
        let jumps = matches!(self.row.work, Work::Cast { .. } | Work::CastVec { .. })
            && self.row.unit.less_is_better();
        let ratios = stats::per_round(values, base);
        Some(Summary {
            median: stats::median(&seen),
            least: stats::least(&seen),
            most: stats::most(&seen),
            ratio: stats::ratio(values, base, jumps),
            ratio_least: stats::least(&ratios),
            ratio_most: stats::most(&ratios),
        })
    }
}

/// Runs all rows and prints the progress.
pub(crate) fn run(options: &Options, programs: &Programs) -> Result<Vec<Outcome>, String> {
    let rows = options.rows();
    let turns = rows.iter().map(|row| options.rounds_of(row) + 1).sum();
    let mut progress = Progress {
        began: Instant::now(),
        done: 0,
        turns,
    };
    let one = |row| run_row(row, options, programs, &mut progress);
    Ok(rows.into_iter().map(one).collect())
}

fn run_row(
    row: &'static Row,
    options: &Options,
    programs: &Programs,
    progress: &mut Progress,
) -> Outcome {
    let ids = programs.systems(options).filter(|id| id.has(row));
    let columns = ids.map(|id| warmed_up(row, id, options, programs));
    let mut outcome = Outcome {
        row,
        columns: columns.collect(),
    };
    let rounds = options.rounds_of(row);
    progress.turn(&outcome, "warm-up");
    for round in 0..rounds {
        // Rotates the order, so that no column always runs after the same one.
        let count = outcome.columns.len();
        for turn in 0..count {
            let column = &mut outcome.columns[(turn + round) % count];
            if column.failure.is_some() {
                column.values.push(None);
                continue;
            }
            let sample = programs.sample(row, column.id, column.operations);
            column.values.push(sample.as_ref().ok().and_then(figure));
            column.failure = sample.err();
        }
        progress.turn(&outcome, &format!("round {} of {rounds}", round + 1));
    }
    outcome
}

fn figure(sample: &Sample) -> Option<f64> {
    sample.figures.first().copied()
}

/// Runs a column as a warm-up; returns it with the number of operations of its runs.
fn warmed_up(row: &Row, id: Id, options: &Options, programs: &Programs) -> Column {
    let mut column = Column {
        id,
        operations: 0,
        values: Vec::new(),
        failure: None,
    };
    let adapted = match row.size {
        Size::Fixed { .. } => Ok(options.fixed(row).unwrap_or_default()),
        Size::UpTo(most) => adapted(row, id, most, options, programs),
    };
    match adapted {
        Ok(operations) => column.operations = operations,
        Err(failure) => column.failure = Some(failure),
    }
    column
}

/// Returns the number of operations that fills the time of a run.
fn adapted(
    row: &Row,
    id: Id,
    most: u64,
    options: &Options,
    programs: &Programs,
) -> Result<u64, String> {
    let target = Duration::from_millis(if options.quick { 40 } else { 400 });
    let mut operations = most.min(match row.work {
        Work::Connect | Work::Cluster(ClusterWork::Register { .. }) => 8,
        _ => 256,
    });
    for _ in 0..6 {
        let sample = programs.sample(row, id, operations)?;
        let factor = target.as_secs_f64() / sample.took.as_secs_f64().max(1e-9);
        let grown = (operations as f64 * factor.clamp(0.02, 30.0)) as u64;
        operations = grown.clamp(8, most);
        if factor < 4.0 || operations == most {
            break;
        }
    }
    Ok(operations)
}

/// Prints the current step, and the estimated remaining time.
struct Progress {
    began: Instant,
    done: usize,
    turns: usize,
}

impl Progress {
    fn turn(&mut self, outcome: &Outcome, what: &str) {
        self.done += 1;
        let elapsed = self.began.elapsed();
        let left = elapsed.mul_f64((self.turns - self.done) as f64 / self.done as f64);
        let mut line = format!(
            "{:4} s, about {:3} s left  {:9} {what:13}",
            elapsed.as_secs(),
            left.as_secs(),
            outcome.row.key
        );
        for column in &outcome.columns {
            let value = match (&column.failure, column.values.last()) {
                (Some(_), _) => "failed".to_owned(),
                (None, Some(Some(value))) => figures(*value, outcome.row.unit),
                (None, _) => continue,
            };
            line += &format!("  {} {value}", column.id.name());
        }
        eprintln!("{line}");
    }
}

/// Formats a value for display.
pub(crate) fn figures(value: f64, unit: Unit) -> String {
    let digits = match unit {
        Unit::Microseconds if value < 1.0 => return format!("{value:.3}"),
        Unit::Microseconds => crate::rows::Unit::Microseconds,
        Unit::Bytes | Unit::Kibibytes | Unit::Throughput => crate::rows::Unit::Bytes,
    };
    short(value, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(key: &str, columns: &[(Id, &[f64])]) -> Outcome {
        let column = |(id, values): &(Id, &[f64])| Column {
            id: *id,
            operations: 1,
            values: values.iter().copied().map(Some).collect(),
            failure: None,
        };
        Outcome {
            row: Row::keyed(key).unwrap(),
            columns: columns.iter().map(column).collect(),
        }
    }

    #[test]
    fn ratios_are_taken_within_rounds() {
        let outcome = outcome(
            "echo",
            &[
                (Id::Tcp, &[10.0, 20.0, 10.0]),
                (Id::Quinn, &[20.0, 40.0, 40.0]),
            ],
        );
        let summary = outcome.summary(Id::Tcp).unwrap();
        assert_eq!(
            (summary.median, summary.least, summary.ratio),
            (10.0, 10.0, Some(0.5))
        );
        assert_eq!((summary.ratio_least, summary.ratio_most), (0.25, 0.5));
    }

    #[test]
    fn a_column_without_values_reports_nothing() {
        let outcome = outcome("echo", &[(Id::Tcp, &[]), (Id::Quinn, &[20.0])]);
        assert_eq!(outcome.summary(Id::Tcp), None);
        assert_eq!(outcome.summary(Id::Quinn).unwrap().ratio, Some(1.0));
    }
}
