//! The candidates of all discovery sources, and those beyond the limit.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// The number of a discovery source of this node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SourceId(pub(crate) usize);

/// The candidates of all sources.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    /// The current set of each source, in the order of preference.
    sets: BTreeMap<SourceId, Vec<SocketAddr>>,
    /// The candidates beyond the limit of peers, in the order of preference. They are dialled when others are forgotten.
    pub(super) waiting: Vec<SocketAddr>,
    /// True while candidates wait, after the warning.
    pub(super) has_warned: bool,
}

impl Candidates {
    fn listed(&self) -> impl Iterator<Item = SocketAddr> {
        self.sets.values().flatten().copied()
    }

    /// Replaces the set of a source. Returns the addresses that no source lists any more.
    pub(super) fn replace(&mut self, source: SourceId, set: Vec<SocketAddr>) -> Vec<SocketAddr> {
        let waiting: BTreeSet<SocketAddr> = self.waiting.drain(..).collect();
        let mut known: BTreeSet<SocketAddr> = self.listed().collect();
        known.retain(|address| !waiting.contains(address));
        self.sets.insert(source, set);
        let mut seen = BTreeSet::new();
        let listed: Vec<SocketAddr> = self.listed().filter(|one| seen.insert(*one)).collect();
        let is_new = |address: &SocketAddr| !known.contains(address);
        self.waiting = listed.into_iter().filter(is_new).collect();
        known.difference(&seen).copied().collect()
    }
}
