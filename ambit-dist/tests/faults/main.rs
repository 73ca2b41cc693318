//! Networks that lose, delay, reorder, repeat and damage what they carry: a proxy for UDP in this program, and two
//! network namespaces where the system lets us have them. They are tried by themselves, with plain QUIC across; then nodes
//! live with them, and with processes that are killed and frozen. Each of those nodes but one is a process of its own:
//! this program once more.

#![allow(missing_docs, clippy::unwrap_used)]

mod cut;
#[path = "../../src/dice.rs"]
mod dice;
mod echo;
mod fate;
mod frozen;
mod killed;
mod lossy;
mod namespaces;
mod narrow;
mod parted;
mod process;
mod program;
mod proxy;
mod servers;
mod soak;
mod stage;
mod through_namespaces;
mod through_proxy;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Each process counts its own.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns how many bytes this process holds: allocated and not freed.
fn held() -> u64 {
    let now = ALLOCATOR.stats();
    now.bytes_allocated.saturating_sub(now.bytes_deallocated) as u64
}
