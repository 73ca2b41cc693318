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
    let told = outcome.told(column.id);
    json!({
        "name": column.id.name(),
        "operations": column.operations,
        "rounds": column.values,
        "median": told.map(|told| told.median),
        "least": told.map(|told| told.least),
        "most": told.map(|told| told.most),
        "ratio": told.and_then(|told| told.ratio),
        "failure": column.failure,
    })
}
