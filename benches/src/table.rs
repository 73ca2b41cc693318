//! The report as Markdown.

use crate::outcome::{Outcome, short};
use crate::rows::{Figure, Id, Must, Unit};
use crate::settings::About;
use crate::verdict::Verdict;

pub(crate) fn report(about: &About, outcomes: &[Outcome], verdict: &Verdict) -> String {
    let is_price = |outcome: &&Outcome| outcome.column(Id::Off).is_some();
    let (prices, rows): (Vec<_>, Vec<_>) = outcomes.iter().partition(is_price);
    let mut text = format!("{}\n\n{}\n\n", about.machine, about.method);
    for (name, version, how) in &about.peers {
        text += &format!("- **{name}** {version}: {how}\n");
    }
    if !rows.is_empty() {
        text += "\nMedian (ratio to raw) [ratio in single rounds]; of casts the ratio is the better of medians and minima.\n\n";
        text += &table(&rows);
    }
    if !prices.is_empty() {
        text += "\n## What is optional\n\nambit without it, ambit with it (ratio) [ratio in single rounds].\n\n";
        text += &table(&prices);
    }
    let has_rivals = columns(&rows).into_iter().any(Id::is_rival);
    text + "\n" + &judgement(verdict, has_rivals)
}

/// Returns the columns that any of the rows has.
fn columns(rows: &[&Outcome]) -> Vec<Id> {
    let ids = rows.iter().flat_map(|row| &row.columns);
    let mut ids: Vec<Id> = ids.map(|column| column.id).collect();
    ids.sort();
    ids.dedup();
    ids
}

fn table(rows: &[&Outcome]) -> String {
    let ids = columns(rows);
    let names: Vec<&str> = ids.iter().map(|id| id.name()).collect();
    let mut text = format!("| | target | {} |\n", names.join(" | "));
    text += &format!("|---|---|{}\n", "---|".repeat(ids.len()));
    for row in rows {
        for (index, figure) in row.figures() {
            let cells: Vec<String> = ids.iter().map(|id| cell(row, *id, index, figure)).collect();
            let unit = figure.unit.name();
            let unit = if unit.is_empty() {
                String::new()
            } else {
                format!(", {unit}")
            };
            let must = must(figure);
            text += &format!(
                "| {}{unit} | {must} | {} |\n",
                figure.title,
                cells.join(" | ")
            );
        }
    }
    text
}

fn must(figure: &Figure) -> String {
    match figure.must {
        Some(Must::Ratio(limit)) => format!("({limit:.2})"),
        Some(Must::Value(limit)) if figure.unit.less_is_better() => short(limit, figure.unit),
        Some(Must::Value(limit)) => format!("≥ {}", short(limit, figure.unit)),
        None => String::new(),
    }
}

fn cell(outcome: &Outcome, id: Id, index: usize, figure: &Figure) -> String {
    let Some(summary) = outcome.summary(id, index) else {
        let failure = outcome.column(id).and_then(|column| column.failure.clone());
        return failure.map_or_else(|| "-".to_owned(), |failure| failure.replace('|', "/"));
    };
    let value = short(summary.median, figure.unit);
    let has_ratio = !matches!(figure.unit, Unit::Times | Unit::Count);
    match summary.ratio.filter(|_| has_ratio) {
        Some(_) if id == id.base() => format!(
            "{value} [{}–{}]",
            short(summary.least, figure.unit),
            short(summary.most, figure.unit)
        ),
        Some(ratio) if outcome.row.counted => format!("{value} ({ratio:.2})"),
        Some(ratio) => format!(
            "{value} ({ratio:.2}) [{:.2}–{:.2}]",
            summary.ratio_least, summary.ratio_most
        ),
        None => value,
    }
}

fn judgement(verdict: &Verdict, has_rivals: bool) -> String {
    let mut text = String::new();
    if !has_rivals {
        text += "**No rival was measured.**\n";
    } else if verdict.lost.is_empty() {
        text += "**No rival is ahead of ambit.**\n";
    } else {
        text += "**A rival is ahead of ambit, by more than 3 %, in:**\n";
        for lost in &verdict.lost {
            text += &format!(
                "- {}: {} {:.2}, ambit {:.2}\n",
                lost.title,
                lost.rival.name(),
                lost.theirs,
                lost.ambit
            );
        }
    }
    text += &format!(
        "\n**Targets reached: {}, missed: {}**\n",
        verdict.reached,
        verdict.missed.len()
    );
    for missed in &verdict.missed {
        let (Must::Ratio(limit) | Must::Value(limit)) = missed.must;
        text += &format!(
            "- {}: target {limit:.2}, measured {:.2}\n",
            missed.title, missed.is
        );
    }
    if !verdict.failed.is_empty() {
        text += "\n**Not measured, or not in all rounds:**\n";
        for (title, id, why) in &verdict.failed {
            text += &format!("- {title}, {}: {why}\n", id.name());
        }
    }
    text
}
