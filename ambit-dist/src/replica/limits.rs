//! The limits and times of replication.

use std::time::Duration;

use crate::wire::Limits;

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;

/// The limits of the replicated tables of one node. If the limits of a node exceed those of another node, that node may
/// close the session, so all nodes of a cluster should have equal limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplicaLimits {
    /// The maximum number of entries of this node; 1,000,000 by default.
    pub(crate) own_entries: usize,
    /// The maximum number of entries accepted from each other node; 1,000,000 by default.
    pub(crate) entries: usize,
    /// The maximum size of the entries of one node, in bytes, with [`ENTRY_COST`] for each; 256 MiB by default. The
    /// copy of another node may use twice as much while it catches up, and a staging area the same again.
    pub(crate) bytes: usize,
    /// The maximum length of a body, in bytes; 64 KiB by default.
    pub(crate) body: usize,
    /// The maximum length of the name of a table, in bytes; 255 by default.
    pub(crate) table_name: usize,
    /// The maximum number of tables of one node; 1,024 by default.
    pub(crate) tables: usize,
    /// The number of removals remembered for each node. A replica that is further behind receives all entries again;
    /// 65,536 by default.
    pub(crate) tombstones: usize,
    /// The number of names of which the last dropped incarnation is remembered. Beyond it, the incarnation dropped
    /// first is forgotten, and a late report of the membership could show it again; 4,096 by default.
    pub(crate) remembered: usize,
    /// The length of a chunk, in bytes. A longer entry is a chunk of its own; 64 KiB by default.
    pub(crate) chunk: usize,
    /// The number of bytes pushed to a peer before it acknowledges them. Beyond it, the peer is only informed of the
    /// new version, and pulls the changes when it is ready; 256 KiB by default.
    pub(crate) unacknowledged: usize,
}

/// The size of an entry without its body, for [`ReplicaLimits::bytes`].
pub(crate) const ENTRY_COST: usize = 64;

/// The length of the headers of a frame with one entry, without the name of its table: an upper bound.
const FRAME_COST: usize = 256;

impl Default for ReplicaLimits {
    fn default() -> Self {
        Self {
            own_entries: 1_000_000,
            entries: 1_000_000,
            bytes: 256 * MIB,
            body: 64 * KIB,
            table_name: 255,
            tables: 1_024,
            tombstones: 65_536,
            remembered: 4_096,
            chunk: 64 * KIB,
            unacknowledged: 256 * KIB,
        }
    }
}

impl ReplicaLimits {
    /// Returns the limits of a node with these settings.
    pub(crate) fn of(limits: &Limits) -> Self {
        Self {
            own_entries: limits.entries,
            entries: limits.entries,
            bytes: limits.entry_bytes,
            ..Self::default()
        }
    }

    /// Returns the maximum length of a frame, in bytes.
    pub(crate) fn frame(&self) -> usize {
        let entry = self.body.saturating_add(self.table_name);
        self.chunk.max(entry).saturating_add(FRAME_COST)
    }

    /// Returns the length of a chunk without the headers of its frame.
    pub(super) fn chunk_budget(&self) -> usize {
        self.chunk.saturating_sub(FRAME_COST)
    }
}

/// The times of replication.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplicaSettings {
    /// The time after which the hidden entries of a node that is down are dropped; 30 s by default.
    pub(crate) grace: Duration,
    /// The interval of digests; 5 s by default.
    pub(crate) digest_every: Duration,
    /// The interval at which another node is asked for the entries of a member without a session; 1 s by default.
    pub(crate) relay_every: Duration,
    /// The time after which another node replaces a relay that does not answer; 5 s by default.
    pub(crate) relay_patience: Duration,
    /// The session with a peer is closed after this time if the peer neither acknowledges a push nor transfers entries;
    /// 30 s by default. Registrations of names wait for its acknowledgement.
    pub(crate) ack_patience: Duration,
}

impl Default for ReplicaSettings {
    fn default() -> Self {
        Self {
            grace: Duration::from_secs(30),
            digest_every: Duration::from_secs(5),
            relay_every: Duration::from_secs(1),
            relay_patience: Duration::from_secs(5),
            ack_patience: Duration::from_secs(30),
        }
    }
}
