//! Waiting until nothing happens any more.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::process::current;
use crate::process::world::World;
use crate::process::worlds;

/// So many turns of the scheduler without any process count as quiet.
const QUIET_TURNS: u32 = 16;
/// How long pending tasks may take, in milliseconds of real time.
const PATIENCE: u32 = 2_000;

/// Waits until no process has anything to do and no `spawn_task` is pending; a paused clock does not move.
///
/// # Panics
/// If that is not so after 2 s of real time: a process that keeps itself busy, or a task that waits for a clock which
/// does not move.
pub async fn settle() {
    if let Some(world) = worlds::current() {
        settle_in(&world, true).await;
    }
}

pub(crate) async fn settle_in(world: &World, strict: bool) {
    let mut quiet = 0;
    for turn in 0..PATIENCE * QUIET_TURNS {
        let before = world.activity.load(Ordering::Relaxed);
        pause(world, turn).await;
        let own = u64::from(current::current().is_some_and(|own| own.core().main.is_none()));
        let still = world.activity.load(Ordering::Relaxed) <= before + own;
        quiet = if still && world.tasks.load(Ordering::Relaxed) == 0 {
            quiet + 1
        } else {
            0
        };
        if quiet == QUIET_TURNS {
            return;
        }
    }
    assert!(
        !strict,
        "not quiet after {PATIENCE} ms: a process keeps itself busy, or a `spawn_task` waits for a clock that does not move"
    );
}

/// Lets everybody else run. Now and then real time passes too, for what happens outside the runtime; a blocking task
/// keeps a paused clock from moving meanwhile.
#[allow(
    clippy::disallowed_methods,
    reason = "real time, on a thread of its own"
)]
async fn pause(world: &World, turn: u32) {
    let several = world
        .handle()
        .is_some_and(|handle| handle.metrics().num_workers() > 1);
    if several || turn % QUIET_TURNS == QUIET_TURNS - 1 {
        let nap = || std::thread::sleep(Duration::from_millis(1));
        tokio::task::spawn_blocking(nap).await.ok();
    } else {
        tokio::task::yield_now().await;
    }
}
