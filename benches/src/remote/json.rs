//! The figures as JSON.

use serde_json::{Value, json};

use super::about::About;
use super::rounds::{Column, Outcome};
use super::rows::Limit;

pub(crate) fn of(about: &About, outcomes: &[Outcome]) -> String {
    let system = |(name, version, how): &(&str, String, &str)| json!({ "name": name, "version": version, "settings": how });
    let value = json!({
        "machine": about.machine,
        "method": about.method,
        "systems": about.systems.iter().map(system).collect::<Vec<_>>(),
        "rows": outcomes.iter().map(row).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

fn row(outcome: &Outcome) -> Value {
    let columns = outcome.columns.iter();
    json!({
        "key": outcome.row.key,
        "title": outcome.row.title,
        "unit": outcome.row.unit.name(),
        "must": outcome.row.must.map(limit),
        "aim": outcome.row.aim.map(limit),
        "columns": columns.map(|one| column(outcome, one)).collect::<Vec<_>>(),
    })
}

fn limit(limit: Limit) -> Value {
    match limit {
        Limit::Ratio(ratio) => json!({ "ratio": ratio }),
        Limit::Value(value) => json!({ "value": value }),
    }
}

fn column(outcome: &Outcome, column: &Column) -> Value {
    let summary = outcome.summary(column.id);
    json!({
        "name": column.id.name(),
        "operations": column.operations,
        "rounds": column.values,
        "median": summary.map(|summary| summary.median),
        "least": summary.map(|summary| summary.least),
        "most": summary.map(|summary| summary.most),
        "ratio": summary.and_then(|summary| summary.ratio),
        "failure": column.failure,
    })
}
