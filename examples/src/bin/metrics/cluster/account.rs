//! The server of one client, on any member.
//!
//! Its state depends only on the requests up to its last line. It never counts past a gap, so a server that has counted
//! the last line of its client has counted all of them, once. It does not matter how often they were sent.

use std::sync::atomic::{AtomicU64, Ordering};

use ambit::prelude::*;

use crate::ledger::{Account, Hit, Totals};

/// What the servers on this node have done. A static, because another node starts them: they cannot receive a handle of
/// this one.
pub(super) static SERVED: Served = Served {
    clients: AtomicU64::new(0),
    requests: AtomicU64::new(0),
};

/// Counts servers and requests.
#[derive(Debug)]
pub(super) struct Served {
    clients: AtomicU64,
    requests: AtomicU64,
}

impl Served {
    /// Returns the servers that were started here, and their requests so far.
    pub(super) fn now(&self) -> (u64, u64) {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (read(&self.clients), read(&self.requests))
    }
}

/// Counts the requests of one client.
pub(super) struct ClientAccount(Account);

/// The state of an account after the line with this number.
#[derive(Debug, Clone, Copy, ambit::Message)]
#[message(name = "metrics.counted")]
pub(super) struct Counted {
    pub(super) line: u64,
    pub(super) totals: Totals,
}

#[gen_server(remote = "metrics.client")]
impl ClientAccount {
    #[init]
    pub(super) fn init() -> Self {
        SERVED.clients.fetch_add(1, Ordering::Relaxed);
        Self(Account::default())
    }

    /// Counts the requests that follow the line `after` of this client; those that have been counted before are skipped.
    /// Does nothing if an earlier line is missing. The reply says which line is the last counted one.
    #[call]
    pub(super) fn count(&mut self, after: u64, hits: Vec<Hit>) -> Counted {
        let Self(account) = self;
        if account.line >= after {
            let before = account.totals.requests;
            account.count(&hits);
            let counted = account.totals.requests - before;
            SERVED.requests.fetch_add(counted, Ordering::Relaxed);
        }
        Counted {
            line: account.line,
            totals: account.totals,
        }
    }
}
