//! The supervision tree: the start order, and the children that are restarted.
//!
//! Two kinds of servers are expected to crash, and their supervisors restart them: parsers, with one crash per
//! malformed line, and clients' servers, with one per kill. All others hold state that exists nowhere else, so the two
//! trees restart nothing: when one of their own children ends, they stop the others in reverse start order, and end.

use ambit::supervisor::PartitionSupervisor;
use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use tokio::net::TcpListener;

use crate::feeder::Feeder;
use crate::ledger::Ledger;
use crate::parser::{Parser, Starts};
use crate::producer;

/// The number of parsers. One stream uses one of them.
pub(crate) const PARSERS: usize = 2;

/// The settings of the servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// The mailbox capacity of a server.
    pub(crate) mailbox: NonZeroUsize,
    /// The number of lines after which a client's server is killed.
    pub(crate) chaos: Option<NonZeroU64>,
    /// How long an idle client's server is kept.
    pub(crate) patience: Option<Duration>,
}

/// Counts lines.
pub(crate) struct Metrics {
    pub(crate) settings: Settings,
    pub(crate) starts: Starts,
    /// Outlives the servers whose accounts it holds.
    pub(crate) ledger: Ledger,
}

#[supervisor(restarts = 0)]
impl Metrics {
    /// One server per client.
    #[child]
    pub(crate) fn clients(&self) -> ChildSpec<DynamicSupervisor> {
        let builder = DynamicSupervisor::builder();
        match self.settings.chaos {
            Some(_) => without_limit(|n, time| builder.restarts(n, time)).child_spec(),
            None => builder.child_spec(),
        }
    }

    /// One server per route and per status.
    #[child]
    pub(crate) fn counters(&self) -> ChildSpec<DynamicSupervisor> {
        let none = DynamicSupervisor::builder().restarts(0, Duration::from_secs(5));
        none.child_spec()
    }

    /// Reads the lines.
    #[child]
    pub(crate) fn parsers(&self) -> ChildSpec<PartitionSupervisor<Parser>> {
        let starts = self.starts.clone();
        let builder = PartitionSupervisor::builder(move |_| Parser::child_spec(starts.clone()));
        let builder = builder.partitions(PARSERS);
        without_limit(|n, time| builder.restarts(n, time)).child_spec()
    }

    /// Distributes the lines.
    #[child]
    pub(crate) fn feeder(&self, tree: &MetricsSubject) -> ChildSpec<Feeder> {
        Feeder::child_spec(tree.clone(), self.ledger.clone(), self.settings.clone())
    }
}

/// Allows more restarts than can happen. A limit here would be one on the input: the feeder continues after each line,
/// so a log full of broken lines is read to its end, and the table reports them. The window is short, because the
/// supervisor keeps the restarts within it in memory.
fn without_limit<B>(restarts: impl FnOnce(u32, Duration) -> B) -> B {
    restarts(u32::MAX, Duration::from_millis(1))
}

/// Counts the lines of producers that connect to a port.
pub(crate) struct Service {
    pub(crate) settings: Settings,
    pub(crate) starts: Starts,
    pub(crate) listener: Arc<TcpListener>,
}

#[supervisor(restarts = 0)]
impl Service {
    /// Counts the lines.
    #[child]
    pub(crate) fn metrics(&self) -> ChildSpec<Metrics> {
        let (settings, starts) = (self.settings.clone(), self.starts.clone());
        Metrics::child_spec(move || Metrics {
            settings: settings.clone(),
            starts: starts.clone(),
            ledger: Ledger::new(),
        })
    }

    /// One process per connection.
    #[child]
    pub(crate) fn producers(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }

    /// Accepts producers.
    #[child]
    pub(crate) fn door(&self, service: &ServiceSubject) -> ChildSpec<Task<()>> {
        let (listener, service) = (self.listener.clone(), service.clone());
        ChildSpec::task("door", move || {
            producer::let_in(listener.clone(), service.clone())
        })
    }
}
