//! The result of a run: the merged counts of all servers, and the printed table.
//!
//! A separate module from the counting, so that a sequential count and a thousand servers give the same page. Its order
//! depends only on the log: the most frequent first, and by name for equal counts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::faults::Faults;
use crate::figures::Totals;

const TOP: usize = 10;

/// The complete result of a run.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Report {
    pub(crate) totals: Totals,
    pub(crate) clients: usize,
    pub(crate) routes: usize,
    pub(crate) statuses: Vec<(u16, u64)>,
    pub(crate) top_clients: Vec<(String, u64)>,
    pub(crate) top_routes: Vec<(String, u64)>,
    pub(crate) faults: Faults,
    pub(crate) upkeep: Upkeep,
    pub(crate) run: Run,
}

/// The data of the counting servers.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) lines: u64,
    pub(crate) clients: Vec<(Arc<[u8]>, Totals)>,
    pub(crate) routes: Vec<(Arc<[u8]>, u64)>,
    pub(crate) statuses: Vec<(u16, u64)>,
    pub(crate) faults: Faults,
    pub(crate) upkeep: Upkeep,
}

/// The actions of the supervisors, which do not affect the other data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Upkeep {
    pub(crate) parser_restarts: u64,
    /// Servers of clients that were killed on purpose.
    pub(crate) kills: u64,
    /// Servers that were restarted.
    pub(crate) restarts: u64,
    /// Servers that were stopped because they were idle.
    pub(crate) hand_overs: u64,
    /// Lines that were sent again, because they were not acknowledged.
    pub(crate) repeated: u64,
}

/// The data of the run itself; the only part that differs between runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Run {
    /// The number of processes after the last line had been counted.
    pub(crate) peak: usize,
    /// The number of processes at the end, after the servers have stopped, or now, while they run.
    pub(crate) processes: usize,
    pub(crate) is_over: bool,
    pub(crate) lines: u64,
    pub(crate) took: Duration,
}

impl Report {
    /// Merges the counts, which may be in any order.
    pub(crate) fn new(counted: Counted, run: Run) -> Self {
        let Counted {
            clients,
            routes,
            mut statuses,
            faults,
            upkeep,
            lines: _,
        } = counted;
        statuses.sort_unstable();
        Self {
            totals: clients.iter().map(|(_, totals)| *totals).sum(),
            clients: clients.len(),
            routes: routes.len(),
            statuses,
            top_clients: top(clients
                .into_iter()
                .map(|(name, totals)| (name, totals.requests))
                .collect()),
            top_routes: top(routes),
            faults,
            upkeep,
            run,
        }
    }
}

impl Run {
    /// Returns the lines read per second of the run.
    pub(crate) fn lines_per_second(&self) -> u64 {
        (self.lines as f64 / self.took.as_secs_f64().max(f64::EPSILON)) as u64
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        row(f, "requests", self.totals.requests)?;
        row(f, "bytes", self.totals.bytes)?;
        row(f, "clients", self.clients as u64)?;
        row(f, "visits", self.totals.visits)?;
        row(f, "alerts", self.totals.alerts)?;
        row(f, "truncated lines", self.faults.truncated)?;
        row(f, "malformed lines", self.faults.malformed)?;
        row(f, "unfinished lines", self.faults.unfinished)?;
        for example in &self.faults.examples {
            writeln!(f, "    line {}, {}", grouped(example.line), example.fault)?;
        }
        row(f, "parser restarts", self.upkeep.parser_restarts)?;
        row(f, "client kills", self.upkeep.kills)?;
        row(f, "client restarts", self.upkeep.restarts)?;
        row(f, "client hand-overs", self.upkeep.hand_overs)?;
        row(f, "repeated lines", self.upkeep.repeated)?;
        row(f, "processes at most", self.run.peak as u64)?;
        let when = if self.run.is_over {
            "processes at the end"
        } else {
            "processes now"
        };
        row(f, when, self.run.processes as u64)?;
        row(f, "lines per second", self.run.lines_per_second())?;
        writeln!(f, "\n{:>16}  status", "requests")?;
        for (status, requests) in &self.statuses {
            writeln!(f, "{:>16}  {status:03}", grouped(*requests))?;
        }
        ranking(f, "client", &self.top_clients, self.clients)?;
        ranking(f, "route", &self.top_routes, self.routes)
    }
}

