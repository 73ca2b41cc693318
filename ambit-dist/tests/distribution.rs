//! Nodes: how they find, hold and lose each other. Cases of `docs/conformance.md` stand in the names of tests.

mod admission;
mod connect;
mod events;
mod loss;
mod namesakes;
mod quic;
mod refused;
mod renewals;
mod support;
