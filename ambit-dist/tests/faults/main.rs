//! Networks that lose, delay, reorder, repeat and damage what they carry: a proxy for UDP in this program, and two
//! network namespaces where the system lets us have them. Here they are tried by themselves, with plain QUIC across.

#![allow(missing_docs, clippy::unwrap_used)]

#[path = "../../src/dice.rs"]
mod dice;
mod echo;
mod fate;
mod namespaces;
mod proxy;
mod through_namespaces;
mod through_proxy;
