//! The copies of messages on their way to other nodes, bounded for each node.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use ambit::server::Pending;
use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::node::id::NodeName;

/// The number of bytes that may be on their way to one node. A longer message is admitted alone.
pub(super) const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The cost of a copy besides its payload.
const COPY_COST: usize = 256;

/// The number of nodes at which the lost ones are first removed.
const FIRST_SWEEP: usize = 64;

/// The number of lost nodes whose undelivered copies are remembered.
const REMEMBERED: usize = 1024;

/// The copies on their way, by node.
#[derive(Default)]
pub(super) struct Copies(Mutex<CopyTable>);

struct CopyTable {
    peers: BTreeMap<NodeName, PeerCopies>,
    next_sweep: usize,
    /// The copies that were not delivered to nodes without an entry, the latest one last.
    dropped: VecDeque<(NodeName, u64)>,
}

struct PeerCopies {
    counts: Arc<CopyCounts>,
    sent: UnboundedSender<SentCopy>,
}

#[derive(Default)]
struct CopyCounts {
    /// The bytes that the node has not confirmed.
    bytes: AtomicUsize,
    /// The copies that were not delivered.
    dropped: AtomicU64,
}

/// The capacity that one copy uses until it is dropped.
pub(super) struct CopySlot {
    counts: Arc<CopyCounts>,
    bytes: usize,
}

struct SentCopy {
    answer: Pending<u64>,
    slot: CopySlot,
}

impl Copies {
    /// Reserves capacity for a copy. Returns `None` if too many bytes are on their way to the node: the copy is dropped
    /// and counted. `is_connected` returns whether a node has a session.
    pub(super) fn reserve(
        &self,
        node: &NodeName,
        payload: usize,
        runtime: &Handle,
        is_connected: impl Fn(&NodeName) -> bool,
    ) -> Option<CopySlot> {
        let bytes = payload + COPY_COST;
        let mut table = self.0.lock();
        if !table.peers.contains_key(node) {
            table.sweep(is_connected);
            table.open(node, runtime);
        }
        let counts = table.peers.get(node)?.counts.clone();
        // Under the lock, so that no sweep removes the node in between.
        let fits =
            |before: usize| (before == 0 || before + bytes <= MAX_BYTES).then(|| before + bytes);
        let (set, fetch) = (Ordering::Relaxed, Ordering::Relaxed);
        if counts.bytes.fetch_update(set, fetch, fits).is_err() {
            counts.dropped.fetch_add(1, Ordering::Relaxed);
            return None;
        }
        Some(CopySlot { counts, bytes })
    }

    /// Counts a copy that cannot be sent at all.
    pub(super) fn drop_one(&self, node: &NodeName) {
        let mut table = self.0.lock();
        match table.peers.get(node) {
            Some(peer) => {
                peer.counts.dropped.fetch_add(1, Ordering::Relaxed);
            }
            None => table.remember(node, 1),
        }
    }

    /// Holds the capacity of a copy until the node has answered.
    pub(super) fn sent(&self, node: &NodeName, slot: CopySlot, answer: Pending<u64>) {
        let table = self.0.lock();
        // The slot keeps the node in the table.
        if let Some(peer) = table.peers.get(node) {
            // The task runs as long as this sender.
            peer.sent.send(SentCopy { answer, slot }).ok();
        }
    }

    /// Returns how many copies to a node were not delivered.
    pub(super) fn dropped(&self, node: &NodeName) -> u64 {
        let table = self.0.lock();
        if let Some(peer) = table.peers.get(node) {
            return peer.counts.dropped.load(Ordering::Relaxed);
        }
        let mut remembered = table.dropped.iter();
        let remembered = remembered.find(|(known, _)| known == node);
        remembered.map_or(0, |(_, dropped)| *dropped)
    }
}

impl Default for CopyTable {
    fn default() -> Self {
        Self {
            peers: BTreeMap::new(),
            next_sweep: FIRST_SWEEP,
            dropped: VecDeque::new(),
        }
    }
}

impl CopyTable {
    /// Adds a node, and starts its task.
    fn open(&mut self, node: &NodeName, runtime: &Handle) {
        let (sent, answers) = unbounded_channel();
        runtime.spawn(confirm(node.clone(), answers));
        let counts = Arc::<CopyCounts>::default();
        let dropped = self.forget(node);
        counts.dropped.store(dropped, Ordering::Relaxed);
        self.peers.insert(node.clone(), PeerCopies { counts, sent });
    }

    /// Removes the nodes without a session and without copies on their way, and ends their tasks. It runs once the
    /// number of nodes has doubled, so that its cost is shared by the additions.
    fn sweep(&mut self, is_connected: impl Fn(&NodeName) -> bool) {
        if self.peers.len() < self.next_sweep {
            return;
        }
        let mut lost = Vec::new();
        self.peers.retain(|node, peer| {
            let is_kept = peer.is_busy() || is_connected(node);
            if !is_kept {
                lost.push((node.clone(), peer.counts.dropped.load(Ordering::Relaxed)));
            }
            is_kept
        });
        for (node, dropped) in lost.into_iter().filter(|(_, dropped)| *dropped > 0) {
            self.remember(&node, dropped);
        }
        self.next_sweep = FIRST_SWEEP.max(2 * self.peers.len());
    }

