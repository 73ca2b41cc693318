//! The cases about two parties with the parties on different nodes: the test code is that of `ambit/tests/two_parties`,
//! which says of each area what is not here and why. Once over a network in memory, with one lane, so that whatever follows
//! shows that nothing came before it; and once over QUIC. Not in the simulation: this code waits by giving way to others, and on
//! a simulated clock no time passes while anybody does that. What `../conformance` plays is played there too.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    unnameable_types,
    unreachable_pub,
    clippy::async_yields_async,
    clippy::disallowed_methods,
    clippy::duplicate_mod,
    reason = "tests, which run twice"
)]

mod in_memory;
mod over_quic;
