//! The server of one client.
//!
//! It may be killed at any moment: acknowledged requests are in the ledger, where the restarted server finds them, and
//! the others are sent again. Requests arrive by call, so that the sender waits while they are counted.

use std::sync::Arc;

use ambit::prelude::*;
use ambit::table::TableError;

use crate::Job;
use crate::ledger::Hit;
use crate::parser::Name;

/// Counts the requests of one client.
pub(crate) struct Client {
    name: Name,
    job: Job,
    /// The recipient of idle notifications.
    idle: Recipient<Idle>,
}

/// The server of this client has been idle for that time.
#[derive(Debug, Clone, ambit::Message)]
pub(crate) struct Idle(pub(crate) Name);

#[gen_server]
impl Client {
    #[init]
    pub(crate) fn init(
        ctx: &mut Context<Self>,
        name: Name,
        job: Job,
        idle: Recipient<Idle>,
    ) -> Result<Self, TableError> {
        job.ledger.open(name.clone())?;
        let client = Self { name, job, idle };
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
        self.job.ledger.count(&self.name, &hits)
    }

    /// Reports that the server is idle. Only the sender knows that no requests are on their way, and ends the server.
    #[info]
    fn on_idle(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        let idle = Idle(self.name.clone());
        if self.idle.send(idle).now().is_err() {
            self.wait_for_work(ctx);
        }
    }

    #[terminate]
    fn hand_over(&mut self, reason: &ExitReason) {
        if reason.is_clean() {
            // Without a ledger there is nothing to close.
            self.job.ledger.close(&self.name).ok();
        }
    }

    fn wait_for_work(&self, ctx: &mut Context<Self>) {
        if let Some(time) = self.job.idle {
            ctx.idle_timeout(time);
        }
    }
}
