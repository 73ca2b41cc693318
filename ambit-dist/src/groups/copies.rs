//! The copies of messages on their way to other nodes, bounded for each node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use ambit::server::Pending;
use parking_lot::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::node::id::NodeName;

/// The number of bytes that may be on their way to one node. A longer message is admitted alone.
const MAX_BYTES: usize = 4 * 1024 * 1024;

/// The cost of a copy besides its payload.
const COPY_COST: usize = 256;

/// The copies on their way, by node.
#[derive(Default)]
pub(super) struct Copies {
    peers: Mutex<BTreeMap<NodeName, PeerCopies>>,
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
    /// and counted.
    pub(super) fn reserve(
        &self,
        node: &NodeName,
        payload: usize,
        runtime: &tokio::runtime::Handle,
    ) -> Option<CopySlot> {
        let bytes = payload + COPY_COST;
        let counts = self.counts(node, runtime);
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
    pub(super) fn drop_one(&self, node: &NodeName, runtime: &tokio::runtime::Handle) {
        let counts = self.counts(node, runtime);
        counts.dropped.fetch_add(1, Ordering::Relaxed);
    }

    /// Holds the capacity of a copy until the node has answered.
    pub(super) fn sent(&self, node: &NodeName, slot: CopySlot, answer: Pending<u64>) {
        let peers = self.peers.lock();
        if let Some(peer) = peers.get(node) {
            // The task runs as long as this sender.
            peer.sent.send(SentCopy { answer, slot }).ok();
        }
    }

    /// Returns how many copies to a node were not delivered.
    pub(super) fn dropped(&self, node: &NodeName) -> u64 {
        let peers = self.peers.lock();
        let dropped = peers.get(node).map(|peer| &peer.counts.dropped);
        dropped.map_or(0, |dropped| dropped.load(Ordering::Relaxed))
    }

    fn counts(&self, node: &NodeName, runtime: &tokio::runtime::Handle) -> Arc<CopyCounts> {
        let mut peers = self.peers.lock();
        if let Some(peer) = peers.get(node) {
            return peer.counts.clone();
        }
        let (sent, answers) = unbounded_channel();
        runtime.spawn(confirm(node.clone(), answers));
        let counts = Arc::<CopyCounts>::default();
        let peer = PeerCopies {
            counts: counts.clone(),
            sent,
        };
        peers.insert(node.clone(), peer);
        counts
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
        self.counts.bytes.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[ambit::test]
    async fn a_node_that_does_not_confirm_delays_no_other() {
        let (copies, runtime) = (Copies::default(), tokio::runtime::Handle::current());
        let (slow, quick) = ("slow".parse().unwrap(), "quick".parse().unwrap());
        let payload = MAX_BYTES / 4 - COPY_COST;
        let reserve = |node: &NodeName| copies.reserve(node, payload, &runtime);
        let mut slots: Vec<_> = (0..4).map(|_| reserve(&slow).unwrap()).collect();
        assert!(reserve(&slow).is_none());
        assert!(reserve(&quick).is_some());
        assert_eq!((copies.dropped(&slow), copies.dropped(&quick)), (1, 0));
        slots.pop();
        assert!(reserve(&slow).is_some());
    }

    #[ambit::test]
    async fn a_message_above_the_limit_is_admitted_alone() {
        let (copies, runtime) = (Copies::default(), tokio::runtime::Handle::current());
        let node = "slow".parse().unwrap();
        let long = copies.reserve(&node, 2 * MAX_BYTES, &runtime).unwrap();
        assert!(copies.reserve(&node, 1, &runtime).is_none());
        drop(long);
        assert!(copies.reserve(&node, 1, &runtime).is_some());
    }
}
