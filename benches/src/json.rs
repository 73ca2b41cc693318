//! The figures as JSON.

use serde_json::{Value, json};

use crate::outcome::{Column, Outcome};
use crate::settings::About;
use crate::verdict::Verdict;

pub(crate) fn of(about: &About, outcomes: &[Outcome], verdict: &Verdict) -> String {
    let peer = |(name, version, how): &(&str, String, &str)| json!({ "name": name, "version": version, "settings": how });
    let value = json!({
        "machine": about.machine,
        "method": about.method,
        "peers": about.peers.iter().map(peer).collect::<Vec<_>>(),
        "rows": outcomes.iter().flat_map(rows).collect::<Vec<_>>(),
        "lost": verdict.lost.iter().map(|lost| json!({ "row": lost.title, "to": lost.rival.name() })).collect::<Vec<_>>(),
        "missed": verdict.missed.iter().map(|missed| json!({ "row": missed.title, "is": missed.is, "factor": missed.factor })).collect::<Vec<_>>(),
    });
    format!("{value:#}\n")
}

/// Returns one object for each figure.
fn rows(outcome: &Outcome) -> Vec<Value> {
    let one = |(index, figure): (usize, &crate::rows::Figure)| {
        let columns = outcome.columns.iter();
        let columns: Vec<Value> = columns.map(|one| column(outcome, one, index)).collect();
        json!({ "key": outcome.row.key, "title": figure.title, "unit": figure.unit.name(), "columns": columns })
    };
    outcome.figures().map(one).collect()
}

fn column(outcome: &Outcome, column: &Column, index: usize) -> Value {
    let summary = outcome.summary(column.id, index);
    json!({
        "name": column.id.name(),
        "operations": column.operations,
        "rounds": column.values(index),
        "median": summary.map(|summary| summary.median),
        "least": summary.map(|summary| summary.least),
        "most": summary.map(|summary| summary.most),
        "ratio": summary.and_then(|summary| summary.ratio),
        "failure": column.failure,
    })
}