/// Returns the first entries of a list by count; by name for equal counts.
fn top(mut counts: Vec<(Arc<[u8]>, u64)>) -> Vec<(String, u64)> {
    counts.sort_unstable_by(|(a, few), (b, many)| many.cmp(few).then_with(|| a.cmp(b)));
    counts.truncate(TOP);
    counts
        .into_iter()
        .map(|(name, count)| (String::from_utf8_lossy(&name).into_owned(), count))
        .collect()
}

fn row(f: &mut fmt::Formatter<'_>, name: &str, value: u64) -> fmt::Result {
    writeln!(f, "{name:<20} {:>20}", grouped(value))
}

fn ranking(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    top: &[(String, u64)],
    of: usize,
) -> fmt::Result {
    let shown = grouped(top.len() as u64);
    writeln!(
        f,
        "\n{:>16}  {what} (the first {shown} of {})",
        "requests",
        grouped(of as u64)
    )?;
    for (name, requests) in top {
        writeln!(f, "{:>16}  {}", grouped(*requests), printable(name))?;
    }
    Ok(())
}

/// Formats a number with a comma between every three digits.
pub(crate) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Escapes control characters: clients control the content of a log, and a terminal would interpret them.
fn printable(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter.is_control() {
            text.extend(letter.escape_default())
        } else {
            text.push(letter)
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::Fault;

    fn client(name: &str, requests: u64) -> (Arc<[u8]>, Totals) {
        (
            name.as_bytes().into(),
            Totals {
                requests,
                bytes: 1_000,
                visits: 1,
                alerts: 0,
            },
        )
    }

    fn report() -> Report {
        let mut faults = Faults::default();
        faults.note(1_234, Fault::Truncated);
        let counted = Counted {
            clients: vec![
                client("192.0.2.9", 3),
                client("192.0.2.1", 3),
                client("192.0.2.5", 1_200),
            ],
            routes: vec![
                (b"/\x1b[2J\xff"[..].into(), 6),
                (b"/books"[..].into(), 1_200),
            ],
            statuses: vec![(404, 6), (200, 1_200)],
            faults,
            upkeep: Upkeep {
                parser_restarts: 1,
                kills: 2,
                restarts: 3,
                hand_overs: 4,
                repeated: 5_000,
            },
            ..Counted::default()
        };
        Report::new(
            counted,
            Run {
                peak: 1_009,
                processes: 9,
                is_over: true,
                lines: 1_206,
                took: Duration::from_millis(500),
            },
        )
    }

    #[test]
    fn clients_add_up() {
        let report = report();
        assert_eq!(
            report.totals,
            Totals {
                requests: 1_206,
                bytes: 3_000,
                visits: 3,
                alerts: 0
            }
        );
        assert_eq!((report.clients, report.routes), (3, 2));
    }

    #[test]
    fn equal_counts_are_ordered_by_name() {
        let names: Vec<_> = report()
            .top_clients
            .into_iter()
            .map(|(name, _)| name)
            .collect();
        assert_eq!(names, ["192.0.2.5", "192.0.2.1", "192.0.2.9"]);
    }

    #[test]
    fn only_the_first_ten_are_kept() {
        let routes = (0..100)
            .map(|n| (format!("/{n:03}").into_bytes().into(), 1))
            .collect();
        let report = Report::new(
            Counted {
                routes,
                ..Counted::default()
            },
            Run::default(),
        );
        assert_eq!(report.top_routes.len(), 10);
        assert_eq!(report.top_routes[9].0, "/009");
        assert_eq!(report.routes, 100);
    }

    #[test]
    fn the_table_reads_as_a_page() {
        let expected = "\
requests                            1,206
bytes                               3,000
clients                                 3
visits                                  3
alerts                                  0
truncated lines                         1
malformed lines                         0
unfinished lines                        0
    line 1,234, truncated: the last quoted field is cut off; counted
parser restarts                         1
client kills                            2
client restarts                         3
client hand-overs                       4
repeated lines                      5,000
processes at most                   1,009
processes at the end                    9
lines per second                    2,412

        requests  status
           1,200  200
               6  404

        requests  client (the first 3 of 3)
           1,200  192.0.2.5
               3  192.0.2.1
               3  192.0.2.9

        requests  route (the first 2 of 2)
           1,200  /books
               6  /\\u{1b}[2J\u{fffd}
";
        assert_eq!(report().to_string(), expected);
    }

    #[test]
    fn numbers_are_grouped_by_threes() {
        for (value, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(grouped(value), text);
        }
    }
}
