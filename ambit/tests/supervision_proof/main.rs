//! Supervision where it hurts: on several threads, with children that never suspend, thousands of them, under load.
#![allow(
    missing_docs,
    unreachable_pub,
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program on the real clock"
)]

mod leaving;
mod load;
mod order;
mod spinner;
mod starts;
mod storm;
mod stuck;
