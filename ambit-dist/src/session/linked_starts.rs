//! The pending linked starts on the other node, and the servers that have already linked to their starters.
//!
//! The server links to its starter by a signal. The answer to the start may arrive on another stream, before the link.
//! If the session then ended before the link arrives, the starter would not be notified of the loss of its server.
//! Therefore the starter also links the server, unless the link of the server has already arrived: in that case the
//! server may already have ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::wire::{ProcessAddress as Address, WireError};

/// The pending linked starts of one session.
#[derive(Debug)]
pub(crate) struct LinkedStarts {
    all: Mutex<Starters>,
    /// The maximum number of recorded links.
    limit: usize,
}

#[derive(Debug, Default)]
struct Starters {
    by_address: BTreeMap<Address, Starter>,
    /// The number of recorded links, over all starters.
    links: usize,
}

#[derive(Debug, Default)]
struct Starter {
    pending: usize,
    /// The processes that have linked to the starter since its first pending start. Those that have unlinked since then
    /// stay, because their starts must not link them again.
    linked: BTreeSet<Address>,
}

impl LinkedStarts {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        let all = Mutex::default();
        Arc::new(Self { all, limit })
    }

    /// Begins a linked start, before its request is sent.
    pub(crate) fn begin(self: &Arc<Self>, starter: Address) -> LinkedStart {
        let mut starters = self.all.lock();
        starters.by_address.entry(starter).or_default().pending += 1;
        drop(starters);
        LinkedStart {
            starts: self.clone(),
            starter,
        }
    }

    /// Records a link that has arrived, before it is applied.
    ///
    /// # Errors
    /// Fails if there are too many.
    pub(super) fn linked(&self, server: Address, starter: Address) -> Result<(), WireError> {
        let mut starters = self.all.lock();
        let Starters { by_address, links } = &mut *starters;
        let Some(starter) = by_address.get_mut(&starter) else {
            return Ok(());
        };
        if !starter.linked.insert(server) {
            return Ok(());
        }
        *links += 1;
        if *links > self.limit {
            return Err(WireError::TooMany {
                what: "links of started servers",
                limit: self.limit,
            });
        }
        Ok(())
    }

    /// Returns the number of starters with pending starts, and of recorded links.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        let starters = self.all.lock();
        starters.by_address.len() + starters.links
    }
}

/// A pending linked start.
#[derive(Debug)]
pub(crate) struct LinkedStart {
    starts: Arc<LinkedStarts>,
    starter: Address,
}

impl LinkedStart {
    /// Calls `link` if no link of this server has arrived. A link that arrives meanwhile is applied after `link`.
    pub(crate) fn ensure<T>(&self, server: Address, link: impl FnOnce() -> T) -> Option<T> {
        let starters = self.starts.all.lock();
        let starter = starters.by_address.get(&self.starter);
        let is_linked = starter.is_some_and(|starter| starter.linked.contains(&server));
        (!is_linked).then(link)
    }
}

impl Drop for LinkedStart {
    fn drop(&mut self) {
        let mut starters = self.starts.all.lock();
        let Starters { by_address, links } = &mut *starters;
        if let Some(starter) = by_address.get_mut(&self.starter) {
            starter.pending -= 1;
            if starter.pending == 0 {
                *links -= starter.linked.len();
                by_address.remove(&self.starter);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(slot: u32) -> Address {
        let generation = 1;
        Address { slot, generation }
    }

    #[test]
    fn a_server_that_has_linked_is_not_linked_again() {
        let starts = LinkedStarts::new(1);
        let (starter, server, other) = (address(1), address(2), address(3));
        starts.linked(server, starter).unwrap();
        let start = starts.begin(starter);
        assert_eq!(start.ensure(server, || 7), Some(7), "it linked before");
        starts.linked(server, starter).unwrap();
        assert_eq!(start.ensure(server, || 7), None);
        assert_eq!(start.ensure(other, || 7), Some(7));
    }

    #[test]
    fn the_last_pending_start_of_a_starter_forgets_the_links() {
        let starts = LinkedStarts::new(1);
        let (starter, server) = (address(1), address(2));
        let (one, two) = (starts.begin(starter), starts.begin(starter));
        starts.linked(server, starter).unwrap();
        drop(one);
        assert_eq!(two.ensure(server, || 7), None);
        drop(two);
        assert_eq!(starts.len(), 0);
        let next = starts.begin(starter);
        assert_eq!(next.ensure(server, || 7), Some(7));
    }

    #[test]
    fn the_recorded_links_of_all_starters_are_limited() {
        let starts = LinkedStarts::new(2);
        let [one, other] = [1, 2].map(|starter| starts.begin(address(starter)));
        for _ in 0..2 {
            starts.linked(address(3), address(1)).unwrap();
            starts.linked(address(3), address(2)).unwrap();
        }
        let what = "links of started servers";
        let full = Err(WireError::TooMany { what, limit: 2 });
        assert_eq!(starts.linked(address(4), address(1)), full);
        assert_eq!(starts.len(), 2 + 3);
        drop(one);
        assert_eq!(starts.linked(address(4), address(2)), Ok(()));
        drop(other);
        assert_eq!(starts.len(), 0);
    }
}
