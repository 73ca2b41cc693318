//! Networks that lose, delay, reorder, duplicate and damage packets: a UDP proxy in this program, and two network
//! namespaces where the system permits them. They are first tested alone, with plain QUIC; then with nodes, and with
//! processes that are killed and frozen. Each of those nodes except one runs in its own process, another instance of
//! this program.

#![allow(missing_docs, clippy::disallowed_methods, clippy::unwrap_used)]

mod cut;
mod echo;
mod fate;
mod frozen;
mod killed;
mod lossy;
mod members;
mod namespaces;
mod narrow;
mod parted;
mod process;
mod program;
mod proxy;
#[path = "../messages/rng.rs"]
mod rng;
mod servers;
mod soak;
mod stage;
mod switch;
mod through_namespaces;
mod through_proxy;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

/// Each process measures its own memory.
#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of bytes that this process has allocated and not freed.
fn held() -> u64 {
    let now = ALLOCATOR.stats();
    now.bytes_allocated.saturating_sub(now.bytes_deallocated) as u64
}
