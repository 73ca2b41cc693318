//! The configuration of a run: its hosts, clients and faults.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::future::{Future, pending};
use std::ops::RangeInclusive;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use super::chaos::Chaos;
use super::current_run;
use super::fault::{Fault, Faults};
use super::host::{Host, HostCode, HostEnd, HostResult, live};
use super::rng::{self, SimRng};

pub(crate) enum Role {
    /// Runs until the end, and may crash and restart.
    Host(Box<dyn Fn() -> HostCode>),
    /// The run ends when all clients are done.
    Client(HostCode),
}

/// A run of a whole cluster in one thread, on a virtual clock. Runs with the same seed are identical.
///
/// See the [module](super) for an example.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::sim::{Sim, always};
///
/// let mut sim = Sim::new(7);
/// sim.client("web", |host| async move {
///     tokio::time::sleep(Duration::from_secs(30)).await;
///     always!(host.now() >= Duration::from_secs(30), "the clock is virtual");
/// });
/// let outcome = sim.run().unwrap();
/// assert!(outcome.time >= Duration::from_secs(30));
/// ```
#[must_use = "a simulation does nothing until it is run"]
pub struct Sim {
    pub(crate) seed: u64,
    pub(crate) settings: Settings,
    pub(crate) roles: Vec<(Arc<str>, Role)>,
    pub(crate) script: Vec<(Duration, Fault)>,
    pub(crate) chaos: Option<Chaos>,
    pub(crate) faults: Faults,
}

pub(crate) struct Settings {
    pub(crate) limit: Duration,
    pub(crate) tick: Duration,
    pub(crate) latency: RangeInclusive<Duration>,
    pub(crate) loss: f64,
    pub(crate) duplicates: f64,
    pub(crate) keep: bool,
    pub(crate) promised: BTreeSet<&'static str>,
    pub(crate) reproduce: Option<String>,
    pub(crate) settles: Rc<Cell<bool>>,
    /// The number of clients that are not done.
    pub(crate) clients: Rc<Cell<usize>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limit: Duration::from_secs(60),
            tick: Duration::from_millis(1),
            latency: Duration::from_millis(1)..=Duration::from_millis(20),
            loss: 0.0,
            duplicates: 0.0,
            keep: false,
            promised: BTreeSet::new(),
            reproduce: None,
            settles: Rc::default(),
            clients: Rc::default(),
        }
    }
}

