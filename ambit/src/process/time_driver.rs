//! The time driver of a system: fires its deadlines, and ends it with its runtime.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::process::system_inner::SystemInner;
use crate::rt::{self, Handle};

/// The number of deadlines that are fired before the task yields.
const TURN: u32 = 128;

/// The task that fires the deadlines of a system, and whose drop ends it.
struct TimeDriver {
    system: Arc<SystemInner>,
    /// Called when the runtime shuts down.
    at_shutdown: fn(&Handle),
    sleep: Option<Pin<Box<tokio::time::Sleep>>>,
}

/// Spawns the time driver of a system, in its runtime.
pub(crate) fn keep(system: &Arc<SystemInner>, at_shutdown: fn(&Handle)) {
    if let Some(handle) = system.handle() {
        let keeper = TimeDriver {
            system: system.clone(),
            at_shutdown,
            sleep: None,
        };
        rt::spawn(handle, keeper);
    }
}

impl Future for TimeDriver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        loop {
            let now = this.system.now();
            let mut turn = TURN;
            while let Some(entry) = this.system.wheel.due(now) {
                // A deadline may hold a user's message, whose drop may panic; the other deadlines must still fire.
                if let Err(report) = panics::catch(|| entry.expire(now)) {
                    tracing::error!(%report, "the drop of a timer's message panicked");
                }
                turn -= 1;
                if turn == 0 {
                    rt::let_others_run(cx);
                    return Poll::Pending;
                }
            }
            let Some(at) = this.system.wheel.rest(cx.waker()) else {
                this.sleep = None;
                return Poll::Pending;
            };
            let sleep = this.sleep.get_or_insert_with(|| rt::sleep_until(at));
            if sleep.deadline() != at {
                sleep.as_mut().reset(at);
            }
            std::task::ready!(sleep.as_mut().poll(cx));
        }
    }
}

impl Drop for TimeDriver {
    fn drop(&mut self) {
        self.system.end();
        if let Some(handle) = self.system.handle() {
            // The runtime is shutting down, and tokio reuses its id.
            (self.at_shutdown)(handle);
        }
        for process in self.system.table.all() {
            // It may wake a user's waker, which may panic; the other processes must still end.
            let end = || {
                process.control(&mut |control| {
                    control.fatal.get_or_insert(ExitReason::Shutdown);
                });
            };
            if let Err(report) = panics::catch(end) {
                tracing::error!(pid = %process.core().pid, %report, "a waker panicked");
            }
        }
    }
}
