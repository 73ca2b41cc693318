//! The server of one client.
//!
//! It may be killed at any moment: what it has acknowledged is in the ledger, where its next life finds it, and what it has not
//! acknowledged will be sent again. Requests come in by call, so that whoever hands them over is held back while they are counted.

use std::sync::Arc;
use std::time::Duration;

use ambit::TableError;
use ambit::prelude::*;

use crate::account::Account;
use crate::figures::Hit;
use crate::ledger::Ledger;

/// Counts what one client does.
pub(crate) struct Client {
    name: Arc<[u8]>,
    account: Account,
    shared: Shared,
}

/// What the servers of all clients have in common.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) ledger: Ledger,
    /// How long a server without work is kept; `None`: as long as the tree stands.
    pub(crate) patience: Option<Duration>,
    /// Who is told that it has no work.
    pub(crate) idle: Recipient<Idle>,
}

/// This client's server had no work for as long as it is kept.
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

    /// Counts requests, in the order of their lines; they are in the ledger when this is answered.
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

    /// Says that nothing came; only who sends the requests knows that none is on its way, and ends the server.
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
            // Without a ledger there is nothing to hand over to.
            self.shared.ledger.close(&self.name).ok();
        }
    }

    fn wait_for_work(&self, ctx: &mut Context<Self>) {
        if let Some(patience) = self.shared.patience {
            ctx.idle_timeout(patience);
        }
    }
}
