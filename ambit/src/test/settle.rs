//! Waiting until the system is quiescent.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::Poll;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};
use tokio::task::JoinHandle;

use crate::process::clock::Clock;
use crate::process::current;
use crate::process::current_system;
use crate::process::system_inner::SystemInner;

/// The number of scheduler turns without any running process that count as quiescent.
const QUIET_TURNS: u32 = 16;
/// The time limit for all of it, in real time.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until all processes of the current system are idle and all `spawn_task` futures have finished. Meanwhile a
/// virtual clock does not advance. Returns at once if there is no current system.
///
/// # Cancel safety
/// Dropping the future changes nothing.
///
/// # Panics
/// Panics if the system is not idle after 2 s of real time: a process keeps itself busy, or a `spawn_task` future waits
/// for the virtual clock.
pub async fn settle() {
    if let Some(system) = current_system::current() {
        let is_quiet = settle_in(&system, true).await;
        assert!(
            is_quiet,
            "not quiet after {PATIENCE:?}: a process keeps itself busy, or a `spawn_task` waits for a clock that does \
             not move"
        );
    }
}

/// Waits until no process has anything to do, and for the tasks too if `tasks`; returns false if that took too long.
pub(crate) async fn settle_in(system: &Arc<SystemInner>, tasks: bool) -> bool {
    let mut late = Late::start();
    let mut quiet = 0;
    while quiet < QUIET_TURNS && !late.is_over() {
        if tasks {
            late.or(system.tasks.all_done()).await;
        }
        let before = system.activity.load(Ordering::Relaxed);
        turn(system).await;
        let own = u64::from(current::current().is_some_and(|own| !own.core().is_main()));
        let still = system.activity.load(Ordering::Relaxed) <= before + own;
        quiet = if still { quiet + 1 } else { 0 };
        // A handler that occupies another thread starts no other.
        if quiet == QUIET_TURNS && another_runs(system) {
            quiet = 0;
        }
    }
    late.end().await;
    quiet == QUIET_TURNS
}

/// Returns whether a process other than the current one occupies a thread.
fn another_runs(system: &SystemInner) -> bool {
    let own = current::current().map(|own| own.core().pid);
    let mut runs = false;
    system.table.each(|process| {
        let core = process.core();
        runs |= core.is_running() && Some(core.pid) != own;
    });
    runs
}

/// Lets other processes run. Several threads run in parallel, on the real clock: there a turn takes time.
async fn turn(system: &Arc<SystemInner>) {
    let workers = system
        .handle()
        .map_or(1, |handle| handle.metrics().num_workers());
    if workers > 1 {
        let clock = Clock::start(system, Duration::from_millis(1));
        poll_fn(|cx| clock.poll(cx)).await;
    } else {
        tokio::task::yield_now().await;
    }
}

/// A timeout of `PATIENCE`. It waits on a thread for blocking tasks: such a task keeps a paused clock from moving.
struct Late {
    waits: JoinHandle<()>,
    ended: Arc<(Mutex<bool>, Condvar)>,
}

impl Late {
    fn start() -> Self {
        let ended = Arc::new((Mutex::new(false), Condvar::new()));
        let known = ended.clone();
        let waits = tokio::task::spawn_blocking(move || {
            let (ended, changed) = &*known;
            changed.wait_while_for(&mut ended.lock(), |ended| !*ended, PATIENCE);
        });
        Self { waits, ended }
    }

    fn is_over(&self) -> bool {
        self.waits.is_finished()
    }

    /// Waits for `other`, but not past the timeout.
    async fn or(&mut self, other: impl Future<Output = ()>) {
        if self.is_over() {
            return;
        }
        let mut other = pin!(other);
        poll_fn(|cx| match other.as_mut().poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => Pin::new(&mut self.waits).poll(cx).map(drop),
        })
        .await;
    }

    /// Releases the thread, and with it the clock.
    async fn end(self) {
        *self.ended.0.lock() = true;
        self.ended.1.notify_all();
        if !self.waits.is_finished() {
            self.waits.await.ok();
        }
    }
}
