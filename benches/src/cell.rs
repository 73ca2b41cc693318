//! One run of one workload, in a process of its own: `cell ROW COLUMN OPERATIONS`. It prints the time of the measured
//! part in nanoseconds, and the figures of the row.

use std::process::ExitCode;
use std::time::Duration;

use tracing::subscriber::NoSubscriber;

use crate::rows::{Cell, Id, Row, Sample, Work};
use crate::runtime;
use crate::workload::CRASH;

/// The first argument of such a process.
pub(crate) const COMMAND: &str = "cell";

/// Runs a cell; `tables` are the rows of this program.
pub(crate) fn main(arguments: &[String], tables: &[&'static [Row]]) -> ExitCode {
    let [row, column, operations] = arguments else {
        return crate::complain("a cell is a row, a column and a number of operations");
    };
    let Some((row, cell, id)) = find(row, column, tables) else {
        return crate::complain(&format!("there is no cell {row}, {column}"));
    };
    let Ok(operations) = operations.parse() else {
        return crate::complain(&format!("`{operations}` is no number"));
    };
    if id.workload().1 {
        runtime::use_one_thread();
    }
    silence_what_was_asked_for();
    if !row.key.starts_with("price-spans") || id != Id::On {
        // Cargo unifies the features of all rivals, and one of them sends spans without a subscriber to `log`, which
        // would slow down the others. With this subscriber each has only its own cost: spans that are not recorded.
        let _ = tracing::subscriber::set_global_default(NoSubscriber::new());
    }
    let sample = run(row, cell, operations);
    println!("{}", print(&sample));
    // Skips dropping what may be a million servers.
    std::process::exit(0)
}

/// Suppresses the output of panics that belong to a workload.
fn silence_what_was_asked_for() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let payload = panic.payload().downcast_ref::<String>();
        if payload.is_none_or(|text| text != CRASH) {
            print(panic);
        }
    }));
}

fn find(row: &str, column: &str, tables: &[&'static [Row]]) -> Option<(&'static Row, Cell, Id)> {
    let mut rows = tables.iter().copied().flatten();
    let row = rows.find(|one| one.key == row)?;
    let all = Id::ALL.into_iter().chain([Id::Off, Id::On]);
    let id = all.into_iter().find(|id| id.key() == column)?;
    match row.work(id)? {
        Work::Rust(cell) => Some((row, cell, id)),
        Work::Erlang(_) => None,
    }
}

fn run(row: &Row, cell: Cell, operations: u64) -> Sample {
    if row.warm {
        // Maps memory and fills caches, so that the first run of the process is not measured.
        cell(operations);
    }
    cell(operations)
}

pub(crate) fn print(sample: &Sample) -> String {
    let figures = sample.figures.iter().map(|figure| format!(" {figure}"));
    sample.took.as_nanos().to_string() + &figures.collect::<String>()
}

/// Parses the output of such a process.
pub(crate) fn parse(line: &str) -> Option<Sample> {
    let mut words = line.split_whitespace();
    let took = Duration::from_nanos(words.next()?.parse().ok()?);
    let figures = words.map(|word| word.parse().ok()).collect::<Option<_>>()?;
    Some(Sample { took, figures })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::all;

    #[test]
    fn a_printed_sample_is_parsed_back() {
        let sample = Sample {
            took: Duration::from_nanos(1_500),
            figures: vec![0.1, 64_000.0],
        };
        assert_eq!(parse(&print(&sample)), Some(sample));
        assert_eq!(parse("100 abc"), None);
        assert_eq!(parse(""), None);
    }

    #[test]
    fn every_key_is_unique() {
        let mut keys: Vec<_> = all().map(|row| row.key).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn every_row_has_its_base() {
        for row in all() {
            for (id, _) in row.cells {
                assert!(row.work(id.base()).is_some(), "{} of {id:?}", row.key);
            }
        }
    }
}
