//! Random crashing, killing, starting and stopping with thousands of processes, and nothing is left behind.
//!
//! `cargo test` runs it for some seconds; `just soak` for a minute, `just soak 600` for ten. `SEED=7` repeats what chance
//! decided, though not in which order the threads ran.
#![allow(
    missing_docs,
    unreachable_pub,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test program on the real clock"
)]

mod driver;
mod trees;
mod worker;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit::System;
use ambit::prelude::*;
use ambit::test::{Holdings, holdings};

use crate::driver::Driver;
use crate::worker::Shared;

/// How many tasks make trees and break them.
const DRIVERS: u64 = 12;
/// What the memory of a third of the time may exceed that of the first: what an allocator keeps for later.
const MARGIN_MIB: f64 = 24.0;
/// Longer than anything takes to end.
const PATIENCE: Duration = Duration::from_secs(60);

fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Waits until it is so, and says what is so if that takes too long.
async fn settles<T: PartialEq + Debug>(what: &str, expected: T, now: impl Fn() -> T) {
    let began = Instant::now();
    while now() != expected {
        assert!(
            began.elapsed() < PATIENCE,
            "{what}: {:?} instead of {expected:?}\n{}",
            now(),
            ambit::tree()
        );
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The memory in use, where that can be asked.
fn memory_mib() -> Option<f64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: f64 = statm.split(' ').nth(1)?.parse().ok()?;
    Some(pages * 4096.0 / f64::from(1 << 20))
}

#[test]
fn nothing_is_left_behind() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let system = System::builder().quiet_panics(true).build().unwrap();
        let _inside = system.enter();
        soak(&system).await;
    });
}

async fn soak(system: &System) {
    let seconds = variable("SOAK").unwrap_or(9);
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
        memory.push(memory_mib());
        eprintln!(
            "{third}: up to {most} processes; {done:?}; {:?} MiB",
            memory[memory.len() - 1]
        );
    }
    if let [Some(first), _, Some(last)] = memory[..] {
        assert!(last <= first + MARGIN_MIB, "from {first} to {last} MiB");
    }
    bystander.stop().await.unwrap();
    drop(bystander);
    settles("shared", 1, || Arc::strong_count(&shared.token)).await;
    settles("processes", 0, || system.process_count()).await;
}

/// Everything is as it was before.
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
    // This one, and that of the bystander.
    settles("shared", 2, || Arc::strong_count(&shared.token)).await;
}
