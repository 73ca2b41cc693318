//! The identity of the writer of a log.

use crate::node::id::NodeId;

/// A node as reported by the membership: an incarnation, and the number of its renewals.
///
/// A node renews its membership after others falsely reported it as down. It keeps its incarnation, so its log
/// continues.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub(crate) id: NodeId,
    pub(crate) renewal: u32,
}
