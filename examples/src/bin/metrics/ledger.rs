//! The state that survives crashes: every client's account as of the last acknowledged line.
//!
//! A table, because clients' servers start and end: they are killed, restarted, and ended when idle. Each opens its
//! account when it starts, enters its counts before it acknowledges them, and closes the account when it stops. So
//! everything acknowledged is here, and opening an open account means that its server was restarted. No request is
//! needed: an account is written only by its client's server, and read by the feeder.

use std::sync::Arc;

use ambit::table::Access;
use ambit::table::{Table, TableError};

use crate::account::{Account, Entry};
use crate::figures::Totals;

/// The accounts of all clients; it exists as long as the process that created it.
#[derive(Debug, Clone)]
pub(crate) struct Ledger {
    accounts: Table<Arc<[u8]>, Held>,
}

#[derive(Debug, Clone, Default)]
struct Held {
    account: Account,
    is_open: bool,
    restarts: u64,
    hand_overs: u64,
}

/// The content of the ledger at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Balance {
    pub(crate) clients: Vec<(Arc<[u8]>, Totals)>,
    /// The number of restarted servers, whose predecessor did not close its account.
    pub(crate) restarts: u64,
    /// The number of servers that closed their account.
    pub(crate) hand_overs: u64,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let accounts = Table::builder().access(Access::Public).create();
        Self {
            accounts: accounts.expect("a public table without a name needs nobody's leave"),
        }
    }

    /// Returns the account from which a client's server starts.
    pub(crate) fn open(&self, client: Arc<[u8]>) -> Result<Account, TableError> {
        self.accounts.upsert(client, Held::default, |held| {
            held.restarts += u64::from(held.is_open);
            held.is_open = true;
            held.account.clone()
        })
    }

    /// Enters the counts of a client's server.
    pub(crate) fn enter(&self, client: &Arc<[u8]>, entry: Entry) -> Result<(), TableError> {
        let entered = self
            .accounts
            .update(client, |held| held.account.follow(entry))?;
        entered.ok_or(TableError::Gone)
    }

    /// Closes the account of a server that stops.
    pub(crate) fn close(&self, client: &Arc<[u8]>) -> Result<(), TableError> {
        let close = |held: &mut Held| {
            held.is_open = false;
            held.hand_overs += 1;
        };
        self.accounts.update(client, close).map(drop)
    }

    /// Returns its current content.
    pub(crate) fn balance(&self) -> Result<Balance, TableError> {
        let mut balance = Balance::default();
        for (client, held) in self.accounts.entries()? {
            balance.clients.push((client, held.account.totals()));
            balance.restarts += held.restarts;
            balance.hand_overs += held.hand_overs;
        }
        Ok(balance)
    }
}
