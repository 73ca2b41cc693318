//! Progress output: a bar on a terminal, lines elsewhere.

use std::io::IsTerminal;
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};

use crate::outcome::{Outcome, short};
use crate::rows::{Id, Row};

pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    began: Instant,
}

impl Progress {
    pub(crate) fn new(rows: usize) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed} {msg}");
            ProgressBar::new(rows as u64).with_style(style.expect("the template is valid"))
        });
        Self {
            bar,
            began: Instant::now(),
        }
    }

    pub(crate) fn begin(&self, row: &Row) {
        self.say(row.key.to_owned());
    }

    pub(crate) fn at(&self, id: Id, what: &str) {
        self.say(format!("{}: {what}", id.name()));
    }

    fn say(&self, text: String) {
        if let Some(bar) = &self.bar {
            bar.set_message(text);
            bar.tick();
        }
    }

    /// Prints one line for a finished row.
    pub(crate) fn end(&self, outcome: &Outcome) {
        let unit = outcome.row.figures[0].unit;
        let mut line = format!(
            "{:5} s  {:24}",
            self.began.elapsed().as_secs(),
            outcome.row.key
        );
        for column in &outcome.columns {
            let summary = outcome.summary(column.id, 0);
            let value = summary.map_or_else(
                || "failed".to_owned(),
                |summary| short(summary.median, unit),
            );
            line += &format!("  {} {value}", column.id.name());
        }
        match &self.bar {
            Some(bar) => {
                bar.println(line);
                bar.inc(1);
            }
            None => eprintln!("{line}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
