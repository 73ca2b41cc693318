//! The server that numbers the lines and passes them to the other servers.
//!
//! A separate module from the parsing, because only the feeder knows which lines have been acknowledged. It sends a
//! client's server one message at a time and waits until all are acknowledged, so repeats after a crash cannot be
//! overtaken, and memory use stays constant. It alone sends lines to clients' servers, so it alone can end one without
//! losing any. There are no deadlines: a program that was stopped for a while continues where it was.

use std::collections::BTreeMap;
use std::sync::Arc;

use ambit::prelude::*;
use ambit::table::TableError;

use crate::chaos::Chaos;
use crate::client::{Client, Idle, Shared};
use crate::counter::Counter;
use crate::delivery::{Delivery, DeliveryError};
use crate::family::Family;
use crate::faults::Faults;
use crate::figures::Hit;
use crate::ledger::Ledger;
use crate::report::{Counted, Upkeep};
use crate::sheet::{Findings, Groups};
use crate::tree::{MetricsSubject, Settings};

/// Feeds the servers, and starts the missing ones.
pub(crate) struct Feeder {
    clients: Family<Arc<[u8]>, Client>,
    routes: Family<Arc<[u8]>, Counter>,
    statuses: Family<u16, Counter>,
    ledger: Ledger,
    chaos: Option<Chaos>,
    faults: Faults,
    /// The number of lines so far.
    lines: u64,
    repeated: u64,
}

/// The reason why lines could not be passed on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("a server did not start: {0}")]
    Start(#[from] ChildError),
    #[error("a server did not answer: {0}")]
    Call(#[from] CallError),
    #[error(transparent)]
    Delivery(#[from] DeliveryError),
    #[error("the accounts are gone: {0}")]
    Ledger(#[from] TableError),
    #[error("a server took no message: {0}")]
    Cast(#[from] CastError),
}

#[gen_server]
impl Feeder {
    #[init]
    pub(crate) fn init(
        ctx: &mut Context<Self>,
        tree: MetricsSubject,
        ledger: Ledger,
        settings: Settings,
    ) -> Self {
        let shared = Shared {
            ledger: ledger.clone(),
            patience: settings.patience,
            idle: ctx.recipient(),
        };
        let room = settings.mailbox.get();
        let client =
            move |name: &Arc<[u8]>| Client::child_spec(name.clone(), shared.clone()).mailbox(room);
        Self {
            clients: Family::new(tree.clients(), client),
            routes: Family::new(tree.counters(), move |_| counter(room)),
            statuses: Family::new(tree.counters(), move |_| counter(room)),
            ledger,
            chaos: settings.chaos.map(Chaos::every),
            faults: Faults::default(),
            lines: 0,
            repeated: 0,
        }
    }

    /// Passes on the findings of some lines; they have been counted when this returns. An error ends the tree, because
    /// incomplete figures would be misleading.
    #[call]
    pub(crate) async fn feed(
        &mut self,
        ctx: &mut Context<Self>,
        found: Findings,
    ) -> Result<(), FeedError> {
        let fed = self.hand_over(found).await;
        if let Err(error) = &fed {
            ctx.stop(ExitReason::error(error));
        }
        fed
    }

    /// Returns the counts so far.
    #[call]
    pub(crate) async fn collect(&mut self) -> Result<Counted, FeedError> {
        let balance = self.ledger.balance()?;
        let mut counted = Counted {
            lines: self.lines,
            clients: balance.clients,
            faults: self.faults.clone(),
            upkeep: Upkeep {
                kills: self.chaos.as_ref().map_or(0, Chaos::kills),
                restarts: balance.restarts,
                repeated: self.repeated,
                hand_overs: balance.hand_overs,
                ..Upkeep::default()
            },
            ..Counted::default()
        };
        for (name, route) in self.routes.members() {
            let requests = route.requests().no_timeout().await?;
            counted.routes.push((name.clone(), requests));
        }
        for (code, status) in self.statuses.members() {
            let requests = status.requests().no_timeout().await?;
            counted.statuses.push((*code, requests));
        }
        Ok(counted)
    }

    /// Ends an idle client's server; the next line of the client starts another one.
    #[info]
    async fn on_idle(&mut self, idle: Idle) {
        self.clients.retire(&idle.0).await;
    }

    async fn hand_over(&mut self, found: Findings) -> Result<(), FeedError> {
        let before = self.lines;
        self.lines += found.lines as u64;
        for (line, fault) in found.faults {
            self.faults.note(before + line, fault);
        }
        let sent = self.send(found.clients, before).await?;
        self.count(found.routes, found.statuses).await?;
        // The last one first: by then the others have been answered, and each wait costs a context switch.
        for delivery in sent.into_iter().rev() {
            self.repeated += delivery.confirm().await? as u64;
        }
        match &mut self.chaos {
            Some(chaos) => Ok(chaos.recover().await?),
            None => Ok(()),
        }
    }

    /// Numbers requests from the line after `before` on, and sends them.
    async fn send(
        &mut self,
        requests: Groups<Vec<Hit>>,
        before: u64,
    ) -> Result<Vec<Delivery>, FeedError> {
        let clients = self.clients.find(requests.names()).await?;
        let mut sent = Vec::with_capacity(clients.len());
        for (client, mut hits) in clients.into_iter().zip(requests.into_values()) {
            for hit in &mut hits {
                hit.line += before;
            }
            sent.push(Delivery::begin(client, hits.into()));
            if let Some(chaos) = &mut self.chaos {
                chaos.after(&sent, self.clients.members()).await?;
            }
        }
        Ok(sent)
    }

    async fn count(
        &mut self,
        routes: Groups<u64>,
        statuses: BTreeMap<u16, u64>,
    ) -> Result<(), FeedError> {
        let found = self.routes.find(routes.names()).await?;
        for (route, requests) in found.into_iter().zip(routes.into_values()) {
            route.add(requests).no_timeout().await?;
        }
        let found = self.statuses.find(statuses.keys()).await?;
        for (status, requests) in found.into_iter().zip(statuses.into_values()) {
            status.add(requests).no_timeout().await?;
        }
        Ok(())
    }
}

fn counter(room: usize) -> ChildSpec<Counter> {
    ChildSpec::from_fn(|| Counter::default().start()).mailbox(room)
}
