//! The server of one client.
//!
//! It may be killed at any moment: acknowledged requests are in the ledger, where the restarted server finds them, and
//! the others are sent again. Requests arrive by call, so that the sender waits while they are counted.

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::table::TableError;

use crate::account::Account;
use crate::figures::Hit;
use crate::ledger::Ledger;

/// Counts the requests of one client.
pub(crate) struct Client {
    name: Arc<[u8]>,
    account: Account,
    shared: Shared,
}

/// State that the servers of all clients share.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    /// How long an idle server is kept; `None`: as long as the tree runs.
    pub(crate) patience: Option<Duration>,
    /// The recipient of idle notifications.
    pub(crate) idle: Recipient<Idle>,
}

/// The server of this client has been idle for that time.
#[derive(Debug, Clone, ambit::Message)]
pub(crate) struct Idle(pub(crate) Arc<[u8]>);

#[gen_server]
impl Client {
    #[init]
    pub(crate) fn init(
        ctx: &mut Context<Self>,
        name: Arc<[u8]>,
        shared: Shared,
    ) -> Result<Self, TableError> {
        let account = shared.ledger.open(name.clone())?;
        let client = Self {
            name,
            account,
            shared,
        };
        client.wait_for_work(ctx);
        Ok(client)
    }

    /// Counts requests, in line order; they are in the ledger when this returns.
    #[call]
    pub(crate) fn count(
        &mut self,
        ctx: &mut Context<Self>,
        hits: Arc<[Hit]>,
    ) -> Result<(), TableError> {
        self.wait_for_work(ctx);
        let Some(entry) = self.account.count(&hits) else {
            return Ok(());
        };
        self.shared.ledger.enter(&self.name, entry)
    }

    /// Reports that the server is idle. Only the sender knows that no requests are on their way, and ends the server.
    #[info]
    fn on_idle(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        if self
            .shared
            .idle
            .send(Idle(self.name.clone()))
            .now()
            .is_err()
        {
            self.wait_for_work(ctx);
        }
    }

    #[terminate]
    fn hand_over(&mut self, reason: &ExitReason) {
        if reason.is_clean() {
            // Without a ledger there is nothing to close.
            self.shared.ledger.close(&self.name).ok();
        }
    }

    fn wait_for_work(&self, ctx: &mut Context<Self>) {
        if let Some(patience) = self.shared.patience {
            ctx.idle_timeout(patience);
        }
    }
}
