//! Generates random faults.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::fault::Fault;
use super::rng::SimRng;

/// The configuration of random faults. At the end time, the network is healed and every host is running.
///
/// ```
/// use std::time::Duration;
/// use ambit_dist::sim::{Chaos, Sim};
/// let mut sim = Sim::new(7);
/// sim.chaos(Chaos::until(Duration::from_secs(20)).crashes(true));
/// ```
#[derive(Clone, Debug)]
#[must_use = "pass it to `Sim::chaos`"]
pub struct Chaos {
    until: Duration,
    every: RangeInclusive<Duration>,
    lasts: RangeInclusive<Duration>,
    partitions: bool,
    holds: bool,
    crashes: bool,
    clients: bool,
    loss: f64,
}

/// The hosts that faults may affect, and the clients whose links may fail.
#[derive(Clone, Copy)]
pub(crate) struct Victims<'a> {
    pub(crate) hosts: &'a [String],
    pub(crate) clients: &'a [String],
}

impl Chaos {
    /// Creates a configuration with random network faults (partitions, cuts, holds and bursts of loss) until this
    /// virtual time.
    pub fn until(time: Duration) -> Self {
        Self {
            until: time,
            every: Duration::from_millis(200)..=Duration::from_secs(3),
            lasts: Duration::from_millis(100)..=Duration::from_secs(8),
            partitions: true,
            holds: true,
            crashes: false,
            clients: false,
            loss: 0.3,
        }
    }

    /// Sets the range of times from one fault to the next. Default: 0.2 to 3 s.
    pub fn every(mut self, pause: RangeInclusive<Duration>) -> Self {
        self.every = pause;
        self
    }

    /// Sets the range of durations of a fault. Default: 0.1 to 8 s.
    pub fn lasts(mut self, time: RangeInclusive<Duration>) -> Self {
        self.lasts = time;
        self
    }

    /// Sets whether links between hosts drop all datagrams, in one or both directions. Default: true.
    pub fn partitions(mut self, partitions: bool) -> Self {
        self.partitions = partitions;
        self
    }

    /// Sets whether links between hosts hold all datagrams and deliver them later. Default: true.
    pub fn holds(mut self, holds: bool) -> Self {
        self.holds = holds;
        self
    }

    /// Sets whether hosts crash and restart. Default: false.
    pub fn crashes(mut self, crashes: bool) -> Self {
        self.crashes = crashes;
        self
    }

    /// Sets whether partitions, cuts and holds also affect links to clients. Bursts of loss always do. Clients never
    /// crash. Default: false.
    pub fn clients(mut self, clients: bool) -> Self {
        self.clients = clients;
        self
    }

    /// Sets the fraction of datagrams that every link loses during a burst of loss, from 0 to 1. This includes the
    /// links to clients, whatever [`clients`](Self::clients) says. With 0 there are no bursts. Default: 0.3. A burst
    /// replaces the rate of [`Sim::loss`](super::Sim::loss). Its end restores that rate, even if another burst has not
    /// ended.
    pub fn loss(mut self, rate: f64) -> Self {
        self.loss = rate;
        self
    }

    /// Returns all faults in the order of time. A burst of loss ends with the rate `base_loss`.
    pub(crate) fn script(
        &self,
        rng: &mut SimRng,
        all: Victims<'_>,
        base_loss: f64,
    ) -> Vec<(Duration, Fault)> {
        let clients = if self.clients { all.clients } else { &[] };
        let ends: Vec<String> = all.hosts.iter().chain(clients).cloned().collect();
        let kinds: Vec<FaultKind> = [
            (self.partitions, FaultKind::Partition),
            (self.partitions, FaultKind::Cut),
            (self.holds, FaultKind::Hold),
            (self.crashes, FaultKind::Crash),
            (self.loss > 0.0, FaultKind::Loss { base_loss }),
        ]
        .into_iter()
        .filter_map(|(is_on, kind)| is_on.then_some(kind))
        .collect();
        let mut script = Vec::new();
        // A pause of zero would make no progress.
        let step = Duration::from_millis(1);
        let mut now = rng
            .between(*self.every.start(), *self.every.end())
            .max(step);
        while now < self.until {
            let over = (now + rng.between(*self.lasts.start(), *self.lasts.end())).min(self.until);
            if let Some((begin, end)) = self.one(rng, &kinds, all.hosts, &ends) {
                script.extend([(now, begin), (over, end)]);
            }
            now += rng
                .between(*self.every.start(), *self.every.end())
                .max(step);
        }
        script.push((self.until, Fault::HealAll));
        script.sort_by_key(|(time, _)| *time);
        script
    }

