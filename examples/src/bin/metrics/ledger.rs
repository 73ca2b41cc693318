//! What outlives the servers' crashes: every client's account as of the last acknowledged line.
//!
//! A table, because the clients' servers come and go: they are killed, restarted, and ended when nothing comes. Each opens its account
//! when it starts, enters what it has counted before it says so to anybody, and closes the account when it ends in order. So whatever was
//! acknowledged is here, and an account that is opened while it is open belongs to a server that was restarted. Nobody has to be asked:
//! an account is written by its client's server alone, and read by whoever adds them up.

use std::sync::Arc;

use ambit::table::Access;
use ambit::{Table, TableError};

use crate::account::{Account, Entry};
use crate::figures::Totals;

/// Holds the accounts of all clients, as long as the process lives that has made it.
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

/// What the ledger holds at one moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Balance {
    pub(crate) clients: Vec<(Arc<[u8]>, Totals)>,
    /// How often a client's server was started after one that did not end in order.
    pub(crate) restarts: u64,
    /// How often one ended in order.
    pub(crate) hand_overs: u64,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let accounts = Table::builder().access(Access::Public).create();
        Self {
            accounts: accounts.expect("a public table without a name needs nobody's leave"),
        }
    }

    /// Gives a client's server what it starts from.
    pub(crate) fn open(&self, client: Arc<[u8]>) -> Result<Account, TableError> {
        self.accounts.upsert(client, Held::default, |held| {
            held.restarts += u64::from(held.is_open);
            held.is_open = true;
            held.account.clone()
        })
    }

    /// Enters what a client's server has counted.
    pub(crate) fn enter(&self, client: &Arc<[u8]>, entry: Entry) -> Result<(), TableError> {
        let entered = self
            .accounts
            .update(client, |held| held.account.follow(entry))?;
        entered.ok_or(TableError::Gone)
    }

    /// Takes an account over from a server that ends.
    pub(crate) fn close(&self, client: &Arc<[u8]>) -> Result<(), TableError> {
        let close = |held: &mut Held| {
            held.is_open = false;
            held.hand_overs += 1;
        };
        self.accounts.update(client, close).map(drop)
    }

    /// What is in it now.
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
