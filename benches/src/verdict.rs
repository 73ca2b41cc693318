//! The rows in which ambit is behind a rival, or misses its own target.

use crate::outcome::Outcome;
use crate::rows::{Figure, Id, Must};

/// A row in which a rival is ahead.
#[derive(Debug, PartialEq)]
pub(crate) struct Lost {
    pub(crate) title: &'static str,
    pub(crate) rival: Id,
    pub(crate) ambit: f64,
    pub(crate) theirs: f64,
}

/// A target and what was measured.
#[derive(Debug, PartialEq)]
pub(crate) struct TargetResult {
    pub(crate) title: &'static str,
    pub(crate) must: Must,
    pub(crate) is: f64,
    /// The factor by which it is worse than the target; 1 or less if the target is reached.
    pub(crate) factor: f64,
}

#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) lost: Vec<Lost>,
    pub(crate) missed: Vec<TargetResult>,
    pub(crate) reached: usize,
    /// Failed measurements: the row, the column, and the error.
    pub(crate) failed: Vec<(&'static str, Id, String)>,
    /// The rows that exceed the factor with which the program fails.
    pub(crate) far_off: Vec<&'static str>,
}

impl Verdict {
    pub(crate) fn is_far_off(&self) -> bool {
        !self.far_off.is_empty()
    }
}

pub(crate) fn judge(outcomes: &[Outcome], fail_above: Option<f64>) -> Verdict {
    let mut verdict = Verdict::default();
    for outcome in outcomes {
        for (index, figure) in outcome.figures() {
            verdict.lost.extend(lost(outcome, index, figure));
            let Some(result) = target(outcome, index, figure) else {
                continue;
            };
            if fail_above.is_some_and(|limit| result.factor > limit) {
                verdict.far_off.push(result.title);
            }
            if result.factor > 1.0 {
                verdict.missed.push(result);
            } else {
                verdict.reached += 1;
            }
        }
        for column in &outcome.columns {
            if let Some(failure) = &column.failure {
                let failed = (outcome.row.figures[0].title, column.id, failure.clone());
                let is_ours = matches!(column.id, Id::Raw | Id::Ambit | Id::AmbitQueued);
                if is_ours && fail_above.is_some() {
                    verdict.far_off.push(failed.0);
                }
                verdict.failed.push(failed);
            }
        }
    }
    verdict
}

/// The minimum relative difference of two figures that counts: a smaller one is noise.
const CLEARLY: f64 = 0.03;

/// Returns the rival that is farthest ahead.
fn lost(outcome: &Outcome, index: usize, figure: &Figure) -> Option<Lost> {
    // Compares ratios where there are any, because rounds vary more than ratios do.
    let value = |id| {
        let summary = outcome.summary(id, index)?;
        let by_ratio = figure.unit.less_is_better() && summary.ratio.is_some();
        Some(if by_ratio {
            summary.ratio?
        } else {
            summary.median
        })
    };
    let ambit = value(Id::Ambit)?;
    let sign = if figure.unit.less_is_better() {
        1.0
    } else {
        -1.0
    };
    let rivals = outcome.columns.iter().map(|column| column.id);
    let rivals = rivals.filter(|id| id.is_rival());
    let values = rivals.filter_map(|id| Some((id, value(id)?)));
    let (rival, theirs) = values.min_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)))?;
    let clearly = (theirs - ambit).abs() > CLEARLY * ambit.abs();
    (clearly && sign * theirs < sign * ambit).then_some(Lost {
        title: figure.title,
        rival,
        ambit,
        theirs,
    })
}

fn target(outcome: &Outcome, index: usize, figure: &Figure) -> Option<TargetResult> {
    let must = figure.must?;
    let summary = outcome.summary(Id::Ambit, index)?;
    let (is, limit) = match must {
        Must::Ratio(limit) => (summary.ratio?, limit),
        Must::Value(limit) => (summary.median, limit),
    };
    let factor = match (is, limit) {
        // A slab that grows once in ten thousand calls is not an allocation per call.
        (_, 0.0) if is < 0.01 => 1.0,
        _ if figure.unit.less_is_better() => is / limit,
        _ => limit / is,
    };
    Some(TargetResult {
        title: figure.title,
        must,
        is,
        factor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::Column;
    use crate::rows::all;

    fn outcome(key: &str, columns: &[(Id, f64)]) -> Outcome {
        let row = all().find(|row| row.key == key).unwrap();
        let column = |&(id, value)| Column {
            id,
            operations: 1,
            rounds: vec![Some(vec![value; row.figures.len()])],
            failure: None,
            once: false,
        };
        Outcome {
            row,
            columns: columns.iter().map(column).collect(),
        }
    }

    #[test]
    fn the_leading_rival_is_named() {
        let row = outcome(
            "call",
            &[
                (Id::Raw, 200.0),
                (Id::Ambit, 300.0),
                (Id::Xtra, 250.0),
                (Id::Kameo, 280.0),
            ],
        );
        let verdict = judge(&[row], None);
        assert_eq!(verdict.lost.len(), 1);
        assert_eq!(
            (verdict.lost[0].rival, verdict.lost[0].theirs),
            (Id::Xtra, 1.25)
        );
        assert_eq!(verdict.missed[0].is, 1.5);
        assert!(!verdict.is_far_off());
    }

    #[test]
    fn far_off_is_a_factor_of_the_target() {
        let row = || outcome("call", &[(Id::Raw, 200.0), (Id::Ambit, 300.0)]);
        assert!(judge(&[row()], Some(2.9)).is_far_off());
        assert!(!judge(&[row()], Some(3.1)).is_far_off());
    }

    #[test]
    fn nothing_allocated_reaches_the_target() {
        let row = |ambit| outcome("allocations-cast", &[(Id::Raw, 0.0), (Id::Ambit, ambit)]);
        assert_eq!(judge(&[row(0.0)], None).reached, 1);
        assert_eq!(judge(&[row(1.0)], Some(1000.0)).far_off.len(), 1);
    }

    #[test]
    fn more_is_better_for_a_speedup() {
        let row = |ambit| {
            outcome(
                "join",
                &[(Id::Raw, 1.9), (Id::Ambit, ambit), (Id::Kameo, 1.8)],
            )
        };
        // The first figure of the row is a time, for which the same numbers mean the opposite.
        let verdict = judge(&[row(1.6)], None);
        assert_eq!(verdict.lost.len(), 1);
        assert_eq!(verdict.missed.len(), 1);
        assert_eq!(judge(&[row(1.75)], None).reached, 1);
    }
}
