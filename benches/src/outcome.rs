//! The measurements.

use crate::rows::{Figure, Id, Row, Unit};
use crate::stats;

/// One column of a row.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) id: Id,
    /// The number of operations in each run.
    pub(crate) operations: u64,
    /// The figures of each round; `None` for a failed round.
    pub(crate) rounds: Vec<Option<Vec<f64>>>,
    /// The reason of a failed round, after which there are no further ones.
    pub(crate) failure: Option<String>,
    /// True if it is so slow that one round has to suffice.
    pub(crate) once: bool,
}

impl Column {
    /// Returns one figure of each round.
    pub(crate) fn values(&self, figure: usize) -> Vec<Option<f64>> {
        let of = |round: &Option<Vec<f64>>| round.as_ref()?.get(figure).copied();
        self.rounds.iter().map(of).collect()
    }
}

/// A row with its columns.
pub(crate) struct Outcome {
    pub(crate) row: &'static Row,
    pub(crate) columns: Vec<Column>,
}

/// The summary of one figure of one column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Summary {
    pub(crate) median: f64,
    pub(crate) least: f64,
    pub(crate) most: f64,
    /// The ratio to the base of the column, and below it the range over the single rounds.
    pub(crate) ratio: Option<f64>,
    pub(crate) ratio_least: f64,
    pub(crate) ratio_most: f64,
}

impl Outcome {
    pub(crate) fn column(&self, id: Id) -> Option<&Column> {
        self.columns.iter().find(|column| column.id == id)
    }

    pub(crate) fn summary(&self, id: Id, figure: usize) -> Option<Summary> {
        let values = self.column(id)?.values(figure);
        let base = self.column(id.base())?.values(figure);
        let seen: Vec<f64> = values.iter().flatten().copied().collect();
        if seen.is_empty() {
            return None;
        }
        let ratios = stats::per_round(&values, &base);
        Some(Summary {
            median: stats::median(&seen),
            least: stats::least(&seen),
            most: stats::most(&seen),
            ratio: stats::ratio(&values, &base, self.row.bimodal),
            ratio_least: stats::least(&ratios),
            ratio_most: stats::most(&ratios),
        })
    }

    pub(crate) fn figures(&self) -> impl Iterator<Item = (usize, &'static Figure)> {
        self.row.figures.iter().enumerate()
    }
}

/// Formats a value with three significant digits.
pub(crate) fn short(value: f64, unit: Unit) -> String {
    let digits = match value.abs() {
        size if size >= 100.0 || value == 0.0 => 0,
        size if size >= 10.0 && unit == Unit::Nanoseconds => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    thousands(&format!("{value:.digits$}"))
}

fn thousands(number: &str) -> String {
    let (whole, rest) = number.split_at(number.find('.').unwrap_or(number.len()));
    let mut text = String::new();
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let short = |value| short(value, Unit::Microseconds);
        assert_eq!(short(1_234_567.8), "1,234,568");
        assert_eq!(short(214.4), "214");
        assert_eq!(short(21.44), "21.4");
        assert_eq!(short(2.144), "2.14");
        assert_eq!(short(0.0), "0");
    }
}
