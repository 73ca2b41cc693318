//! Replicated tables: events in, actions and changes out, without a clock, tasks or its own source of randomness.
//!
//! Each node is the only writer of its own entries, so replicas never merge conflicting writes. An entry belongs to a
//! table, which is named by text, and has a body of bytes. Names, groups, topics and presence are views of such tables.
//!
//! # The log of an origin
//!
//! Every change of an entry has a version: 1, 2, 3 and so on for each origin. A put inserts or replaces an entry. A
//! removal leaves a tombstone; the most recent tombstones are kept, and the version of the last forgotten one is the
//! *floor* of the log. A [`Delta`](frame::Delta) contains the changes after one version up to another. A replica that
//! has the first version applies it. A replica with another version asks for what it lacks with a pull.
//!
//! A pull from below the floor cannot be answered with changes. The answer is then a full transfer: it starts from
//! nothing into a staging area, which replaces the visible entries at once when it is complete. Answers have a bounded
//! size. The replica requests each next chunk, so at most one chunk for each origin is under way to it.
//!
//! # Members
//!
//! A replica accepts the entries of a node only while the membership reports exactly this incarnation as a member.
//! Entries of a node that is down are hidden, and dropped after a grace period. A node that leaves gracefully, or that
//! a later incarnation replaces, is dropped at once. A dropped incarnation never returns, unless its own node renews
//! its membership after a false report.
//!
//! # Sources
//!
//! The entries of a node come from its own session. Only without such a session are they requested from another node,
//! one at a time. Digests of versions and hashes, sent to a random peer every few seconds, find what was lost.

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
pub(crate) mod store;
#[cfg(test)]
mod tests;
mod transfer;
