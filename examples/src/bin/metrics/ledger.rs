//! The state that survives crashes: every client's account as of the last acknowledged line.
//!
//! A table, because clients' servers start and end: they are killed, restarted, and ended when idle. Each opens its
//! account when it starts, counts in it, and closes it when it stops. So everything acknowledged is here, and opening
//! an open account means that its server was restarted.

use std::collections::BTreeMap;

use ambit::table::Access;
use ambit::table::{Table, TableError};

use crate::parser::Name;
use crate::report::Report;

/// The maximum number of seconds between two lines of the same visit.
const VISIT_GAP: i64 = 1_800;
/// The number of requests per minute above which an alert is raised.
const ALERT_ABOVE: u32 = 20;

/// One request of a client.
#[derive(Debug, Clone, Copy)]
#[cfg_attr(
    feature = "cluster",
    derive(ambit::Message),
    message(name = "metrics.hit")
)]
pub(crate) struct Hit {
    /// The number of its line: unique and increasing for each client.
    pub(crate) line: u64,
    pub(crate) time: i64,
    pub(crate) bytes: u64,
}

/// The figures that can be summed over clients.
#[derive(Debug, Clone, Copy, Default)]
#[cfg_attr(
    feature = "cluster",
    derive(ambit::Message),
    message(name = "metrics.totals")
)]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) bytes: u64,
    pub(crate) visits: u64,
    pub(crate) alerts: u64,
}

/// The figures of one client, with no clock but the log's. Lines may be out of order; only visits depend on the order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Account {
    /// The last counted line; lines are numbered from 1.
    pub(crate) line: u64,
    pub(crate) totals: Totals,
    /// The latest time of the current visit.
    latest: Option<i64>,
    /// Requests in each minute. A late line may belong to any minute, so none can be dropped: the map grows with the
    /// minutes in which the client was seen, not with its lines.
    minutes: BTreeMap<i64, u32>,
    is_open: bool,
    restarts: u64,
    hand_overs: u64,
}

/// The accounts of all clients; it exists as long as the process that created it.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    accounts: Table<Name, Account>,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let accounts = Table::builder().access(Access::Public).create();
        Self {
            accounts: accounts.expect("a public table without a name can always be created"),
        }
    }

    /// Opens the account of a client whose server starts.
    pub(crate) fn open(&self, client: Name) -> Result<(), TableError> {
        self.accounts.upsert(client, Account::default, |account| {
            account.restarts += u64::from(account.is_open);
            account.is_open = true;
        })
    }

    /// Counts the requests of a client, in line order. Those that have been counted before are skipped, so a repeated
    /// message changes nothing.
    pub(crate) fn count(&self, client: &Name, hits: &[Hit]) -> Result<(), TableError> {
        let counted = self
            .accounts
            .update(client, |account| account.count(hits))?;
        counted.ok_or(TableError::Gone)
    }

    /// Closes the account of a server that stops.
    pub(crate) fn close(&self, client: &Name) -> Result<(), TableError> {
        let close = |account: &mut Account| {
            account.is_open = false;
            account.hand_overs += 1;
        };
        self.accounts.update(client, close).map(drop)
    }

    /// Adds its current content to a report.
    pub(crate) fn report(&self, report: &mut Report) -> Result<(), TableError> {
        let accounts = self.accounts.entries()?;
        for (_, account) in &accounts {
            report.client_restarts += account.restarts;
            report.client_hand_overs += account.hand_overs;
        }
        let totals = accounts
            .into_iter()
            .map(|(name, account)| (name, account.totals));
        report.set_clients(&totals.collect::<Vec<_>>());
        Ok(())
    }
}

impl Account {
    /// Counts requests in line order, except those that have been counted before.
    pub(crate) fn count(&mut self, hits: &[Hit]) {
        let known = hits.partition_point(|hit| hit.line <= self.line);
        for hit in &hits[known..] {
            self.line = hit.line;
            self.totals.requests += 1;
            self.totals.bytes = self.totals.bytes.saturating_add(hit.bytes);
            let latest = self.latest.filter(|latest| hit.time - latest <= VISIT_GAP);
            self.totals.visits += u64::from(latest.is_none());
            self.latest = Some(latest.map_or(hit.time, |latest| latest.max(hit.time)));
            let minute = self.minutes.entry(hit.time.div_euclid(60)).or_default();
            *minute = minute.saturating_add(1);
            self.totals.alerts += u64::from(*minute == ALERT_ABOVE + 1);
        }
    }
}
