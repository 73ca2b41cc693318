//! A peer that has a valid certificate and means ill, over QUIC: whatever it sends, it is refused or closed with the code that
//! says why, the node goes on working for others, and nothing is delivered.

#![allow(missing_docs, clippy::unwrap_used)]

mod flow;
mod frames;
mod growth;
mod handshakes;
mod hello;
#[path = "../../../ambit/tests/support/listening.rs"]
mod listening;
mod questions;
mod stranger;
mod streams;
mod target;
mod traces;
#[allow(dead_code, reason = "no chain is checked here")]
#[path = "../../../ambit/tests/support/traces.rs"]
mod traces_support;
mod words;
