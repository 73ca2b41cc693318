//! The account that the ledger holds of a client, and from which its server starts: the figures, and the last counted
//! line.
//!
//! A separate module, because server and ledger must agree: the server counts requests and returns the changes, the
//! ledger follows. The line number makes repeats harmless: a line that has been counted is not counted again.

use crate::figures::{Change, Figures, Hit, Totals};

/// The figures of one client up to a line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Account {
    /// The last counted line; lines are numbered from 1.
    line: u64,
    figures: Figures,
}

/// A ledger entry for counted requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    line: u64,
    change: Change,
}

impl Account {
    /// Counts those requests, in line order, that have not been counted yet; returns `None` if there are none.
    pub(crate) fn count(&mut self, hits: &[Hit]) -> Option<Entry> {
        let known = hits.partition_point(|hit| hit.line <= self.line);
        let new = &hits[known..];
        self.line = new.last()?.line;
        for hit in new {
            self.figures.note(*hit);
        }
        Some(Entry {
            line: self.line,
            change: self.figures.change_of(new),
        })
    }

    /// Applies the entry of an account that was equal to this one.
    pub(crate) fn follow(&mut self, entry: Entry) {
        self.line = entry.line;
        self.figures.follow(entry.change);
    }

    /// Returns the totals so far.
    pub(crate) fn totals(&self) -> Totals {
        self.figures.totals()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns requests in several visits, many of them late.
    fn hits(lines: std::ops::Range<u64>) -> Vec<Hit> {
        let hit = |line: u64| Hit {
            line,
            time: (line * 7_919 % 10_000 + line / 100 * 20_000) as i64,
            bytes: line,
        };
        lines.map(hit).collect()
    }

    #[test]
    fn an_account_that_follows_is_the_same_account() {
        let (mut server, mut ledger) = (Account::default(), Account::default());
        for first in (1..600).step_by(7) {
            ledger.follow(server.count(&hits(first..first + 7)).unwrap());
            assert_eq!(server, ledger);
        }
        assert!(server.totals().visits > 1);
    }

    #[test]
    fn what_has_been_counted_is_not_counted_again() {
        let (mut once, mut again) = (Account::default(), Account::default());
        once.count(&hits(1..60));
        again.count(&hits(1..40));
        assert_eq!(again.count(&hits(1..40)), None);
        assert_eq!(again.count(&hits(20..40)), None);
        again.count(&hits(20..60));
        assert_eq!(once, again);
        assert_eq!(again.count(&[]), None);
    }
}
