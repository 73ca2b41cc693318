//! The supervision tree: who starts whom, who restarts whom, and who is restarted at no price.
//!
//! Two kinds of servers are expected to crash, and their supervisors bear it: parsers, one crash for each malformed line, and clients'
//! servers, one for each kill. Everybody else holds something that exists nowhere else, so the two trees restart nothing: if one of
//! their own children ends, they stop the others in the reverse order of their starts, and end.

use std::num::{NonZeroU64, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use tokio::net::TcpListener;

use crate::feeder::Feeder;
use crate::ledger::Ledger;
use crate::parser::{Parser, Starts};
use crate::producer;

/// How many parsers there are. One stream keeps one busy.
pub(crate) const PARSERS: usize = 2;

/// How the servers are to behave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Settings {
    /// How many messages may wait at one server.
    pub(crate) mailbox: NonZeroUsize,
    /// After how many lines a client's server is killed.
    pub(crate) chaos: Option<NonZeroU64>,
    /// How long a client's server without work is kept.
    pub(crate) patience: Option<Duration>,
}

/// Counts lines.
pub(crate) struct Metrics {
    pub(crate) settings: Settings,
    pub(crate) starts: Starts,
    /// Outlives those whose accounts it holds.
    pub(crate) ledger: Ledger,
}

#[supervisor(restarts = 0)]
impl Metrics {
    /// A server per client.
    #[child]
    pub(crate) fn clients(&self) -> ChildSpec<DynamicSupervisor> {
        let builder = DynamicSupervisor::builder();
        match self.settings.chaos {
            Some(_) => without_limit(|n, time| builder.restarts(n, time)).child_spec(),
            None => builder.child_spec(),
        }
    }

    /// A server per route and per status.
    #[child]
    pub(crate) fn counters(&self) -> ChildSpec<DynamicSupervisor> {
        let none = DynamicSupervisor::builder().restarts(0, Duration::from_secs(5));
        none.child_spec()
    }

    /// Reads the lines.
    #[child]
    pub(crate) fn parsers(&self) -> ChildSpec<Partitioned<Parser>> {
        let starts = self.starts.clone();
        let builder = Partitioned::builder(move |_| Parser::child_spec(starts.clone()));
        let builder = builder.partitions(PARSERS);
        without_limit(|n, time| builder.restarts(n, time)).child_spec()
    }

    /// Hands the lines out.
    #[child]
    pub(crate) fn feeder(&self, tree: &MetricsSubject) -> ChildSpec<Feeder> {
        Feeder::child_spec(tree.clone(), self.ledger.clone(), self.settings.clone())
    }
}

/// Allows more restarts than can be made. A limit would be one on the input here: the feeder goes on behind each line, so a log full
/// of broken lines is read to its end, and the table tells. The time is short because that many restarts are remembered.
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
    /// Counts.
    #[child]
    pub(crate) fn metrics(&self) -> ChildSpec<Metrics> {
        let (settings, starts) = (self.settings.clone(), self.starts.clone());
        Metrics::child_spec(move || Metrics {
            settings: settings.clone(),
            starts: starts.clone(),
            ledger: Ledger::new(),
        })
    }

    /// A process per connection.
    #[child]
    pub(crate) fn producers(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }

    /// Lets producers in.
    #[child]
    pub(crate) fn door(&self, service: &ServiceSubject) -> ChildSpec<Task<()>> {
        let (listener, service) = (self.listener.clone(), service.clone());
        ChildSpec::task("door", move || {
            producer::let_in(listener.clone(), service.clone())
        })
    }
}
