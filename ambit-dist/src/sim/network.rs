//! Decides the fate of datagrams, as a pure function of the active faults and the random source.

use std::collections::BTreeSet;

use super::fault::Fault;
use super::rng::SimRng;

/// The fate of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Lost,
    Once,
    Twice,
}

/// The active faults.
#[derive(Debug)]
pub(crate) struct Network {
    rng: SimRng,
    loss: f64,
    duplicates: f64,
    /// The initial loss and duplication, which `HealAll` restores.
    base: (f64, f64),
    /// The pairs of hosts with a cut from the first to the second.
    cuts: BTreeSet<(String, String)>,
}

impl Network {
    pub(crate) fn new(rng: SimRng, loss: f64, duplicates: f64) -> Self {
        let base = (loss, duplicates);
        Self {
            rng,
            loss,
            duplicates,
            base,
            cuts: BTreeSet::new(),
        }
    }

    pub(crate) fn apply(&mut self, fault: &Fault) {
        let way = |from: &String, to: &String| (from.clone(), to.clone());
        match fault {
            Fault::Loss(rate) => self.loss = *rate,
            Fault::Duplicates(rate) => self.duplicates = *rate,
            Fault::Partition(a, b) => self.cuts.extend([way(a, b), way(b, a)]),
            Fault::Cut(from, to) => self.cuts.extend([way(from, to)]),
            Fault::Heal(a, b) => {
                self.cuts.remove(&way(a, b));
                self.cuts.remove(&way(b, a));
            }
            Fault::HealAll => {
                self.cuts.clear();
                (self.loss, self.duplicates) = self.base;
            }
            Fault::Hold(..)
            | Fault::Release(..)
            | Fault::Crash(_)
            | Fault::Bounce(_)
            | Fault::Latency(..)
            | Fault::Skew(..) => {}
        }
    }

    /// Decides the fate of a datagram. A host's datagrams to itself never pass the network.
    pub(crate) fn fate(&mut self, from: &str, to: &str) -> Fate {
        if from == to {
            return Fate::Once;
        }
        // Always draws both numbers, so that healing one link changes nothing on another.
        let (lost, twice) = (self.rng.chance(self.loss), self.rng.chance(self.duplicates));
        let is_cut = self.cuts.iter().any(|(a, b)| a == from && b == to);
        match (is_cut || lost, twice) {
            (true, _) => Fate::Lost,
            (false, true) => Fate::Twice,
            (false, false) => Fate::Once,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(loss: f64) -> Network {
        Network::new(SimRng::new(1), loss, 0.0)
    }

    #[test]
    fn a_cut_stops_one_direction_and_a_partition_both() {
        let mut net = network(0.0);
        net.apply(&Fault::Cut("a".into(), "b".into()));
        assert_eq!(
            (net.fate("a", "b"), net.fate("b", "a")),
            (Fate::Lost, Fate::Once)
        );
        net.apply(&Fault::Partition("b".into(), "c".into()));
        assert_eq!(
            (net.fate("c", "b"), net.fate("b", "c")),
            (Fate::Lost, Fate::Lost)
        );
        assert_eq!(net.fate("a", "c"), Fate::Once);
        net.apply(&Fault::Heal("b".into(), "a".into()));
        assert_eq!(
            (net.fate("a", "b"), net.fate("b", "c")),
            (Fate::Once, Fate::Lost)
        );
    }

    #[test]
    fn healing_all_brings_the_loss_of_the_beginning_back() {
        let mut net = network(0.0);
        net.apply(&Fault::Loss(1.0));
        net.apply(&Fault::Cut("a".into(), "b".into()));
        assert_eq!(net.fate("b", "a"), Fate::Lost);
        net.apply(&Fault::HealAll);
        assert_eq!(
            (net.fate("a", "b"), net.fate("b", "a")),
            (Fate::Once, Fate::Once)
        );
    }

    #[test]
    fn a_host_always_reaches_itself() {
        let mut net = network(1.0);
        assert_eq!(
            (net.fate("a", "a"), net.fate("a", "b")),
            (Fate::Once, Fate::Lost)
        );
    }

    #[test]
    fn datagrams_are_duplicated_on_request() {
        let mut net = network(0.0);
        net.apply(&Fault::Duplicates(1.0));
        assert_eq!(net.fate("a", "b"), Fate::Twice);
    }
}
