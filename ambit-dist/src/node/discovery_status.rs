//! The state of the discovery sources of a node, shared by their tasks, the node's task and its handles.

use std::net::SocketAddr;

use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::discovery::DiscoveryError;

/// The maximum number of candidates of one source. More than any node can connect to.
const CANDIDATES: usize = 4096;

/// The state of one discovery source, from [`Node::discovery`](crate::Node::discovery).
///
/// ```
/// use ambit_dist::discovery::Seeds;
/// # use ambit_dist::{Node, transport::Memory};
///
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let network = Memory::new();
/// # let b = Node::builder("b").transport(network.bind("10.0.0.2:9000".parse()?)?).start().await?;
/// # let transport = network.bind("10.0.0.1:9000".parse()?)?;
/// let a = Node::builder("a").transport(transport).discover("10.0.0.2:9000".parse::<Seeds>()?).start().await?;
/// // Node b runs at this address.
/// a.membership().wait_until(|up| up.len() == 2).await;
/// for status in a.discovery() {
///     assert_eq!(status.candidates, [b.local_addr()], "{}", status.source);
///     assert_eq!(status.error, None);
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DiscoveryStatus {
    /// The description of the source.
    pub source: String,
    /// The last set of candidates, in order of preference. Contains the node's own address if the source lists it. At
    /// most 4,096 candidates are kept.
    pub candidates: Vec<SocketAddr>,
    /// The last error of the source; `None` while the source works.
    pub error: Option<DiscoveryError>,
    /// True once the source has ended. Its last candidates remain in use.
    pub has_ended: bool,
}

/// The sources of a node. A set that is replaced before the node's task has taken it is skipped: each set is complete.
#[derive(Debug, Default)]
pub(crate) struct DiscoveryTable {
    sources: Mutex<Vec<SourceState>>,
    changed: Notify,
}

#[derive(Debug, Default)]
struct SourceState {
    status: DiscoveryStatus,
    /// True if the node's task has not yet taken the candidates.
    is_new: bool,
}

impl DiscoveryTable {
    pub(crate) fn new(descriptions: impl IntoIterator<Item = String>) -> Self {
        let state = |source| SourceState {
            status: DiscoveryStatus {
                source,
                ..DiscoveryStatus::default()
            },
            is_new: false,
        };
        Self {
            sources: Mutex::new(descriptions.into_iter().map(state).collect()),
            changed: Notify::new(),
        }
    }

    /// Stores the next set of a source. Returns the error that it ends, and the number of candidates beyond the limit.
    pub(crate) fn found(
        &self,
        source: usize,
        mut set: Vec<SocketAddr>,
    ) -> (Option<DiscoveryError>, usize) {
        let excess = set.len().saturating_sub(CANDIDATES);
        set.truncate(CANDIDATES);
        let mut sources = self.sources.lock();
        let state = &mut sources[source];
        state.status.candidates = set;
        state.is_new = true;
        let ended = state.status.error.take();
        drop(sources);
        self.changed.notify_one();
        (ended, excess)
    }

    /// Stores the error of a source. Returns true if it differs from the previous one.
    pub(crate) fn failed(&self, source: usize, error: &DiscoveryError) -> bool {
        let mut sources = self.sources.lock();
        let last = &mut sources[source].status.error;
        let is_new = last.as_ref() != Some(error);
        *last = Some(error.clone());
        is_new
    }

    pub(crate) fn ended(&self, source: usize) {
        self.sources.lock()[source].status.has_ended = true;
    }

    pub(crate) fn statuses(&self) -> Vec<DiscoveryStatus> {
        let sources = self.sources.lock();
        sources.iter().map(|source| source.status.clone()).collect()
    }

    pub(crate) fn description(&self, source: usize) -> String {
        self.sources.lock()[source].status.source.clone()
    }

    /// Waits until a source has a new set. Cancel safe.
    pub(crate) async fn changed(&self) {
        self.changed.notified().await;
    }

    /// Takes the new sets, each with the index of its source.
    pub(crate) fn take_new(&self) -> Vec<(usize, Vec<SocketAddr>)> {
        let mut sources = self.sources.lock();
        let new = sources.iter_mut().enumerate();
        new.filter_map(|(index, state)| {
            let is_new = std::mem::take(&mut state.is_new);
            is_new.then(|| (index, state.status.candidates.clone()))
        })
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], port))
    }

    #[test]
    fn only_the_latest_set_of_each_source_is_taken() {
        let table = DiscoveryTable::new(["one".to_owned(), "two".to_owned()]);
        assert_eq!(table.take_new(), []);
        table.found(1, vec![at(1)]);
        table.found(1, vec![at(2)]);
        assert_eq!(table.take_new(), [(1, vec![at(2)])]);
        assert_eq!(table.take_new(), []);
    }

    #[test]
    fn an_error_is_new_once_and_ends_with_the_next_set() {
        let table = DiscoveryTable::new(["one".to_owned()]);
        let (one, other) = (DiscoveryError::new("one"), DiscoveryError::new("other"));
        let failed = [&one, &one, &other, &one].map(|error| table.failed(0, error));
        assert_eq!(failed, [true, false, true, true]);
        assert_eq!(table.found(0, vec![]), (Some(one.clone()), 0));
        assert!(table.failed(0, &one));
    }

    #[test]
    fn the_candidates_of_a_source_are_limited() {
        let table = DiscoveryTable::new(["one".to_owned()]);
        let set: Vec<SocketAddr> = (1..=5_000).map(at).collect();
        assert_eq!(table.found(0, set.clone()), (None, 904));
        assert_eq!(table.take_new()[0].1, set[..4_096]);
    }
}
