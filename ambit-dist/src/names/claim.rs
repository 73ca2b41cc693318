//! Claims of names, as they are replicated.

use std::any::Any;
use std::cmp::Reverse;
use std::sync::OnceLock;

use ambit::server::{Protocol, Subject};
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::names::key::Key;
use crate::node::id::NodeId;
use crate::replica::change::EntryId;

/// The rank of a claim. Of two claims of one name, the greater one holds the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Rank {
    pub(super) priority: i32,
    /// The time of the claim in milliseconds since 1970. An older claim ranks higher.
    pub(super) since: Reverse<u64>,
    /// The number of times that the name was moved to another process.
    pub(super) moves: u32,
}

impl Rank {
    /// Returns the lowest rank above this one.
    pub(super) fn moved(self) -> Self {
        Self {
            moves: self.moves.saturating_add(1),
            ..self
        }
    }

    /// Returns the lowest rank above this one whose priority is not below `priority`.
    pub(super) fn moved_with(self, priority: i32) -> Self {
        Self {
            priority: self.priority.max(priority),
            ..self.moved()
        }
    }

    /// Returns the number of moves from the claim with the rank `other`, if this one can descend from it.
    fn moves_since(self, other: Self) -> Option<u32> {
        let is_same = self.since == other.since && self.priority >= other.priority;
        let moves = self.moves.checked_sub(other.moves)?;
        (is_same && moves > 0).then_some(moves)
    }
}

/// The identity of a claim, in the claims that the name was moved to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClaimId {
    node: String,
    incarnation: u64,
    entry: u64,
}

impl ClaimId {
    pub(super) fn new(origin: &NodeId, id: EntryId) -> Self {
        Self {
            node: String::from(&origin.name),
            incarnation: origin.incarnation.0,
            entry: id.0,
        }
    }

    fn is(&self, claim: &Claim) -> bool {
        self.entry == claim.id.0
            && self.incarnation == claim.origin.incarnation.0
            && self.node == claim.origin.name.as_str()
    }
}

/// The number of predecessors in a claim.
const MAX_PREDECESSORS: usize = 16;

/// The state of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ClaimState {
    /// The name is reserved for a process that does not run yet.
    Reserved,
    /// The name is claimed for a process.
    Registered,
    /// The name belongs to no process, after a conflict without a winner.
    Vetoed,
}

/// The first part of the body of a claim. The process and its value follow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ClaimHeader {
    #[serde(serialize_with = "put_key", deserialize_with = "take_key")]
    pub(super) key: Key,
    pub(super) rank: Rank,
    pub(super) state: ClaimState,
    /// True if the name was moved after a conflict.
    pub(super) is_verdict: bool,
    /// The claims from which the name was moved, one for each move, the latest last. Only the last 16 are kept.
    pub(super) predecessors: Vec<ClaimId>,
}

fn put_key<S: Serializer>(key: &Key, serializer: S) -> Result<S::Ok, S::Error> {
    key.as_ref().serialize(serializer)
}

fn take_key<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Key, D::Error> {
    Vec::<u8>::deserialize(deserializer).map(Key::from)
}

/// Returns the body of a claim.
pub(super) fn body(header: &ClaimHeader, payload: &[u8]) -> Bytes {
    let mut body = postcard::to_stdvec(header).unwrap_or_default();
    body.extend_from_slice(payload);
    body.into()
}

/// A visible claim.
pub(super) struct Claim {
    pub(super) origin: NodeId,
    pub(super) id: EntryId,
    pub(super) header: ClaimHeader,
    body: Bytes,
    /// The length of the header in the body.
    offset: usize,
    /// The decoded handle, set on first use.
    pub(super) handle: OnceLock<Box<dyn Any + Send + Sync>>,
    /// Set once the name was moved from this claim. The other claim may be gone before this one is withdrawn.
    pub(super) overtaken: OnceLock<Overtaken>,
}

/// How a name was moved from a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Overtaken {
    /// True if it was moved after a conflict.
    pub(super) is_verdict: bool,
    /// The node that got the name, unless it was a veto.
    pub(super) kept: Option<NodeId>,
}

impl Claim {
    /// Reads a body. Returns `None` if it is not one of a claim.
    pub(super) fn read(origin: &NodeId, id: EntryId, body: &Bytes) -> Option<Self> {
        let (header, payload) = postcard::take_from_bytes(body).ok()?;
        Some(Self {
            origin: origin.clone(),
            id,
            header,
            offset: body.len() - payload.len(),
            body: body.clone(),
            handle: OnceLock::new(),
            overtaken: OnceLock::new(),
        })
    }

    /// Returns the predecessors of a claim to which the name is moved from this one.
    pub(super) fn and_predecessors(&self) -> Vec<ClaimId> {
        let before = &self.header.predecessors;
        let dropped = (before.len() + 1).saturating_sub(MAX_PREDECESSORS);
        let mut all = before[dropped..].to_vec();
        all.push(ClaimId::new(&self.origin, self.id));
        all
    }

    /// Returns whether the name was moved on purpose from `other`, possibly in several steps. A claim from which it was
    /// moved longer ago than the predecessors go back counts too.
    fn was_moved_from(&self, other: &Self) -> bool {
        let Some(moves) = self.header.rank.moves_since(other.header.rank) else {
            return false;
        };
        let mut predecessors = self.header.predecessors.iter().rev();
        let predecessor = predecessors.nth(moves as usize - 1);
        predecessor.is_none_or(|predecessor| predecessor.is(other))
    }

    /// Returns how this claim has moved the name from `other`, if it has.
    pub(super) fn overtakes(&self, other: &Self) -> Option<Overtaken> {
        let is_veto = self.header.state == ClaimState::Vetoed;
        self.was_moved_from(other).then(|| Overtaken {
            is_verdict: self.header.is_verdict,
            kept: (!is_veto).then(|| self.origin.clone()),
        })
    }

    /// Returns the encoded process and value.
    pub(super) fn payload(&self) -> &[u8] {
        &self.body[self.offset..]
    }

    /// Returns the decoded handle, if it is known and one of this protocol. A claim without a process has none.
    pub(super) fn known<P: Protocol + ?Sized>(&self) -> Option<Subject<P>> {
        let handle = self.handle.get()?.downcast_ref::<Subject<P>>();
        handle.cloned()
    }

    /// Returns the position among the claims of a name, the first one being the holder. It is total, so that all nodes
    /// agree.
    pub(super) fn position(&self) -> (Reverse<Rank>, &NodeId, EntryId) {
        (Reverse(self.header.rank), &self.origin, self.id)
    }
}
