//! The heap of this program: the number of allocations, and the number of bytes in use.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static HEAP: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of allocations so far: a reallocation counts again.
pub(crate) fn requests() -> usize {
    let stats = HEAP.stats();
    stats.allocations + stats.reallocations
}

/// Returns the number of bytes in use, as requested: allocator overhead is not counted.
pub(crate) fn held() -> usize {
    let stats = HEAP.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}
