//! Random crashes, kills, starts and stops with thousands of processes, which leave nothing behind.
//!
//! `cargo test` runs it for some seconds; `just soak` for a minute, `just soak 600` for ten. `SEED=7` repeats the
//! random choices, but not the interleaving of the threads.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program on the real clock"
)]

mod churn;
mod driver;
mod end;
mod peak;
mod trees;
mod worker;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit::prelude::*;
use ambit::system::System;
use ambit::test::{Holdings, holdings};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::runtime::Builder;
use tokio::sync::Mutex;

use crate::driver::Driver;
use crate::worker::Shared;

/// The number of tasks that start trees and break them.
const DRIVERS: u64 = 12;
/// How many more bytes the program may hold after the last third of the time than after the first: the table of
/// processes grows with their peak number, and does not shrink.
const MARGIN: usize = 4 << 20;
/// A timeout longer than the end of anything here.
const PATIENCE: Duration = Duration::from_secs(60);

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Waits until `now` returns `expected`; on a timeout it panics with the last value.
async fn settles<T: PartialEq + Debug>(what: &str, expected: T, now: impl Fn() -> T) {
    let began = Instant::now();
    while now() != expected {
        assert!(
            began.elapsed() < PATIENCE,
            "{what}: {:?} instead of {expected:?}\n{}",
            now(),
            ambit::inspect::tree()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[global_allocator]
static ALLOCATOR: &StatsAlloc<std::alloc::System> = &INSTRUMENTED_SYSTEM;

/// Returns the number of bytes that are allocated and not freed. The resident size depends on the machine.
fn held() -> usize {
    let now = ALLOCATOR.stats();
    now.bytes_allocated.saturating_sub(now.bytes_deallocated)
}

/// Serialises the tests: the memory of the program can be attributed to one at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

/// Runs a test in a system of its own while no other test runs. Its runtime is not built before, because that memory
/// would be attributed to the test that runs.
fn alone(runtime: &mut Builder, test: impl AsyncFnOnce(System)) {
    let _alone = ALONE.blocking_lock();
    let runtime = runtime.enable_all().build().unwrap();
    runtime.block_on(async {
        let system = System::builder().quiet_panics(true).build().unwrap();
        let _inside = system.enter();
        test(system).await;
    });
}

#[test]
fn nothing_is_left_behind() {
    alone(Builder::new_multi_thread().worker_threads(2), soak);
}

async fn soak(system: System) {
    let seconds = variable("SOAK").unwrap_or(5);
    let seed = variable("SEED").unwrap_or_else(|| u64::from(std::process::id()));
    eprintln!("SEED={seed} SOAK={seconds}");
    let mut shared = Shared::new();
    let bystander = shared.bystander().await;
    let before = holdings();
    let mut memory = Vec::new();
    for third in 0..3 {
        let until = Instant::now() + Duration::from_secs(seconds) / 3;
        let drivers = (0..DRIVERS).map(|n| {
            let seed = (seed * 31 + third) * DRIVERS + n;
            tokio::spawn(Driver::new(n, seed, shared.clone()).run(until))
        });
        let drivers: Vec<_> = drivers.collect();
        let mut most = 0;
        while Instant::now() < until {
            most = most.max(system.process_count());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut done = driver::Done::default();
        for driver in drivers {
            done += driver.await.unwrap();
        }
        is_clean(&shared, &bystander, before).await;
        memory.push(held());
        eprintln!(
            "{third}: up to {most} processes; {done:?}; {} KiB",
            memory[memory.len() - 1] >> 10
        );
    }
    let (first, last) = (memory[0], memory[2]);
    assert!(last <= first + MARGIN, "from {first} to {last} bytes");
    bystander.stop().await.unwrap();
    drop(bystander);
    settles("shared", 1, || Arc::strong_count(&shared.token)).await;
    settles("processes", 0, || system.process_count()).await;
}

/// Asserts that everything is as it was before.
async fn is_clean(shared: &Shared, bystander: &Process, before: Holdings) {
    settles("what the system holds", before, holdings).await;
    settles("keys", (0, 0), || {
        (shared.unique.len(), shared.duplicate.len())
    })
    .await;
    let info = ambit::process_info(bystander).unwrap();
    assert_eq!(
        (
            info.links.len(),
            info.monitors.len(),
            info.monitored_by.len()
        ),
        (0, 0, 0)
    );
    // The reference of this test, and that of the bystander.
    settles("shared", 2, || Arc::strong_count(&shared.token)).await;
}