    /// Adds undelivered copies to the count of a node without an entry.
    fn remember(&mut self, node: &NodeName, dropped: u64) {
        let dropped = dropped + self.forget(node);
        self.dropped.push_back((node.clone(), dropped));
        if self.dropped.len() > REMEMBERED {
            self.dropped.pop_front();
        }
    }

    /// Takes the count of a node without an entry.
    fn forget(&mut self, node: &NodeName) -> u64 {
        let known = self.dropped.iter().position(|(known, _)| known == node);
        let removed = known.and_then(|known| self.dropped.remove(known));
        removed.map_or(0, |(_, dropped)| dropped)
    }
}

impl PeerCopies {
    /// Returns whether copies are on their way. Their drops are counted before they end.
    fn is_busy(&self) -> bool {
        self.counts.bytes.load(Ordering::Acquire) > 0
    }
}

/// Awaits the answers of a node, in order. An answer comes at the latest when the session ends.
async fn confirm(node: NodeName, mut answers: UnboundedReceiver<SentCopy>) {
    while let Some(SentCopy { answer, slot }) = answers.recv().await {
        if let Err(error) = answer.await {
            let before = slot.counts.dropped.fetch_add(1, Ordering::Relaxed);
            if before == 0 {
                tracing::warn!(%node, %error, "a copy of a broadcast was not delivered; later ones are only counted");
            }
        }
        drop(slot);
    }
}

impl Drop for CopySlot {
    fn drop(&mut self) {
        self.counts.bytes.fetch_sub(self.bytes, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reserves capacity at a time when no other node has a session.
    fn reserve(copies: &Copies, node: &NodeName, payload: usize) -> Option<CopySlot> {
        copies.reserve(node, payload, &Handle::current(), |_| false)
    }

    #[ambit::test]
    async fn a_node_that_does_not_confirm_delays_no_other() {
        let copies = Copies::default();
        let (slow, quick) = ("slow".parse().unwrap(), "quick".parse().unwrap());
        let payload = MAX_BYTES / 4 - COPY_COST;
        let reserve = |node: &NodeName| reserve(&copies, node, payload);
        let mut slots: Vec<_> = (0..4).map(|_| reserve(&slow).unwrap()).collect();
        assert!(reserve(&slow).is_none());
        assert!(reserve(&quick).is_some());
        assert_eq!((copies.dropped(&slow), copies.dropped(&quick)), (1, 0));
        slots.pop();
        assert!(reserve(&slow).is_some());
    }

    #[ambit::test]
    async fn a_message_above_the_limit_is_admitted_alone() {
        let copies = Copies::default();
        let node = "slow".parse().unwrap();
        let long = reserve(&copies, &node, 2 * MAX_BYTES).unwrap();
        assert!(reserve(&copies, &node, 1).is_none());
        drop(long);
        assert!(reserve(&copies, &node, 1).is_some());
    }

    /// The number of nodes with an entry and of tasks.
    fn entries(copies: &Copies) -> (usize, usize) {
        let tasks = Handle::current().metrics().num_alive_tasks();
        (copies.0.lock().peers.len(), tasks)
    }

    #[ambit::test]
    async fn nodes_that_are_lost_leave_no_entries_and_no_tasks() {
        let copies = Copies::default();
        let name = |number: usize| format!("pod{number}").parse::<NodeName>().unwrap();
        let before = entries(&copies).1;
        let kept = reserve(&copies, &name(0), 1).unwrap();
        for number in 1..20 * FIRST_SWEEP {
            drop(reserve(&copies, &name(number), 1).unwrap());
            copies.drop_one(&name(number));
        }
        let (nodes, _) = entries(&copies);
        assert!(nodes <= FIRST_SWEEP, "{nodes}");
        // The tasks end once they have run.
        let mut yields = 0..100_000;
        while entries(&copies).1 - before > nodes && yields.next().is_some() {
            tokio::task::yield_now().await;
        }
        let (_, tasks) = entries(&copies);
        assert!(tasks - before <= nodes, "{tasks} tasks of {nodes} nodes");
        assert!(copies.0.lock().peers.contains_key(&name(0)));
        assert_eq!(copies.0.lock().dropped.len(), REMEMBERED);
        drop(kept);
    }

    #[ambit::test]
    async fn the_count_of_a_lost_node_continues_after_its_return() {
        let copies = Copies::default();
        let (runtime, pod) = (Handle::current(), "pod".parse::<NodeName>().unwrap());
        copies.drop_one(&pod);
        drop(reserve(&copies, &pod, 1));
        copies.drop_one(&pod);
        assert_eq!(copies.dropped(&pod), 2);
        for number in 0..2 * FIRST_SWEEP {
            let node = format!("other{number}").parse().unwrap();
            drop(copies.reserve(&node, 1, &runtime, |other| *other != pod));
        }
        assert!(!copies.0.lock().peers.contains_key(&pod));
        // Those with a session are kept.
        assert_eq!(copies.0.lock().peers.len(), 2 * FIRST_SWEEP);
        assert_eq!(copies.dropped(&pod), 2);
        drop(reserve(&copies, &pod, 1));
        assert_eq!(copies.dropped(&pod), 2);
    }
}
