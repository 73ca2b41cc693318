//! The report as Markdown.

use super::about::About;
use super::rounds::{Outcome, figures};
use super::rows::{Limit, Row};
use super::system::Id;

pub(crate) fn report(about: &About, outcomes: &[Outcome]) -> String {
    let mut text = format!("{}\n\n{}\n\n", about.machine, about.method);
    for (name, version, how) in &about.systems {
        text += &format!("- **{name}** {version}: {how}\n");
    }
    text += "\nMedian, in brackets the best round, in parentheses the ratio to raw quinn, in rows of three nodes to Erlang with TLS; of casts the ratio is the better of medians and minima.\n\n";
    text += &table(&about.columns, outcomes);
    text + &failures(outcomes)
}

fn table(columns: &[Id], outcomes: &[Outcome]) -> String {
    let names: Vec<&str> = columns.iter().map(|id| id.name()).collect();
    let mut text = format!("| workload | target | aim | {} |\n", names.join(" | "));
    text += &format!("|---|---|---|{}\n", "---|".repeat(columns.len()));
    for outcome in outcomes {
        let row = outcome.row;
        let cells: Vec<String> = columns.iter().map(|id| cell(outcome, *id)).collect();
        text += &format!(
            "| {}, {} | {} | {} | {} |\n",
            row.title,
            row.unit.name(),
            limit(row, row.must),
            limit(row, row.aim),
            cells.join(" | ")
        );
    }
    text
}

fn limit(row: &Row, limit: Option<Limit>) -> String {
    match limit {
        Some(Limit::Ratio(ratio)) => format!("({ratio:.2})"),
        Some(Limit::Value(value)) => figures(value, row.unit),
        None => String::new(),
    }
}

fn cell(outcome: &Outcome, id: Id) -> String {
    let unit = outcome.row.unit;
    let Some(summary) = outcome.summary(id) else {
        let failed = outcome
            .column(id)
            .is_some_and(|column| column.failure.is_some());
        return if failed { "failed" } else { "-" }.to_owned();
    };
    let best = if unit.less_is_better() {
        summary.least
    } else {
        summary.most
    };
    let text = format!(
        "{} [{}]",
        figures(summary.median, unit),
        figures(best, unit)
    );
    match summary.ratio.filter(|_| id != outcome.row.base()) {
        Some(ratio) => format!("{text} ({ratio:.2})"),
        None => text,
    }
}

/// Lists the failed columns of each row, with their errors.
fn failures(outcomes: &[Outcome]) -> String {
    let mut text = String::new();
    for outcome in outcomes {
        for column in &outcome.columns {
            if let Some(failure) = &column.failure {
                text += &format!(
                    "\n**Not measured, or not in all rounds**: {}, {}: {failure}\n",
                    outcome.row.title,
                    column.id.name()
                );
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::rounds::Column;

    #[test]
    fn a_cell_has_median_best_and_ratio() {
        let column = |id, values: [f64; 3]| Column {
            id,
            operations: 1,
            values: values.map(Some).to_vec(),
            failure: None,
        };
        let outcome = Outcome {
            row: Row::keyed("transfer").unwrap(),
            columns: vec![
                column(Id::Tcp, [800.0, 1000.0, 900.0]),
                column(Id::Quinn, [400.0, 500.0, 300.0]),
            ],
        };
        assert_eq!(cell(&outcome, Id::Tcp), "900 [1,000] (2.00)");
        assert_eq!(cell(&outcome, Id::Quinn), "400 [500]");
    }

    #[test]
    fn a_failed_column_reports_the_cause() {
        let outcome = Outcome {
            row: Row::keyed("echo").unwrap(),
            columns: vec![Column {
                id: Id::Tcp,
                operations: 0,
                values: vec![None],
                failure: Some("timed out after 60 s".to_owned()),
            }],
        };
        assert_eq!(cell(&outcome, Id::Tcp), "failed");
        assert_eq!(cell(&outcome, Id::Quinn), "-");
        assert!(failures(&[outcome]).contains("tcp: timed out after 60 s"));
    }
}
