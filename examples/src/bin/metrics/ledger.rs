//! The server that outlives the others' crashes: it holds every client's account as of the last acknowledged line.
//!
//! Apart from the clients' servers because they come and go: they are killed, restarted, and ended when nothing comes. Each opens its
//! account when it starts, enters what it has counted before it says so to anybody, and closes the account when it ends in order. So
//! whatever was acknowledged is here, and an account that is opened while it is open belongs to a server that was restarted.

use std::collections::HashMap;
use std::sync::Arc;

use ambit::prelude::*;

use crate::account::{Account, Entry};
use crate::figures::Totals;

/// Holds the accounts of all clients.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    accounts: HashMap<Arc<[u8]>, Held>,
    restarts: u64,
    hand_overs: u64,
}

#[derive(Debug, Default)]
struct Held {
    account: Account,
    is_open: bool,
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

#[gen_server]
impl Ledger {
    /// Gives a client's server what it starts from.
    #[call]
    pub(crate) fn open(&mut self, client: Arc<[u8]>) -> Account {
        let held = self.accounts.entry(client).or_default();
        self.restarts += u64::from(held.is_open);
        held.is_open = true;
        held.account.clone()
    }

    /// Enters what a client's server has counted.
    #[call]
    pub(crate) fn enter(&mut self, client: Arc<[u8]>, entry: Entry) {
        let held = self.accounts.entry(client).or_default();
        held.account.follow(entry);
    }

    /// Takes an account over from a server that ends.
    #[call]
    pub(crate) fn close(&mut self, client: Arc<[u8]>) {
        self.accounts.entry(client).or_default().is_open = false;
        self.hand_overs += 1;
    }

    /// What is in it now.
    #[call]
    pub(crate) fn balance(&self) -> Balance {
        let totals = |(client, held): (&Arc<[u8]>, &Held)| (client.clone(), held.account.totals());
        Balance {
            clients: self.accounts.iter().map(totals).collect(),
            restarts: self.restarts,
            hand_overs: self.hand_overs,
        }
    }
}
