//! Notices, on a virtual clock, that the process of the test waits without end.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::Sleep;

use crate::process::system_inner::SystemInner;
use crate::rt::{self, Instant, Stopwatch};

/// The virtual time between two looks at a process that waits.
const DAY: Duration = Duration::from_secs(86_400);
/// The virtual time after which a process that waits is considered stuck.
const NEVER: Duration = Duration::from_secs(10 * 365 * 86_400);
/// The real time after which it is considered stuck after one [`DAY`]: timers that fire again and again keep the
/// virtual clock from moving on faster.
pub(super) const PATIENCE: Duration = Duration::from_secs(300);

/// Why a test cannot end.
pub(super) struct Hang {
    waited: Duration,
    /// Whether any process ran while the test waited.
    has_activity: bool,
}

impl fmt::Display for Hang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_activity {
            return f.write_str("all processes wait and no timer is armed, so the test cannot end");
        }
        let hours = self.waited.as_secs() / 3_600;
        write!(
            f,
            "the test has waited for {hours} hours of virtual time while timers fired, so it cannot end"
        )
    }
}

/// Notices that the process of the test waits without end. It is polled in the task of that process, so each poll for
/// another reason than its own alarm shows that the process was woken.
pub(super) struct Watchdog {
    system: Arc<SystemInner>,
    alarm: Pin<Box<Sleep>>,
    /// When the process was woken last, on both clocks, and how many polls of processes there had been.
    woken: Instant,
    stopwatch: Stopwatch,
    activity: u64,
    patience: Duration,
}

impl Watchdog {
    pub(super) fn start(system: &Arc<SystemInner>, patience: Duration) -> Self {
        let now = system.now();
        Self {
            system: system.clone(),
            alarm: rt::sleep_until(rt::after(now, DAY)),
            woken: now,
            stopwatch: Stopwatch::start(),
            activity: 0,
            patience,
        }
    }

    /// Ready when the process waits without end.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Hang> {
        if self.alarm.as_mut().poll(cx).is_pending() {
            self.woken = self.system.now();
            self.stopwatch = Stopwatch::start();
            self.activity = self.system.activity.load(Ordering::Relaxed);
            return Poll::Pending;
        }
        let now = self.system.now();
        let waited = now.saturating_duration_since(self.woken);
        let is_slow = waited >= DAY && self.stopwatch.elapsed() > self.patience;
        if is_slow || waited >= NEVER {
            let has_activity = self.system.activity.load(Ordering::Relaxed) != self.activity;
            return Poll::Ready(Hang {
                waited,
                has_activity,
            });
        }
        self.alarm = rt::sleep_until(rt::after(now, DAY));
        // It registers the waker.
        let _ = self.alarm.as_mut().poll(cx);
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;
    use crate::plain::inbox::Inbox;
    use crate::system::System;

    /// Returns why a test that only waits cannot end.
    fn hang_beside(ticks: bool) -> Hang {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let _inside = runtime.enter();
        let system = System::builder().virtual_time(true).build().unwrap();
        let _current = system.enter();
        if ticks {
            crate::spawn(|_: Inbox<()>| async {
                loop {
                    let hour = Duration::from_secs(3_600);
                    rt::sleep_until(rt::after(rt::now(None), hour)).await;
                }
            });
        }
        let mut watchdog = Watchdog::start(&system.inner, Duration::ZERO);
        runtime.block_on(poll_fn(|cx| watchdog.poll(cx)))
    }

    #[test]
    fn a_test_beside_a_periodic_timer_hangs_after_a_day() {
        let hang = hang_beside(true);
        let text = "the test has waited for 24 hours of virtual time while timers fired";
        assert!(hang.to_string().starts_with(text), "{hang}");
    }

    #[test]
    fn a_test_without_timers_hangs() {
        let hang = hang_beside(false);
        let text = "all processes wait and no timer is armed";
        assert!(hang.to_string().starts_with(text), "{hang}");
    }
}
