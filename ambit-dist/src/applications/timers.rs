//! The timers of a runner.

use std::future::pending;
use std::time::Duration;

use crate::rt;

/// The event of a timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// The time to wait for the other nodes is over.
    Sync,
    /// The failover time of this wait is over.
    Failover(u64),
    /// A registration can be tried again.
    Retry,
}

#[derive(Debug, Default)]
pub(super) struct Timers(Vec<(rt::Instant, Due)>);

impl Timers {
    pub(super) fn add(&mut self, time: Duration, due: Due) {
        self.0.push((rt::after(time), due));
    }

    pub(super) fn has(&self, due: Due) -> bool {
        self.0.iter().any(|(_, other)| *other == due)
    }

    /// Removes the first timer when its time comes. Without a timer, it waits without end.
    ///
    /// # Cancel safety
    /// If the future is dropped, the timer stays.
    pub(super) async fn next(&mut self) -> Due {
        let timers = self.0.iter().enumerate();
        let Some((index, at)) = timers
            .map(|(index, (at, _))| (index, *at))
            .min_by_key(|(_, at)| *at)
        else {
            return pending().await;
        };
        rt::sleep_until(at).await;
        self.0.remove(index).1
    }
}
