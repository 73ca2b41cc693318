//! The pending linked starts on the other node, and the servers that have already linked to their starters.
//!
//! The server links to its starter by a signal. The answer to the start may arrive on another stream, before the link.
//! If the session then ended before the link arrives, the starter would not be notified of the loss of its server.
//! Therefore the starter also links the server, unless the link of the server has already arrived: in that case the
//! server may already have ended.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::wire::ProcessAddress as Address;

/// The pending linked starts of one session, by starter.
#[derive(Debug, Default)]
pub(crate) struct LinkedStarts(Mutex<BTreeMap<Address, Starter>>);

#[derive(Debug, Default)]
struct Starter {
    pending: usize,
    /// The processes that have linked to the starter since its first pending start.
    linked: BTreeSet<Address>,
}

impl LinkedStarts {
    /// Begins a linked start, before its request is sent.
    pub(crate) fn begin(self: &Arc<Self>, starter: Address) -> LinkedStart {
        self.0.lock().entry(starter).or_default().pending += 1;
        LinkedStart {
            starts: self.clone(),
            starter,
        }
    }

    /// Records a link that has arrived, before it is applied.
    pub(super) fn linked(&self, server: Address, starter: Address) {
        if let Some(starter) = self.0.lock().get_mut(&starter) {
            starter.linked.insert(server);
        }
    }

    /// Returns the number of starters with pending starts.
    #[cfg(feature = "sim")]
    pub(crate) fn len(&self) -> usize {
        self.0.lock().len()
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
        let starts = self.starts.0.lock();
        let starter = starts.get(&self.starter);
        let is_linked = starter.is_some_and(|starter| starter.linked.contains(&server));
        (!is_linked).then(link)
    }
}

impl Drop for LinkedStart {
    fn drop(&mut self) {
        let mut starts = self.starts.0.lock();
        if let Some(starter) = starts.get_mut(&self.starter) {
            starter.pending -= 1;
            if starter.pending == 0 {
                starts.remove(&self.starter);
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
        let starts = Arc::new(LinkedStarts::default());
        let (starter, server, other) = (address(1), address(2), address(3));
        starts.linked(server, starter);
        let start = starts.begin(starter);
        assert_eq!(start.ensure(server, || 7), Some(7), "it linked before");
        starts.linked(server, starter);
        assert_eq!(start.ensure(server, || 7), None);
        assert_eq!(start.ensure(other, || 7), Some(7));
    }

    #[test]
    fn the_last_pending_start_of_a_starter_forgets_the_links() {
        let starts = Arc::new(LinkedStarts::default());
        let (starter, server) = (address(1), address(2));
        let (one, two) = (starts.begin(starter), starts.begin(starter));
        starts.linked(server, starter);
        drop(one);
        assert_eq!(two.ensure(server, || 7), None);
        drop(two);
        assert!(starts.0.lock().is_empty());
        let next = starts.begin(starter);
        assert_eq!(next.ensure(server, || 7), Some(7));
    }
}
