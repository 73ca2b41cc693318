//! A second, plain implementation: some 30 lines that share no code with `metrics`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

pub(crate) const SAMPLE: &str = include_str!("../../src/bin/metrics/sample.log");

/// Everything that depends on the log alone.
#[derive(Default)]
pub(crate) struct Plain {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) visits: u64,
    pub(crate) alerts: u64,
    pub(crate) truncated: u64,
    pub(crate) malformed: u64,
    pub(crate) clients: HashMap<String, u64>,
    pub(crate) routes: HashMap<String, u64>,
    pub(crate) statuses: BTreeMap<String, u64>,
}

pub(crate) fn sequential(log: &str, repeat: usize) -> Plain {
    let mut plain = Plain::default();
    let (mut latest, mut minutes) = (HashMap::new(), HashMap::new());
    for line in (0..repeat).flat_map(|_| log.lines()) {
        let Some((client, time, route, status, size, truncated)) = fields(line) else {
            plain.malformed += 1;
            continue;
        };
        plain.requests += 1;
        plain.bytes += size;
        plain.truncated += u64::from(truncated);
        *plain.clients.entry(client.to_owned()).or_default() += 1;
        *plain.routes.entry(route).or_default() += 1;
        *plain.statuses.entry(status).or_default() += 1;
        let seen = latest.entry(client).or_insert(i64::MIN / 2);
        plain.visits += u64::from(time > *seen + 1_800);
        *seen = time.max(*seen);
        let in_minute = minutes.entry((client, time / 60)).or_insert(0);
        *in_minute += 1;
        plain.alerts += u64::from(*in_minute == 21);
    }
    plain
}

/// Splits at quotes, so it only works for logs with escaped inner quotes.
fn fields(line: &str) -> Option<(&str, i64, String, String, u64, bool)> {
    let unescaped = line.replace("\\\"", "\\~");
    let parts: Vec<_> = unescaped.split('"').collect();
    let [_, request, answer, ..] = parts[..] else {
        return None;
    };
    let time = seconds(line.split_once('[')?.1.get(..26)?);
    let (status, size) = answer.trim().split_once(' ')?;
    status.parse::<u16>().ok()?;
    let path = request.split(' ').nth(1).unwrap_or("-").split('?').next()?;
    let route = path.replace("\\~", "\\\"");
    let bytes = if size == "-" { 0 } else { size.parse().ok()? };
    Some((
        line.split(' ').next()?,
        time,
        route,
        status.to_owned(),
        bytes,
        parts.len() % 2 == 0,
    ))
}

impl Plain {
    /// Returns the output of `metrics --json`, without the parts that differ between runs.
    pub(crate) fn json(&self) -> String {
        let statuses: Vec<_> = self
            .statuses
            .iter()
            .map(|(name, n)| format!("{name:?}:{n}"))
            .collect();
        format!(
            "{{\"requests\":{},\"bytes\":{},\"clients\":{},\"visits\":{},\"alerts\":{},\"truncated\":{},\"malformed\":{},\
             \"statuses\":{{{}}},\"top_clients\":[{}],\"top_routes\":[{}],",
            self.requests,
            self.bytes,
            self.clients.len(),
            self.visits,
            self.alerts,
            self.truncated,
            self.malformed,
            statuses.join(","),
            top("client", &self.clients),
            top("route", &self.routes),
        )
    }

    /// Returns the rows of the table of `metrics`, with single spaces, without the parts that differ between runs and
    /// the examples of bad lines.
    pub(crate) fn rows(&self) -> Vec<String> {
        let clients = self.clients.len() as u64;
        let figures = [
            ("requests", self.requests),
            ("bytes", self.bytes),
            ("clients", clients),
            ("visits", self.visits),
            ("alerts", self.alerts),
            ("truncated lines", self.truncated),
            ("malformed lines", self.malformed),
            ("unfinished lines", 0),
        ];
        let mut rows = figures
            .map(|(name, value)| format!("{name} {}", grouped(value)))
            .to_vec();
        let of = self.statuses.len();
        rows.extend([
            String::new(),
            format!("requests status (the first {of} of {of})"),
        ]);
        let statuses = self.statuses.iter();
        rows.extend(statuses.map(|(status, requests)| format!("{} {status}", grouped(*requests))));
        for (what, counts) in [("client", &self.clients), ("route", &self.routes)] {
            let of = counts.len();
            rows.extend([
                String::new(),
                format!("requests {what} (the first 10 of {of})"),
            ]);
            let ranking = ranking(counts);
            rows.extend(ranking.map(|(name, requests)| format!("{} {name}", grouped(requests))));
        }
        rows
    }
}

fn grouped(value: u64) -> String {
    if value < 1_000 {
        return value.to_string();
    }
    format!("{},{:03}", grouped(value / 1_000), value % 1_000)
}

fn top(what: &str, counts: &HashMap<String, u64>) -> String {
    let members: Vec<_> = ranking(counts)
        .map(|(name, count)| format!("{{\"{what}\":{name:?},\"requests\":{count}}}"))
        .collect();
    members.join(",")
}

fn ranking(counts: &HashMap<String, u64>) -> impl Iterator<Item = (&String, u64)> {
    let mut counts: Vec<_> = counts
        .iter()
        .map(|(name, &count)| (Reverse(count), name))
        .collect();
    counts.sort();
    let first = counts.into_iter().take(10);
    first.map(|(Reverse(count), name)| (name, count))
}

/// Counts the days one year and one month after the other.
fn seconds(time: &str) -> i64 {
    let number = |from: usize, to: usize| time[from..to].parse::<i64>().unwrap();
    let year = number(7, 11);
    let leap = |year: i64| i64::from(year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
    let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let lengths = [31, 28 + leap(year), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let month = months
        .iter()
        .position(|month| *month == &time[3..6])
        .unwrap();
    let days = (1970..year).map(|year| 365 + leap(year)).sum::<i64>()
        + lengths[..month].iter().sum::<i64>()
        + number(0, 2)
        - 1;
    assert_eq!(&time[21..], "+0000");
    days * 86_400 + number(12, 14) * 3_600 + number(15, 17) * 60 + number(18, 20)
}
