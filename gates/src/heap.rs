//! The heap of this program: how often it was asked for memory, and how much it holds.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// How many times memory was asked for so far: a block that grows counts again.
pub(crate) fn requests() -> usize {
    let stats = HEAP.stats();
    stats.allocations + stats.reallocations
}

/// How many bytes are held now, as asked for: what the allocator adds to a block is not counted.
pub(crate) fn held() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}
