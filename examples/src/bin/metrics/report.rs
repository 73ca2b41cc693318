//! The result of a run: a page for people, or one JSON object on one line for scripts.
//!
//! Its order depends only on the log: the most frequent first, and by name for equal counts.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets};
use indicatif::HumanCount;
use serde::Serialize;

use crate::ledger::Totals;
use crate::parser::Name;

/// The length of the rankings.
const TOP: usize = 10;
/// The number of faulty lines that are kept as examples.
const EXAMPLES: usize = 5;

/// The complete result of a run, in the order of the JSON object: fields that depend on the log come first.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Report {
    requests: u64,
    bytes: u64,
    clients: usize,
    visits: u64,
    alerts: u64,
    truncated: u64,
    malformed: u64,
    statuses: BTreeMap<String, u64>,
    top_clients: Vec<TopClient>,
    top_routes: Vec<TopRoute>,
    unfinished: u64,
    pub(crate) parser_restarts: u64,
    pub(crate) client_kills: u64,
    pub(crate) client_restarts: u64,
    /// Servers that were stopped because they were idle.
    pub(crate) client_hand_overs: u64,
    /// Lines that were sent again, because they were not acknowledged.
    pub(crate) repeated_lines: u64,
    pub(crate) processes_at_most: usize,
    /// The number of processes now: at the end, after the servers have stopped.
    pub(crate) processes: usize,
    pub(crate) lines: u64,
    seconds: f64,
    lines_per_second: u64,
    #[serde(skip)]
    routes: usize,
    /// The first faulty lines, by number.
    #[serde(skip)]
    examples: Vec<(u64, Fault)>,
}

#[derive(Debug, Clone, Serialize)]
struct TopClient {
    client: String,
    requests: u64,
}

#[derive(Debug, Clone, Serialize)]
struct TopRoute {
    route: String,
    requests: u64,
}

/// The fault of one line.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum Fault {
    #[error("truncated: the last quoted field is cut off; counted")]
    Truncated,
    /// The line crashed its parser with this message.
    #[error("malformed: {0}; left out")]
    Malformed(Box<str>),
    /// The line has no end, because its producer disconnected: half a number is a number too.
    #[error("unfinished: its producer has gone; left out")]
    Unfinished,
}

impl Report {
    /// Counts a fault of the line with this number, counted from 1 over the whole stream.
    pub(crate) fn note_fault(&mut self, line: u64, fault: Fault) {
        match fault {
            Fault::Truncated => self.truncated += 1,
            Fault::Malformed(_) => self.malformed += 1,
            Fault::Unfinished => self.unfinished += 1,
        }
        if self.examples.len() < EXAMPLES {
            self.examples.push((line, fault));
        }
    }

    /// Sets the totals of all clients, which may be in any order.
    pub(crate) fn set_clients(&mut self, clients: &[(Name, Totals)]) {
        self.clients = clients.len();
        for (_, totals) in clients {
            self.requests += totals.requests;
            self.bytes = self.bytes.saturating_add(totals.bytes);
            self.visits += totals.visits;
            self.alerts += totals.alerts;
        }
        let counts = clients.iter().map(|(name, totals)| (name, totals.requests));
        let entry = |(client, requests)| TopClient { client, requests };
        self.top_clients = top(counts).map(entry).collect();
    }

    /// Sets the requests for each route and of each status.
    pub(crate) fn set_counts(&mut self, routes: &[(Name, u64)], statuses: &[(Name, u64)]) {
        self.routes = routes.len();
        let counts = routes.iter().map(|(name, count)| (name, *count));
        let entry = |(route, requests)| TopRoute { route, requests };
        self.top_routes = top(counts).map(entry).collect();
        let text = |(name, count): &(Name, u64)| (String::from_utf8_lossy(name).into(), *count);
        self.statuses = statuses.iter().map(text).collect();
    }

    /// Sets the time, and the lines read in it.
    pub(crate) fn set_speed(&mut self, lines: u64, took: Duration) {
        self.lines = lines;
        self.seconds = took.as_secs_f64();
        self.lines_per_second = (lines as f64 / self.seconds.max(f64::EPSILON)) as u64;
    }

    /// Returns the page, or the JSON object with a line break.
    pub(crate) fn page(&self, json: bool) -> String {
        if !json {
            return self.to_string();
        }
        let object = serde_json::to_string(self);
        object.expect("numbers and texts are always JSON") + "\n"
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let figures = [
            ("requests", self.requests),
            ("bytes", self.bytes),
            ("clients", self.clients as u64),
            ("visits", self.visits),
            ("alerts", self.alerts),
            ("truncated lines", self.truncated),
            ("malformed lines", self.malformed),
            ("unfinished lines", self.unfinished),
            ("parser restarts", self.parser_restarts),
            ("client kills", self.client_kills),
            ("client restarts", self.client_restarts),
            ("client hand-overs", self.client_hand_overs),
            ("repeated lines", self.repeated_lines),
            ("processes at most", self.processes_at_most as u64),
            ("processes", self.processes as u64),
            ("lines per second", self.lines_per_second),
        ];
        let mut table = Table::new();
        table.add_rows(figures.map(|(name, value)| [name.into(), grouped(value)]));
        print(f, table, 1)?;
        for (line, fault) in &self.examples {
            writeln!(f, " line {}, {fault}", grouped(*line))?;
        }
        let statuses = self.statuses.iter().map(|(name, count)| (name, *count));
        ranking(f, "status", self.statuses.len(), statuses)?;
        let clients = self.top_clients.iter();
        let clients = clients.map(|top| (&top.client, top.requests));
        ranking(f, "client", self.clients, clients)?;
        let routes = self.top_routes.iter();
        let routes = routes.map(|top| (&top.route, top.requests));
        ranking(f, "route", self.routes, routes)
    }
}

fn ranking<'a>(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    of: usize,
    counts: impl ExactSizeIterator<Item = (&'a String, u64)>,
) -> fmt::Result {
    let mut table = Table::new();
    let shown = counts.len();
    table.set_header(["requests", &format!("{what} (the first {shown} of {of})")]);
    table.add_rows(counts.map(|(name, count)| [grouped(count), printable(name)]));
    writeln!(f)?;
    print(f, table, 0)
}

/// Prints a table with numbers in this column.
fn print(f: &mut fmt::Formatter<'_>, mut table: Table, numbers: usize) -> fmt::Result {
    table.load_style(presets::NOTHING);
    if let Some(column) = table.column_mut(numbers) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    writeln!(f, "{}", table.trim_fmt())
}

/// Returns the first entries of a list by count; by name for equal counts.
fn top<'a>(counts: impl Iterator<Item = (&'a Name, u64)>) -> impl Iterator<Item = (String, u64)> {
    let mut counts: Vec<_> = counts.collect();
    counts.sort_unstable_by(|(a, few), (b, many)| many.cmp(few).then_with(|| a.cmp(b)));
    let first = counts.into_iter().take(TOP);
    first.map(|(name, count)| (String::from_utf8_lossy(name).into(), count))
}

fn grouped(number: u64) -> String {
    HumanCount(number).to_string()
}

/// Escapes control characters: clients control the content of a log, and a terminal would interpret them.
fn printable(name: &str) -> String {
    let escaped = |letter: char| match letter.is_control() {
        true => letter.escape_default().to_string(),
        false => letter.to_string(),
    };
    name.chars().map(escaped).collect()
}
