//! Advances a run step by step, and applies faults between the steps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use super::chaos::Victims;
use super::cluster::{Role, Settings, Sim};
use super::current_run::{self, CurrentRun};
use super::fault::{Fault, Faults};
use super::network::Network;
use super::outcome::{Cause, Outcome, SimError};
use super::rng;
use super::trace::TraceKind;

/// The capacity of a host's datagram queue; datagrams beyond it are lost.
const INBOX: usize = 4_096;

impl Sim {
    /// Runs the simulation until all clients are done. Without clients, it runs until the limit.
    ///
    /// # Errors
    /// The [`Cause`](crate::sim::Cause) of the error is:
    /// - `Always` if the condition of an [`always!`](super::always) was false, or nodes kept state after
    ///   [`settles`](Self::settles) or [`Host::settle`](super::Host::settle).
    /// - `Host` if the code of a host or client panicked or returned an error.
    /// - `TooLong` if the limit was reached before all clients were done.
    /// - `BadFault` if a fault names an unknown host, names one host twice, or crashes or bounces a client. The faults of
    ///   [`at`](Self::at) are checked before the first step.
    ///
    /// # Panics
    /// Panics if this thread is already executing a run.
    pub fn run(mut self) -> Result<Outcome, Box<SimError>> {
        self.settle_without_clients();
        let settings = &self.settings;
        let network = Network::new(self.rng("network"), settings.loss, settings.duplicates);
        let run = CurrentRun::new(
            network,
            self.rng("secrets"),
            settings.keep,
            &settings.promised,
        );
        let run = current_run::enter(run);
        if let Some(chaos) = self.chaos.take() {
            let script = chaos.script(
                &mut self.rng("chaos"),
                Victims {
                    hosts: &self.host_names(),
                    clients: &self.client_names(),
                },
                self.settings.loss,
            );
            self.script.extend(script);
        }
        // Faults at the same time are applied in the order of their addition.
        self.script.sort_by_key(|(time, _)| *time);
        let (seed, reproduce) = (self.seed, self.settings.reproduce.take());
        let driven = drive(self);
        let mut run = run.leave();
        if let Some(failure) = run.failed.take() {
            let event = failure.event;
            return Err(Box::new(SimError {
                seed,
                reproduce: reproduce.unwrap_or_else(|| format!("`Sim::new({seed})`")),
                at: event.at,
                host: event.host.to_string(),
                cause: failure.cause,
                last: failure.last,
                trace: failure.trace,
                events: run.trace.take_kept(),
            }));
        }
        Ok(Outcome {
            seed,
            trace: run.trace.hash(),
            time: driven.time,
            datagrams: run.datagrams,
            lost: run.lost,
            faults: driven.faults,
            sometimes: run.sometimes,
            events: run.trace.take_kept(),
        })
    }
}

struct Driver {
    sim: turmoil::Sim<'static>,
    /// All names, with true for hosts, because clients cannot crash.
    names: BTreeMap<Arc<str>, bool>,
    /// The minimum latency of all links.
    min_latency: Duration,
    applied: Vec<(Duration, Fault)>,
}

/// The results of a run that the stage does not have.
pub(crate) struct RunResult {
    pub(crate) time: Duration,
    pub(crate) faults: Vec<(Duration, Fault)>,
}

/// Runs the simulation to its end. The stage contains the cause of a failure.
pub(crate) fn drive(sim: Sim) -> RunResult {
    let Sim {
        seed,
        settings,
        roles,
        script,
        faults,
        ..
    } = sim;
    let mut drive = Driver::new(seed, &settings, roles);
    for (_, fault) in &script {
        drive.refuse(fault);
    }
    let mut script = script.into_iter().peekable();
    loop {
        let now = drive.sim.elapsed();
        let _ = current_run::with(|run| run.set_between(Some(now)));
        while let Some((_, fault)) = script.next_if(|(time, _)| *time <= now) {
            drive.apply(fault);
        }
        drive.apply_injected(&faults);
        if current_run::with(|run| run.failed.is_some()).unwrap_or(true) {
            break;
        }
        let grace = current_run::with(|run| run.grace).unwrap_or_default();
        if now >= settings.limit.saturating_add(grace) {
            drive.too_long(settings.limit);
            break;
        }
        if drive.step() {
            break;
        }
    }
    let time = drive.sim.elapsed();
    let _ = current_run::with(|run| run.set_between(Some(time)));
    RunResult {
        time,
        faults: drive.applied,
    }
}

