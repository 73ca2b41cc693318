//! Adapts the window of a process to the demand, within the capacity of the session.
//!
//! A window grows while its process keeps up and half of the window is used within two round trips, because a larger
//! window then increases throughput. The window shrinks, by withholding credits, when messages wait for the process, or
//! when credits are used so slowly that the first window suffices. Credits that the other node already has are not
//! withdrawn.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::rt::Instant;
use crate::wire::{Limits, Window};

/// The number of credits by which all windows of one session together may still grow.
#[derive(Debug)]
pub(crate) struct Growth(Mutex<u32>);

impl Growth {
    pub(crate) fn new(limits: &Limits) -> Arc<Self> {
        Arc::new(Self(Mutex::new(limits.growth())))
    }

    /// Takes at most this many credits for a window with `own` ones. A window never has more than a third of what is
    /// left after it: those of idle processes stay as they are, and later ones must grow too.
    fn take(&self, at_most: u32, own: u32) -> u32 {
        let mut left = self.0.lock();
        let most = (*left + own).div_ceil(4);
        let taken = at_most.min(most.saturating_sub(own));
        *left -= taken;
        taken
    }

    fn put_back(&self, count: u32) {
        *self.0.lock() += count;
    }

    /// Returns the number of remaining credits.
    #[cfg(test)]
    fn left(&self) -> u32 {
        *self.0.lock()
    }
}

/// The window of one process. Dropping it returns its growth to the session.
#[derive(Debug)]
pub(super) struct GrowingWindow {
    window: Window,
    most: u32,
    growth: Arc<Growth>,
    /// When credits were last returned.
    returned: Option<Instant>,
}

impl GrowingWindow {
    pub(super) fn new(limits: &Limits, growth: Arc<Growth>) -> Self {
        Self {
            window: Window::new(limits.first_window()),
            most: limits.window,
            growth,
            returned: None,
        }
    }

    pub(super) fn window(&mut self) -> &mut Window {
        &mut self.window
    }

    /// Records that a message was handled, and returns the number of credits to send to the other node now.
    pub(super) fn handled(
        &mut self,
        cost: u32,
        keeps_up: bool,
        now: impl Fn() -> Instant,
        rtt: Option<Duration>,
    ) -> Option<u32> {
        let batch = self.window.handled(cost)?;
        let now = now();
        // The duration of the first batch is unknown.
        let Some(before) = self.returned.replace(now) else {
            return Some(batch);
        };
        let took = now - before;
        let rtt = rtt.unwrap_or(UNKNOWN_RTT);
        if !keeps_up || took > rtt * SLOW {
            return Some(batch - self.shrink(batch));
        }
        match took <= rtt * FAST {
            true => Some(batch + self.grow()),
            false => Some(batch),
        }
    }

    /// Doubles the window, as far as there is capacity.
    fn grow(&mut self) -> u32 {
        let size = self.window.size();
        let own = self.window.grown();
        let by = self.growth.take(size.min(self.most - size), own);
        self.window.grow(by);
        by
    }

    /// Halves the growth, as far as these credits suffice.
    fn shrink(&mut self, at_most: u32) -> u32 {
        let half = self.window.grown().div_ceil(2);
        let kept = self.window.keep(at_most.min(half));
        self.growth.put_back(kept);
        kept
    }
}

impl Drop for GrowingWindow {
    fn drop(&mut self) {
        self.growth.put_back(self.window.grown());
    }
}

/// The round trip that is assumed before the first measurement.
const UNKNOWN_RTT: Duration = Duration::from_millis(1);

/// If half a window is used within this many round trips, a larger window is useful.
const FAST: u32 = 2;

/// If half a window takes more than this many round trips, the first window is enough: it has 16 times the credits per
/// round trip that are needed.
const SLOW: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    const RTT: Option<Duration> = Some(Duration::from_millis(10));

    struct Fixture {
        growth: Arc<Growth>,
        window: GrowingWindow,
        now: Instant,
    }

    impl Fixture {
        fn new(capacity: usize) -> Self {
            let limits = Limits::default();
            let part = limits.window_bytes / limits.window as usize;
            let growth = Growth::new(&limits.clone().waiting(capacity * part));
            let now = crate::rt::now();
            let window = GrowingWindow::new(&limits, growth.clone());
            Self {
                growth,
                window,
                now,
            }
        }

        /// Receives and handles half the window. Returns the credits that go back.
        fn batch(&mut self, took: u64, keeps_up: bool) -> u32 {
            self.now += Duration::from_millis(took);
            let now = self.now;
            for _ in 0..self.window.window().size() / 2 {
                self.window.window().arrived(1).unwrap();
                let back = self.window.handled(1, keeps_up, || now, RTT);
                if let Some(back) = back {
                    return back;
                }
            }
            panic!("half the window goes back");
        }

        fn size(&mut self) -> u32 {
            self.window.window().size()
        }
    }

    #[test]
    fn a_window_that_is_used_at_once_doubles_until_it_is_as_large_as_agreed() {
        let mut fixture = Fixture::new(10_000);
        let sizes: Vec<_> = (0..8)
            .map(|_| {
                fixture.batch(20, true);
                fixture.size()
            })
            .collect();
        assert_eq!(sizes, [32, 64, 128, 256, 512, 1_024, 1_024, 1_024]);
        assert_eq!(fixture.growth.left(), 10_000 - 992);
        drop(fixture.window);
        assert_eq!(fixture.growth.left(), 10_000);
    }

    #[test]
    fn a_window_grows_by_a_quarter_of_the_capacity_of_its_session() {
        let mut fixture = Fixture::new(40);
        assert_eq!(fixture.batch(1, true), 16);
        assert_eq!(fixture.batch(1, true), 16 + 10);
        assert_eq!(fixture.batch(1, true), 21);
        assert_eq!((fixture.size(), fixture.growth.left()), (42, 30));
    }

    #[test]
    fn the_window_of_a_later_process_grows_while_earlier_ones_keep_theirs() {
        let mut first = Fixture::new(4_096);
        let mut sizes = Vec::new();
        let mut kept = Vec::new();
        for _ in 0..8 {
            let window = GrowingWindow::new(&Limits::default(), first.growth.clone());
            let mut later = Fixture {
                growth: first.growth.clone(),
                window,
                now: first.now,
            };
            for _ in 0..8 {
                later.batch(1, true);
            }
            sizes.push(later.size());
            kept.push(later);
        }
        assert_eq!(sizes[..2], [1_024, 808]);
        assert!(sizes.iter().all(|size| *size > 128), "{sizes:?}");
        assert_eq!(first.size(), 32);
    }

    #[test]
    fn a_window_that_is_used_now_and_then_stays_and_one_of_a_slow_process_shrinks() {
        let mut fixture = Fixture::new(10_000);
        for _ in 0..3 {
            fixture.batch(1, true);
        }
        assert_eq!(fixture.size(), 128);
        assert_eq!((fixture.batch(21, true), fixture.size()), (64, 128));
        assert_eq!((fixture.batch(321, true), fixture.size()), (64 - 48, 80));
        assert_eq!((fixture.batch(1, false), fixture.size()), (40 - 24, 56));
        for _ in 0..20 {
            fixture.batch(1, false);
        }
        assert_eq!((fixture.size(), fixture.growth.left()), (32, 10_000));
        assert_eq!(fixture.batch(1, false), 16, "all comes back");
    }
}
