//! Follows the discovery sources: one task per source, and the candidates on their way to the connection manager.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::discovery::{Discovery, DiscoveryError};
use crate::node::connection_manager::SourceId;
use crate::node::run::Runner;
use crate::node::shared::Shared;
use crate::rt;

/// The delay after the first error of a source; it doubles with each.
const FIRST: Duration = Duration::from_millis(100);
/// The maximum delay.
const LONGEST: Duration = Duration::from_secs(10);

/// Follows a source until it ends.
pub(super) async fn follow(shared: Arc<Shared>, index: usize, mut source: Box<dyn Discovery>) {
    let mut source_log = SourceLog::new(shared, index);
    let mut delay = FIRST;
    while let Some(found) = source.next().await {
        match found {
            Ok(set) => {
                delay = FIRST;
                source_log.found(set);
            }
            Err(error) => {
                source_log.failed(&error);
                rt::sleep(delay).await;
                delay = LONGEST.min(delay * 2);
            }
        }
        // A source that is always ready must not starve the runtime.
        tokio::task::coop::consume_budget().await;
    }
    source_log.ended();
}

/// Stores what a source returns, and logs its changes.
struct SourceLog {
    shared: Arc<Shared>,
    index: usize,
    source: String,
    has_excess: bool,
}

impl SourceLog {
    fn new(shared: Arc<Shared>, index: usize) -> Self {
        Self {
            source: shared.discovery.description(index),
            shared,
            index,
            has_excess: false,
        }
    }

    fn found(&mut self, set: Vec<SocketAddr>) {
        let (node, source) = (self.shared.node_context.id(), &self.source);
        tracing::debug!(%node, source, candidates = ?set, "discovery lists other candidates");
        let (ended, excess) = self.shared.discovery.found(self.index, set);
        if let Some(error) = ended {
            tracing::info!(%node, source, %error, "discovery works again after an error");
        }
        let had_excess = std::mem::replace(&mut self.has_excess, excess > 0);
        if excess > 0 && !had_excess {
            tracing::warn!(%node, source, excess, "discovery lists too many candidates, so the last ones are ignored: make the source list only nodes of this cluster");
        }
    }

    fn failed(&self, error: &DiscoveryError) {
        if self.shared.discovery.failed(self.index, error) {
            let (node, source) = (self.shared.node_context.id(), &self.source);
            tracing::warn!(%node, source, %error, "discovery fails and is retried; its last candidates remain");
        }
    }

    fn ended(&self) {
        let (node, source) = (self.shared.node_context.id(), &self.source);
        tracing::debug!(%node, source, "discovery has ended; its candidates remain");
        self.shared.discovery.ended(self.index);
    }
}

impl Drop for SourceLog {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let error = DiscoveryError::new(
                "the source panicked and lists no more candidates: fix the panic and restart the node",
            );
            self.failed(&error);
            self.shared.discovery.ended(self.index);
        }
    }
}

impl Runner {
    /// Starts a task for each source.
    pub(super) fn follow_sources(&mut self, sources: Vec<Box<dyn Discovery>>) {
        for (index, source) in sources.into_iter().enumerate() {
            let follow = follow(self.shared.clone(), index, source);
            self.tasks.spawn(follow);
        }
    }

    /// Passes new sets of candidates to the connection manager, without those that may not be dialled.
    pub(super) fn discovered(&mut self) {
        let now = self.now();
        for (index, mut set) in self.shared.discovery.take_new() {
            // Nodes with the same sources find themselves in them.
            set.retain(|address| !self.shared.is_at(*address));
            let (allowed, denied): (Vec<_>, Vec<_>) =
                (set.into_iter()).partition(|address| self.shared.may_dial(*address));
            if !denied.is_empty() {
                let (node, source) = (
                    self.shared.node_context.id(),
                    self.shared.discovery.description(index),
                );
                tracing::warn!(%node, source, ?denied, "candidates are outside the networks that this node may dial: add them to `allow_addresses(..)` or correct the source");
            }
            self.peers.candidates(now, SourceId(index), allowed);
        }
    }
}