impl Driver {
    fn new(seed: u64, settings: &Settings, roles: Vec<(Arc<str>, Role)>) -> Self {
        let mut builder = turmoil::Builder::new();
        builder
            .rng_seed(rng::child(seed, "turmoil"))
            .epoch(UNIX_EPOCH)
            // The loop in `drive` checks the limit, because it knows which clients are not done.
            .simulation_duration(Duration::MAX)
            .tick_duration(settings.tick)
            .min_message_latency(*settings.latency.start())
            .max_message_latency(*settings.latency.end())
            .udp_capacity(INBOX)
            .enable_random_order();
        let mut sim = builder.build();
        let mut names = BTreeMap::new();
        for (name, role) in roles {
            let address = sim.lookup(&*name);
            let _ = current_run::with(|run| run.add_host(&name, address));
            names.insert(name.clone(), matches!(role, Role::Host(_)));
            match role {
                Role::Host(begin) => sim.host(&*name, begin),
                Role::Client(code) => sim.client(&*name, code),
            }
        }
        Self {
            sim,
            names,
            min_latency: *settings.latency.start(),
            applied: Vec::new(),
        }
    }

    /// Advances all hosts by one tick. Returns true if there are clients and all have ended.
    fn step(&mut self) -> bool {
        let _ = current_run::with(|run| run.set_between(None));
        let stepped = self.sim.step();
        let now = self.sim.elapsed();
        let _ = current_run::with(|run| run.set_between(Some(now)));
        match stepped {
            Ok(is_over) => is_over && self.names.values().any(|is_host| !is_host),
            Err(error) => {
                let cause = Cause::Host {
                    host: "?".into(),
                    text: error.to_string(),
                };
                let _ = current_run::with(|run| run.fail(cause));
                true
            }
        }
    }

    fn apply_injected(&mut self, faults: &Faults) {
        while let Some(fault) = faults.next() {
            self.apply(fault);
        }
    }

    /// Fails the run if a fault cannot be applied. Returns whether it has.
    fn refuse(&self, fault: &Fault) -> bool {
        let Some(why) = self.wrong_with(fault) else {
            return false;
        };
        let cause = Cause::BadFault {
            fault: fault.to_string(),
            why,
        };
        let _ = current_run::with(|run| run.fail(cause));
        true
    }

    fn apply(&mut self, fault: Fault) {
        if self.refuse(&fault) {
            return;
        }
        let _ = current_run::with(|run| {
            run.record(TraceKind::Fault(fault.to_string()));
            run.network.apply(&fault);
        });
        match &fault {
            Fault::Crash(host) => {
                self.sim.crash(host.as_str());
                let _ = current_run::with(|run| run.ends(host));
            }
            Fault::Bounce(host) => self.sim.bounce(host.as_str()),
            Fault::Hold(a, b) => self.sim.hold(a.as_str(), b.as_str()),
            Fault::Release(a, b) => self.sim.release(a.as_str(), b.as_str()),
            Fault::HealAll => self.release_all(),
            Fault::Latency(a, b, most) => {
                self.sim
                    .set_link_max_message_latency(a.as_str(), b.as_str(), *most);
            }
            Fault::Skew(host, by) => {
                let _ = current_run::with(|run| run.set_skew(host, *by));
            }
            Fault::Loss(_)
            | Fault::Duplicates(_)
            | Fault::Partition(..)
            | Fault::Cut(..)
            | Fault::Heal(..) => {}
        }
        self.applied.push((self.sim.elapsed(), fault));
    }

    fn wrong_with(&self, fault: &Fault) -> Option<&'static str> {
        let hosts = fault.hosts();
        if hosts.iter().any(|host| !self.names.contains_key(*host)) {
            return Some("there is no host of that name");
        }
        if let [one, other] = hosts[..]
            && one == other
        {
            return Some("it names one host twice");
        }
        if let Fault::Latency(_, _, most) = fault
            && *most < self.min_latency
        {
            return Some("the maximum latency is below the minimum of the network");
        }
        let ends = matches!(fault, Fault::Crash(_) | Fault::Bounce(_));
        let is_client = hosts.iter().any(|host| !self.names[*host]);
        (ends && is_client).then_some("that is a client, which runs once")
    }

    fn release_all(&self) {
        let names: Vec<&str> = self.names.keys().map(|name| &**name).collect();
        for (at, a) in names.iter().enumerate() {
            for b in &names[at + 1..] {
                self.sim.release(*a, *b);
            }
        }
    }

    /// Handles the time limit, which is the regular end of a run without clients.
    fn too_long(&mut self, limit: Duration) {
        let clients: Vec<Arc<str>> = self
            .names
            .iter()
            .filter(|(_, is_host)| !**is_host)
            .map(|(name, _)| name.clone())
            .collect();
        let mut late = Vec::new();
        for client in clients {
            if self.sim.is_host_running(&*client) {
                late.push(client.to_string());
            }
        }
        if !late.is_empty() {
            let cause = Cause::TooLong {
                limit,
                clients: late,
            };
            let _ = current_run::with(|run| run.fail(cause));
        }
    }
}