    /// Returns a fault and its end: a crash of a host, or a failure of a link between two of `ends`.
    fn one(
        &self,
        rng: &mut SimRng,
        kinds: &[FaultKind],
        hosts: &[String],
        ends: &[String],
    ) -> Option<(Fault, Fault)> {
        let kind = *rng.pick(kinds)?;
        let victims = if matches!(kind, FaultKind::Crash) {
            hosts
        } else {
            ends
        };
        let a = rng.pick(victims)?.clone();
        let others: Vec<&String> = ends.iter().filter(|host| **host != a).collect();
        let b = rng.pick(&others).map(|host| (*host).clone());
        Some(match kind {
            FaultKind::Loss { base_loss } => (Fault::Loss(self.loss), Fault::Loss(base_loss)),
            FaultKind::Crash => (Fault::Crash(a.clone()), Fault::Bounce(a)),
            FaultKind::Partition => (Fault::Partition(a.clone(), b.clone()?), Fault::Heal(a, b?)),
            FaultKind::Cut => (Fault::Cut(a.clone(), b.clone()?), Fault::Heal(a, b?)),
            FaultKind::Hold => (Fault::Hold(a.clone(), b.clone()?), Fault::Release(a, b?)),
        })
    }
}

#[derive(Clone, Copy)]
enum FaultKind {
    Partition,
    Cut,
    Hold,
    Crash,
    /// The rate after the burst.
    Loss {
        base_loss: f64,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: Duration = Duration::from_secs(30);

    fn script(seed: u64) -> Vec<(Duration, Fault)> {
        let hosts = ["a", "b", "c"].map(String::from);
        Chaos::until(END).crashes(true).script(
            &mut SimRng::new(seed),
            victims(&hosts, &["d".into()]),
            0.0,
        )
    }

    fn victims<'a>(hosts: &'a [String], clients: &'a [String]) -> Victims<'a> {
        Victims { hosts, clients }
    }

    #[test]
    fn the_same_seed_makes_the_same_faults() {
        assert_eq!(script(1), script(1));
        assert_ne!(script(1), script(2));
    }

    #[test]
    fn at_the_end_everything_is_well_again() {
        for seed in 0..200 {
            let script = script(seed);
            let at = |wanted: fn(&Fault) -> Option<&String>, host: &str| {
                script
                    .iter()
                    .rposition(|(_, fault)| wanted(fault).is_some_and(|name| name == host))
            };
            for host in ["a", "b", "c"] {
                let crashed = at(
                    |fault| {
                        if let Fault::Crash(host) = fault {
                            Some(host)
                        } else {
                            None
                        }
                    },
                    host,
                );
                let back = at(
                    |fault| {
                        if let Fault::Bounce(host) = fault {
                            Some(host)
                        } else {
                            None
                        }
                    },
                    host,
                );
                assert!(back >= crashed, "seed {seed}: {host} stays down");
            }
            assert!(script.iter().all(|(time, _)| *time <= END));
            assert!(script.contains(&(END, Fault::HealAll)));
        }
    }

    #[test]
    fn a_burst_of_loss_ends_with_the_loss_of_the_run() {
        let hosts = ["a", "b"].map(String::from);
        let chaos = Chaos::until(END).loss(0.5).partitions(false).holds(false);
        let script = chaos.script(&mut SimRng::new(1), victims(&hosts, &[]), 0.02);
        let rates = script.iter().filter_map(|(_, fault)| match fault {
            Fault::Loss(rate) => Some(*rate),
            _ => None,
        });
        let (bursts, ends): (Vec<f64>, Vec<f64>) = rates.partition(|rate| *rate > 0.1);
        assert!(!bursts.is_empty());
        assert_eq!(bursts.len(), ends.len());
        assert!(ends.iter().all(|rate| (rate - 0.02).abs() < f64::EPSILON));
    }

    #[test]
    fn one_host_alone_has_no_links_that_fail() {
        let script = Chaos::until(END).loss(0.0).script(
            &mut SimRng::new(1),
            victims(&["a".into()], &["b".into()]),
            0.0,
        );
        assert_eq!(script, [(END, Fault::HealAll)]);
    }

    #[test]
    fn links_to_clients_fail_only_on_request_and_clients_never_crash() {
        let (hosts, clients) = (["a", "b"].map(String::from), ["c".to_owned()]);
        let named = |with_clients: bool| {
            let chaos = Chaos::until(END).crashes(true).clients(with_clients);
            let script =
                |seed| chaos.script(&mut SimRng::new(seed), victims(&hosts, &clients), 0.0);
            let script: Vec<_> = (0..50).flat_map(script).collect();
            let is_crash = |fault: &Fault| matches!(fault, Fault::Crash(_) | Fault::Bounce(_));
            let of_client = |fault: &&Fault| fault.hosts().contains(&"c");
            let faults = || script.iter().map(|(_, fault)| fault).filter(of_client);
            assert!(!faults().any(is_crash));
            faults().count()
        };
        assert_eq!(named(false), 0);
        assert!(named(true) > 100);
    }
}
