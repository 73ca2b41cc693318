//! Replicated tables as pure code: events in, actions and changes out, without a clock, tasks or a source of
//! randomness.
//!
//! Each node is the only writer of its own entries, so replicas never merge conflicting writes. An entry belongs to a
//! table, which is identified by a text, and has a body of bytes. Names, groups, topics and presence are views of such
//! tables.
//!
//! # The log of an origin
//!
//! Every change of an entry has a version: 1, 2, 3 and so on, counted separately for each origin. A put inserts or
//! replaces an entry. A removal leaves a tombstone. Only the most recent tombstones are kept; the version of the last
//! dropped tombstone is the *floor* of the log. A [`Delta`](frame::Delta) contains the changes after one version up to
//! another. A replica at the first version applies it; a replica at another version pulls the changes that it lacks.
//!
//! A pull from below the floor cannot be answered with changes. The answer is a full transfer instead: it fills an
//! empty staging area, which replaces the visible entries at once when it is complete. Answers have a bounded size. The
//! replica requests each chunk separately, so it waits for at most one chunk of each origin at a time.
//!
//! # Members
//!
//! A replica accepts the entries of a node only while the membership reports exactly this incarnation as a member. The
//! entries of a node that is down are hidden, and dropped after a grace period. The entries of a node that leaves
//! gracefully, or that a later incarnation replaces, are dropped at once. Such an incarnation has ended and never
//! returns. Any other one returns as soon as the membership reports it again, whether the node has renewed its
//! membership after a false report, or the membership has forgotten the node during a long partition.
//!
//! # Sources
//!
//! The entries of a node come from the session with this node. Only without such a session does the replica request
//! them from other nodes, one node at a time. A digest of versions and hashes, sent to a random peer every few seconds,
//! detects lost changes.

mod acks;
pub(crate) mod change;
pub(crate) mod counts;
mod dropped_incarnations;
pub(crate) mod error;
pub(crate) mod frame;
mod hash;
pub(crate) mod limits;
mod log;
mod members;
pub(crate) mod origin;
mod peers;
mod push_window;
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod transfer;
