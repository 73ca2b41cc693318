//! The server that numbers the lines and passes them to the other servers.
//!
//! It sends a client's server one message at a time and waits until all are acknowledged, so repeats after a crash
//! cannot be overtaken, and memory use stays constant. It alone sends lines to clients' servers, so it alone can end
//! one without losing any. There are no deadlines: a program that was stopped for a while continues where it was.

use std::collections::BTreeMap;

use ambit::prelude::*;
use ambit::table::TableError;

use crate::chaos::Chaos;
use crate::client::{Client, Idle};
use crate::cluster::Spread;
use crate::counter::Counter;
use crate::delivery::Delivery;
use crate::family::Family;
use crate::ledger::{Hit, Ledger};
use crate::parser::{Findings, Name};
use crate::report::Report;
use crate::{Job, MetricsSubject};

/// Feeds the servers, and starts the missing ones.
pub(crate) struct Feeder {
    clients: Family<Client>,
    routes: Family<Counter>,
    statuses: Family<Counter>,
    ledger: Ledger,
    chaos: Option<Chaos>,
    /// The servers of the clients, if they are on several members. Then there are none here.
    spread: Option<Spread>,
    /// The counts that the feeder itself maintains: lines, faults and repeats. The servers have the others.
    report: Report,
}

/// The reason why lines could not be passed on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FeedError {
    #[error("a server did not start: {0}")]
    Start(#[from] ChildError),
    #[error("a server did not answer: {0}")]
    Call(#[from] CallError),
    #[error("the accounts cannot be used: {0}")]
    Ledger(#[from] TableError),
    #[error("a server took no message: {0}")]
    Cast(#[from] CastError),
}

#[gen_server]
impl Feeder {
    #[init]
    pub(crate) fn init(ctx: &mut Context<Self>, tree: MetricsSubject, job: Job) -> Self {
        let (capacity, chaos, ledger) = (job.mailbox, job.chaos, job.ledger.clone());
        let reader = job.reader.as_ref();
        let spread = reader.map(|reader| Spread::new(reader, tree.clients()));
        let idle = ctx.recipient();
        let client = move |name: &Name| {
            let spec = Client::child_spec(name.clone(), job.clone(), idle.clone());
            spec.mailbox(capacity)
        };
        let counter = move |_: &Name| {
            let spec = ChildSpec::from_fn(|| Counter::default().start());
            spec.mailbox(capacity)
        };
        Self {
            clients: Family::new(tree.clients(), client),
            routes: Family::new(tree.counters(), counter),
            statuses: Family::new(tree.counters(), counter),
            ledger,
            chaos: chaos.map(Chaos::every),
            spread,
            report: Report::default(),
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
        let fed = self.pass_on(found).await;
        if let Err(error) = &fed {
            ctx.stop(ExitReason::error(error));
        }
        fed
    }

    /// Returns the counts so far.
    #[call]
    pub(crate) async fn collect(&mut self) -> Result<Report, FeedError> {
        let mut report = self.report.clone();
        match &mut self.spread {
            Some(spread) => spread.report(&mut report).await?,
            None => self.ledger.report(&mut report)?,
        }
        report.client_kills = self.chaos.as_ref().map_or(0, |chaos| chaos.kills);
        let statuses = requests(&self.statuses).await?;
        report.set_counts(&requests(&self.routes).await?, &statuses);
        Ok(report)
    }

    /// Ends an idle client's server; the next line of the client starts another one.
    #[info]
    async fn on_idle(&mut self, idle: Idle) {
        self.clients.retire(&idle.0).await;
    }

    async fn pass_on(&mut self, mut found: Findings) -> Result<(), FeedError> {
        let before = self.report.lines;
        self.report.lines += found.lines;
        for (line, fault) in found.faults {
            self.report.note_fault(before + line, fault);
        }
        for hit in found.clients.values_mut().flatten() {
            hit.line += before;
        }
        if let Some(spread) = &mut self.spread {
            add(&mut self.routes, found.routes).await?;
            add(&mut self.statuses, found.statuses).await?;
            return spread.count(found.clients, &mut self.report).await;
        }
        let sent = self.send(found.clients).await?;
        add(&mut self.routes, found.routes).await?;
        add(&mut self.statuses, found.statuses).await?;
        // The last one first: by then the others have been answered, and each wait costs a context switch.
        for delivery in sent.into_iter().rev() {
            self.report.repeated_lines += delivery.confirm().await? as u64;
        }
        match &mut self.chaos {
            Some(chaos) => chaos.recover().await,
            None => Ok(()),
        }
    }

    /// Sends requests to the servers of their clients.
    async fn send(
        &mut self,
        requests: BTreeMap<Name, Vec<Hit>>,
    ) -> Result<Vec<Delivery>, FeedError> {
        let mut sent = Vec::with_capacity(requests.len());
        for (name, hits) in requests {
            let client = self.clients.find(&name).await?;
            sent.push(Delivery::begin(client, hits.into()));
            if let Some(chaos) = &mut self.chaos {
                chaos.after(&sent).await?;
            }
        }
        Ok(sent)
    }
}

async fn add(to: &mut Family<Counter>, counts: BTreeMap<Name, u64>) -> Result<(), FeedError> {
    for (name, requests) in counts {
        let counter = to.find(&name).await?;
        counter.add(requests).no_timeout().await?;
    }
    Ok(())
}

async fn requests(of: &Family<Counter>) -> Result<Vec<(Name, u64)>, CallError> {
    let mut counts = Vec::new();
    for (name, counter) in &of.members {
        counts.push((name.clone(), counter.requests().no_timeout().await?));
    }
    Ok(counts)
}
