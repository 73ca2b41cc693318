//! Nodes: how they find, hold and lose each other. Cases of `docs/conformance.md` stand in the names of tests.

#![allow(clippy::unwrap_used)]

mod connect;
mod events;
mod loss;
mod namesakes;
mod quic;
mod refused;
mod renewals;
mod support;
