//! The memory cost of hostile packets and hostile members.
//!
//! A separate program, because its allocator counts the bytes of the whole program. The memory that the system reports
//! for a program depends on the machine: on arenas, pages, and load.
#![allow(missing_docs, clippy::disallowed_methods, clippy::unwrap_used)]

mod entries;
mod flood;
#[path = "../hostile/hello.rs"]
mod hello;
mod hostile_memory;
mod large_elements;
#[path = "../../../ambit/tests/support/listening.rs"]
mod listening;
#[path = "../hostile/log.rs"]
mod log;
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

/// Held by the test that measures the program.
static SCALES: Mutex<()> = Mutex::const_new(());

/// Returns the number of bytes that the program has allocated and not freed.
fn held() -> usize {
    let now = ALLOCATOR.stats();
    // Other threads allocate between the two loads.
    now.bytes_allocated.saturating_sub(now.bytes_deallocated)
}

/// Waits until the program holds at most this many bytes: a closed connection is freed slightly later. Returns the
/// number of bytes then, or after a minute.
async fn held_at_last(most: usize) -> usize {
    for _ in 0..6_000 {
        if held() <= most {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    held()
}
