//! The figures of one client.
//!
//! A separate module from its server, because it is pure: requests change the figures, with no clock but the log's.
//! Lines may be out of order; the counts do not depend on the order, except for visits, which are defined by the order
//! of arrival.

use std::collections::BTreeMap;
use std::iter::Sum;

/// The maximum number of seconds between two lines of the same visit.
const VISIT_GAP: i64 = 1_800;
/// The number of requests per minute above which an alert is raised.
const ALERT_ABOVE: u32 = 20;

/// The message about one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    /// The number of its line: unique and increasing for each client.
    pub(crate) line: u64,
    pub(crate) time: i64,
    pub(crate) bytes: u64,
}

/// All figures of one client.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    totals: Totals,
    visit: Option<Visit>,
    /// Requests in each minute of log time. A late line may still belong to any minute, so none can be dropped: the map
    /// grows with the minutes in which the client was seen, not with its lines, and not when the same log is fed again.
    minutes: BTreeMap<i64, u32>,
}

/// The changes that some requests made to the figures: small, however large the figures are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Change {
    totals: Totals,
    visit: Option<Visit>,
    minutes: Vec<(i64, u32)>,
}

/// The visit that the client's next line continues or ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Visit {
    /// The time of its first line.
    began: i64,
    /// The latest time so far, regardless of the order of lines.
    latest: i64,
    requests: u64,
}

/// The figures that can be summed over clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) visits: u64,
    pub(crate) alerts: u64,
}

impl Figures {
    /// Counts one request.
    pub(crate) fn note(&mut self, hit: Hit) {
        self.totals.requests += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(hit.bytes);
        self.note_visit(hit.time);
        self.note_minute(hit.minute());
    }

    /// Returns the changes of these requests, which have just been counted.
    pub(crate) fn change_of(&self, hits: &[Hit]) -> Change {
        let mut minutes: Vec<_> = hits.iter().map(Hit::minute).collect();
        minutes.dedup();
        let counts = |minute| (minute, self.minutes.get(&minute).copied().unwrap_or(0));
        Change {
            totals: self.totals,
            visit: self.visit,
            minutes: minutes.into_iter().map(counts).collect(),
        }
    }

    /// Applies a change of figures that were equal to these.
    pub(crate) fn follow(&mut self, change: Change) {
        self.totals = change.totals;
        self.visit = change.visit;
        self.minutes.extend(change.minutes);
    }

    /// Returns the totals so far.
    pub(crate) fn totals(&self) -> Totals {
        self.totals
    }

    fn note_visit(&mut self, time: i64) {
        match &mut self.visit {
            Some(visit) if time - visit.latest <= VISIT_GAP => {
                visit.latest = visit.latest.max(time);
                visit.requests += 1;
            }
            visit => {
                *visit = Some(Visit {
                    began: time,
                    latest: time,
                    requests: 1,
                });
                self.totals.visits += 1;
            }
        }
    }

    fn note_minute(&mut self, minute: i64) {
        let requests = self.minutes.entry(minute).or_default();
        // Counting stops one step beyond the limit, so the count cannot overflow.
        if *requests <= ALERT_ABOVE {
            *requests += 1;
            self.totals.alerts += u64::from(*requests > ALERT_ABOVE);
        }
    }
}

impl Hit {
    fn minute(&self) -> i64 {
        self.time.div_euclid(60)
    }
}

impl Sum for Totals {
    fn sum<I: Iterator<Item = Self>>(clients: I) -> Self {
        clients.fold(Self::default(), |all, client| Self {
            requests: all.requests + client.requests,
            bytes: all.bytes.saturating_add(client.bytes),
            visits: all.visits + client.visits,
            alerts: all.alerts + client.alerts,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(times: impl IntoIterator<Item = i64>) -> Figures {
        let mut figures = Figures::default();
        for time in times {
            let (line, bytes) = (1, 10);
            figures.note(Hit { line, time, bytes });
        }
        figures
    }

    #[test]
    fn requests_and_bytes_add_up() {
        let totals = after([0, 1, 2]).totals();
        assert_eq!((totals.requests, totals.bytes), (3, 30));
    }

    #[test]
    fn a_visit_ends_after_more_than_half_an_hour_of_silence() {
        assert_eq!(after([0, 1_800, 3_600]).totals().visits, 1);
        assert_eq!(after([0, 1_801, 3_602]).totals().visits, 3);
    }

    #[test]
    fn silence_is_measured_from_the_latest_line_not_from_the_last_one_read() {
        let figures = after([5_000, 100, 6_500]);
        assert_eq!(figures.totals().visits, 1);
        assert_eq!(
            figures.visit,
            Some(Visit {
                began: 5_000,
                latest: 6_500,
                requests: 3
            })
        );
    }

    #[test]
    fn a_minute_raises_one_alert_with_its_twenty_first_request() {
        assert_eq!(after((0..20).map(|_| 59)).totals().alerts, 0);
        assert_eq!(after((0..21).map(|_| 59)).totals().alerts, 1);
        assert_eq!(after((0..500).map(|_| 59)).totals().alerts, 1);
        assert_eq!(after((0..42).map(|n| 30 + n % 2 * 60)).totals().alerts, 2);
    }

    #[test]
    fn minutes_are_those_of_the_clock_and_do_not_care_about_order() {
        assert_eq!(after((0..40).map(|n| 40 + n)).totals().alerts, 0);
        assert_eq!(after((-30..0).map(|n| n / 2)).totals().alerts, 1);
        let mixed = (0..63).map(|n| n % 3 * 60 + n / 3);
        assert_eq!(after(mixed).totals().alerts, 3);
    }

    #[test]
    fn feeding_the_same_lines_again_needs_no_more_room_and_begins_no_visit() {
        let once = after((0..1_000).map(|n| n * 7));
        let often = after((0..1_000).map(|n| n * 7).cycle().take(50_000));
        assert_eq!(once.minutes.len(), often.minutes.len());
        assert_eq!(once.totals().visits, often.totals().visits);
    }
}
