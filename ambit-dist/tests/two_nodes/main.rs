//! One handle, two nodes: a server of another node is used like any other.

#![allow(missing_docs, clippy::unwrap_used)]

mod definitions;
mod figures;
mod functions;
mod handles;
#[path = "../../../ambit/tests/support/listening.rs"]
mod listening;
mod messages;
mod pair;
mod recipients;
mod starts;
mod traces;
#[path = "../../../ambit/tests/support/traces.rs"]
mod traces_support;
