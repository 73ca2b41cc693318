//! The figures as bar charts: one chart for each figure of a row.

use std::fmt::Write;

use crate::outcome::{Outcome, Summary, short};
use crate::rows::{Figure, Id};

const WIDTH: f64 = 720.0;
const LEFT: f64 = 110.0;
const BAR: f64 = 18.0;
const STEP: f64 = 26.0;
const TOP: f64 = 44.0;

/// Returns the file names and the charts.
pub(crate) fn of(outcome: &Outcome) -> Vec<(String, String)> {
    let one = |(index, figure): (usize, &Figure)| {
        let columns = outcome.columns.iter().map(|column| column.id);
        let bars: Vec<_> = columns
            .filter_map(|id| Some((id, outcome.summary(id, index)?)))
            .collect();
        let number = if index == 0 {
            String::new()
        } else {
            format!("-{}", index + 1)
        };
        (
            format!("{}{number}.svg", outcome.row.key),
            svg(figure, &bars),
        )
    };
    outcome.figures().map(one).collect()
}

fn svg(figure: &Figure, bars: &[(Id, Summary)]) -> String {
    let height = TOP + STEP * bars.len() as f64 + 12.0;
    let most = bars
        .iter()
        .map(|(_, summary)| summary.most)
        .fold(0.0, f64::max);
    let scale = (WIDTH - LEFT - 150.0) / if most > 0.0 { most } else { 1.0 };
    let better = if figure.unit.less_is_better() {
        "shorter"
    } else {
        "longer"
    };
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n\
         <text x=\"10\" y=\"20\" font-weight=\"bold\">{}</text>\n\
         <text x=\"10\" y=\"36\" font-size=\"11\" fill=\"#666\">{} {better} is better; the line is from the least to the most</text>\n",
        escape(figure.title),
        figure.unit.name(),
    );
    for (index, (id, summary)) in bars.iter().enumerate() {
        let y = TOP + STEP * index as f64;
        // Writing to a string cannot fail.
        let _ = bar(&mut text, *id, summary, figure, y, scale);
    }
    text + "</svg>\n"
}

fn bar(
    text: &mut String,
    id: Id,
    summary: &Summary,
    figure: &Figure,
    y: f64,
    scale: f64,
) -> std::fmt::Result {
    let middle = y + BAR / 2.0;
    let baseline = middle + 4.5;
    let fill = match id {
        Id::Ambit | Id::AmbitQueued | Id::AmbitCt | Id::On => "#c2571a",
        Id::Raw | Id::RawCt | Id::Off => "#777",
        _ => "#8fa8c4",
    };
    let width = summary.median * scale;
    let (from, to) = (LEFT + summary.least * scale, LEFT + summary.most * scale);
    let ratio = summary.ratio.filter(|_| id != id.base());
    let ratio = ratio.map(|ratio| format!(" ({ratio:.2})"));
    let label = short(summary.median, figure.unit) + &ratio.unwrap_or_default();
    writeln!(
        text,
        "<text x=\"{:.1}\" y=\"{baseline:.1}\" text-anchor=\"end\">{}</text>",
        LEFT - 8.0,
        id.name()
    )?;
    writeln!(
        text,
        "<rect x=\"{LEFT}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{BAR}\" fill=\"{fill}\"/>"
    )?;
    writeln!(
        text,
        "<line x1=\"{from:.1}\" y1=\"{middle:.1}\" x2=\"{to:.1}\" y2=\"{middle:.1}\" stroke=\"black\"/>"
    )?;
    writeln!(
        text,
        "<text x=\"{:.1}\" y=\"{baseline:.1}\">{label}</text>",
        to + 8.0
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
