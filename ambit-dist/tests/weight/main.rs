//! What hostile packets and hostile members cost a node in memory.
//!
//! A program of its own, because its allocator counts the bytes of the whole program. What the system says of a program's
//! memory depends on the machine: on arenas, on pages, and on how busy it is.
#![allow(missing_docs, clippy::unwrap_used)]

mod flood;
#[path = "../hostile/hello.rs"]
mod hello;
mod hostile_memory;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../hostile/stranger.rs"]
mod stranger;
#[allow(dead_code, reason = "the other tests use the rest")]
#[path = "../hostile/target.rs"]
mod target;

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::sync::Mutex;

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Only one test at a time weighs the program.
static SCALES: Mutex<()> = Mutex::const_new(());

/// Returns how many bytes the program holds: allocated and not freed.
fn held() -> usize {
    let now = ALLOCATOR.stats();
    // Other threads allocate between the two loads.
    now.bytes_allocated.saturating_sub(now.bytes_deallocated)
}

/// Waits until the program holds at most so many bytes: a closed connection is freed a moment after its last word. Returns what it
/// holds then, or after a minute.
async fn held_at_last(most: usize) -> usize {
    for _ in 0..6_000 {
        if held() <= most {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    held()
}
