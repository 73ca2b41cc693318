//! One handle, two nodes: a server of another node is used like any other.

#![allow(missing_docs, clippy::unwrap_used)]

mod messages;
mod pair;
mod starts;
