//! Counts the state that nodes keep for each other.

use std::fmt;

use ambit::system::System;

/// The nonzero counts of the state that a node keeps, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Leftovers(Vec<(&'static str, u64)>);

impl Leftovers {
    pub(crate) fn count(&mut self, what: &'static str, count: impl TryInto<u64>) {
        let count = count.try_into().unwrap_or(u64::MAX);
        if count == 0 {
            return;
        }
        match self.0.iter_mut().find(|(known, _)| *known == what) {
            Some((_, sum)) => *sum = sum.saturating_add(count),
            None => self.0.push((what, count)),
        }
    }
}

impl fmt::Display for Leftovers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = self.0.iter();
        if let Some((what, count)) = parts.next() {
            write!(f, "{count} {what}")?;
        }
        parts.try_for_each(|(what, count)| write!(f, ", {count} {what}"))
    }
}

/// A node, as the check at the end of a run uses it.
pub(crate) trait CheckedNode: Send + Sync {
    fn name(&self) -> &str;

    fn system(&self) -> &System;

    /// Counts the state that the node keeps for other nodes.
    fn leftovers(&self) -> Leftovers;
}