impl Sim {
    /// Creates a simulation with this seed, without hosts or clients.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            settings: Settings::default(),
            roles: Vec::new(),
            script: Vec::new(),
            chaos: None,
            faults: Faults::default(),
        }
    }

    /// Returns the seed of the simulation.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Returns a random source derived from the seed and `purpose`. Use it to build a workload that differs between
    /// seeds.
    #[must_use]
    pub fn rng(&self, purpose: &str) -> SimRng {
        SimRng::new(rng::child(self.seed, purpose))
    }

    /// Adds a host. `code` runs once per incarnation: at the start of the run and after each restart. When it returns,
    /// the processes that it spawned continue until the host crashes or the run ends. An error that it returns fails
    /// the run.
    ///
    /// # Panics
    /// Panics if another host or client has the name.
    pub fn host<F, Fut>(&mut self, name: &str, code: F) -> &mut Self
    where
        F: Fn(Host) -> Fut + 'static,
        Fut: Future + 'static,
        Fut::Output: HostResult,
    {
        let code = Rc::new(code);
        self.add_host(
            name,
            Rc::new(move |host| {
                let code = code.clone();
                Box::pin(async move { code(host).await.into_result() })
            }),
        );
        self
    }

    fn add_host(&mut self, name: &str, code: Rc<dyn Fn(Host) -> HostCode>) {
        let name = self.free(name);
        let (seed, faults, incarnations) = (self.seed, self.faults.clone(), Cell::new(0));
        let host = name.clone();
        let begin = move || -> HostCode {
            incarnations.set(incarnations.get() + 1);
            let (code, faults) = (code.clone(), faults.clone());
            let endless = move |host| -> HostCode {
                Box::pin(async move {
                    code(host).await?;
                    pending().await
                })
            };
            let number = incarnations.get();
            Box::pin(live(host.clone(), number, seed, faults, Box::new(endless)))
        };
        self.roles.push((name, Role::Host(Box::new(begin))));
    }

    /// Adds `count` [hosts](Self::host) that run `code`, named `n1`, `n2` and so on.
    ///
    /// # Panics
    /// Panics if another host or client has one of the names, for example after an earlier call.
    pub fn hosts<F, Fut>(&mut self, count: usize, code: F) -> &mut Self
    where
        F: Fn(Host) -> Fut + Clone + 'static,
        Fut: Future + 'static,
        Fut::Output: HostResult,
    {
        for number in 1..=count {
            self.host(&format!("n{number}"), code.clone());
        }
        self
    }

    /// Adds a client. Its `code` runs once, and the run ends when the code of all clients has returned. When the code
    /// of a client returns, its host stops without closing its connections. An error that the code returns fails the
    /// run.
    ///
    /// # Panics
    /// Panics if another host or client has the name.
    pub fn client<F, Fut>(&mut self, name: &str, code: F) -> &mut Self
    where
        F: FnOnce(Host) -> Fut + 'static,
        Fut: Future + 'static,
        Fut::Output: HostResult,
    {
        self.add_client(
            name,
            Box::new(move |host| Box::pin(async move { code(host).await.into_result() })),
        );
        self
    }

    fn add_client(&mut self, name: &str, code: Box<dyn FnOnce(Host) -> HostCode>) {
        let name = self.free(name);
        let (settles, clients) = (self.settings.settles.clone(), self.settings.clients.clone());
        clients.set(clients.get() + 1);
        let counted = move |host: Host| -> HostCode {
            Box::pin(async move {
                code(host.clone()).await?;
                clients.set(clients.get() - 1);
                if clients.get() > 0 {
                    let _ = current_run::with(|run| run.is_done(host.name()));
                } else if settles.get() {
                    host.settle().await;
                }
                HostEnd::Ok(())
            })
        };
        let faults = self.faults.clone();
        let incarnation = live(name.clone(), 1, self.seed, faults, Box::new(counted));
        self.roles.push((name, Role::Client(Box::pin(incarnation))));
    }

    /// Injects a fault at this virtual time since the start of the run. A fault after the end of the run is not applied;
    /// [`Outcome::faults`](crate::sim::Outcome::faults) lists those that were.
    pub fn at(&mut self, time: Duration, fault: Fault) -> &mut Self {
        self.script.push((time, fault));
        self
    }

    /// Injects random faults. A later call replaces an earlier one.
    pub fn chaos(&mut self, chaos: Chaos) -> &mut Self {
        self.chaos = Some(chaos);
        self
    }

    /// Sets the range of datagram latencies, in whole milliseconds; short latencies are likelier. Default: 1 to 20 ms.
    ///
    /// # Panics
    /// Panics if the range is empty.
    pub fn latency(&mut self, between: RangeInclusive<Duration>) -> &mut Self {
        assert!(
            !between.is_empty(),
            "the range of latencies {between:?} is empty: begin with the shorter one"
        );
        self.settings.latency = between;
        self
    }

    /// Sets the fraction of lost datagrams, from 0 to 1. Default: 0.
    pub fn loss(&mut self, rate: f64) -> &mut Self {
        self.settings.loss = rate;
        self
    }

    /// Sets the fraction of duplicated datagrams, from 0 to 1. Default: 0.
    pub fn duplicates(&mut self, rate: f64) -> &mut Self {
        self.settings.duplicates = rate;
        self
    }

    /// Sets the limit on the virtual time of the run. A run without clients takes exactly this time. Default: 60 s.
    pub fn limit(&mut self, limit: Duration) -> &mut Self {
        self.settings.limit = limit;
        self
    }

    /// Sets the step of the virtual clock. A longer step makes the run faster but less precise. Default: 1 ms.
    ///
    /// # Panics
    /// Panics if `tick` is zero, because the clock would never advance.
    pub fn tick(&mut self, tick: Duration) -> &mut Self {
        assert!(!tick.is_zero(), "the tick is zero: set it to at least 1 ns");
        self.settings.tick = tick;
        self
    }

    /// Sets whether to keep all events, up to two million, for [`Outcome::events`](crate::sim::Outcome::events).
    /// Default: false.
    pub fn keep_events(&mut self, keep: bool) -> &mut Self {
        self.settings.keep = keep;
        self
    }

    /// Calls [`Host::settle`] when all clients are done, or without clients at the limit: stops the processes of all
    /// running nodes, and fails the run if the nodes still keep state for each other after a minute. The nodes of a client
    /// that was done before are not checked, because nothing runs on its host any more.
    pub fn settles(&mut self) -> &mut Self {
        self.settings.settles.set(true);
        self
    }

    /// Adds a client that settles the nodes at the limit, if there is no other.
    pub(crate) fn settle_without_clients(&mut self) {
        if self.settings.settles.get() && self.settings.clients.get() == 0 {
            // The run ends before the step that reaches the limit.
            let end = self.settings.limit.saturating_sub(2 * self.settings.tick);
            self.client(
                "(settle)",
                move |_| async move { tokio::time::sleep(end).await },
            );
        }
    }

    /// Requires a [`sometimes!`](super::sometimes) with this name to be true in at least one run of a sweep, even if no
    /// run evaluates it.
    pub fn promise(&mut self, name: &'static str) -> &mut Self {
        self.settings.promised.insert(name);
        self
    }

    /// Sets the command for reproducing the run, which errors show. Default: `Sim::new(..)` with the seed.
    pub fn reproduce_with(&mut self, command: impl Into<String>) -> &mut Self {
        self.settings.reproduce = Some(command.into());
        self
    }

    /// Returns the names of the hosts added so far, in that order.
    #[must_use]
    pub fn host_names(&self) -> Vec<String> {
        self.names(|role| matches!(role, Role::Host(_)))
    }

    /// Returns the names of the clients added so far, in that order.
    #[must_use]
    pub fn client_names(&self) -> Vec<String> {
        self.names(|role| matches!(role, Role::Client(_)))
    }

    fn names(&self, is: fn(&Role) -> bool) -> Vec<String> {
        let named = self.roles.iter().filter(|(_, role)| is(role));
        named.map(|(name, _)| name.to_string()).collect()
    }

    fn free(&self, name: &str) -> Arc<str> {
        let is_taken = self.roles.iter().any(|(taken, _)| &**taken == name);
        assert!(!is_taken, "there is a host or client `{name}` already");
        name.into()
    }
}
