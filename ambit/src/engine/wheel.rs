//! The deadlines of one system, in order, behind one sleep.
//!
//! Every timeout and timer is an entry here instead of a separate tokio timer: so they work on threads without a
//! runtime, and a runtime that shuts down cannot make a waiting caller panic.
//!
//! Nearly every deadline is disarmed long before it is due, so arming and disarming have a constant cost: a deadline is
//! stored unsorted in a slot, and later slots cover a wider range of time. When the time reaches a slot, its entries
//! move to narrower ones, and only due entries are sorted. Slots affect only the cost: the exact time of each entry is
//! stored, and nothing fires early.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::Waker;
use std::time::Duration;

use parking_lot::{Mutex, MutexGuard};

use crate::rt::Instant;

mod slots;
#[cfg(test)]
mod tests;

pub(crate) use slots::Expire;
use slots::{DueDeadline, KEPT, WheelSlots};

/// Identifies one armed deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadline {
    at: Instant,
    stamp: u64,
    index: u32,
    shard: u32,
}

impl Deadline {
    pub(crate) fn at(self) -> Instant {
        self.at
    }
}

/// The deadlines of a system. Deadlines of the same time fire in arming order; after the first contention between
/// threads this holds only per thread.
#[derive(Default)]
pub(crate) struct Wheel {
    shards: [WheelShard; SHARDS],
    /// Set after contention between two threads: from then on each thread has its own shard.
    spread: AtomicBool,
    /// The entries that were due at the last scan of the slots, the first at the end.
    ready: Mutex<Vec<DueDeadline>>,
    driver: Mutex<DriverState>,
    /// The origin of the times in the slots; the first instant used.
    origin: OnceLock<Instant>,
}

const SHARDS: usize = 8;

/// On cache lines of its own, so that threads with different shards do not slow each other down.
#[derive(Default)]
#[repr(align(128))]
struct WheelShard(Mutex<WheelSlots>);

#[derive(Default)]
struct DriverState {
    waker: Option<Waker>,
    /// The earliest time it was woken for since it last went to sleep.
    woken_for: Option<u64>,
}

/// The number of the origin in nanoseconds, about 70 years: deadlines may be before and after it.
const ORIGIN: u64 = 1 << 61;

static THREADS: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static OWN_SHARD: Cell<usize> = Cell::new(THREADS.fetch_add(1, Ordering::Relaxed) % SHARDS);
}

impl Wheel {
    /// Arms a deadline.
    pub(crate) fn arm(&self, at: Instant, what: Arc<dyn Expire>) -> Deadline {
        let time = self.time(at);
        let (shard, mut slots) = self.own_shard();
        let (index, stamp) = slots.arm(time, what);
        let too_late = slots.looks_at.is_none_or(|looks| looks > time);
        if too_late {
            slots.looks_at = Some(time);
        }
        drop(slots);
        if too_late {
            self.wake_for(time);
        }
        let shard = shard as u32;
        Deadline {
            at,
            stamp,
            index,
            shard,
        }
    }

    /// Disarms a deadline; `None` if it has passed.
    pub(crate) fn disarm(&self, deadline: Deadline) -> Option<Arc<dyn Expire>> {
        self.take(deadline.shard, deadline.index, deadline.stamp)
    }

    /// Returns the next due entry. An entry that is armed for a time in the past waits for those that were already due.
    pub(crate) fn due(&self, now: Instant) -> Option<Arc<dyn Expire>> {
        let now = self.time(now);
        let mut ready = self.ready.lock();
        loop {
            let next = ready.pop_if(|next| next.at <= now).or_else(|| {
                self.look_through(now, &mut ready);
                ready.pop_if(|next| next.at <= now)
            })?;
            let entry = self.take(next.shard, next.index, next.stamp);
            if entry.is_some() {
                return entry;
            }
        }
    }

    /// Returns when to check again; the time driver is woken earlier if an earlier deadline is armed.
    ///
    /// The time that the time driver was woken for counts even if that deadline has been disarmed since. Otherwise a
    /// deadline that is armed and disarmed repeatedly would wake it each time.
    pub(crate) fn rest(&self, waker: &Waker) -> Option<Instant> {
        let ready = self.ready.lock();
        // All shards at once: nothing may be armed between the check and the sleep.
        let mut shards = self.shards.each_ref().map(|shard| shard.0.lock());
        let mut driver = self.driver.lock();
        let armed = shards.iter().filter_map(|slots| slots.next_look());
        let other = ready.last().map(|next| next.at);
        let looks_at = armed.chain(other).chain(driver.woken_for.take()).min();
        for slots in &mut shards {
            slots.looks_at = looks_at;
        }
        driver.waker = Some(waker.clone());
        looks_at.map(|time| self.instant(time))
    }

    /// Returns the number of armed deadlines.
    #[cfg(feature = "test")]
    pub(crate) fn armed(&self) -> usize {
        let shards = self.shards.iter();
        shards.map(|shard| shard.0.lock().armed()).sum()
    }

    /// Takes all armed deadlines at the end of the system.
    pub(crate) fn clear(&self) -> impl Iterator<Item = Arc<dyn Expire>> + use<> {
        let shards = self.shards.iter();
        let armed: Vec<_> = shards.flat_map(|shard| shard.0.lock().clear()).collect();
        armed.into_iter()
    }

    fn own_shard(&self) -> (usize, MutexGuard<'_, WheelSlots>) {
        if !self.spread.load(Ordering::Relaxed) {
            if let Some(slots) = self.shards[0].0.try_lock() {
                return (0, slots);
            }
            self.spread.store(true, Ordering::Relaxed);
        }
        let own = OWN_SHARD.get();
        (own, self.shards[own].0.lock())
    }

    #[inline]
    fn take(&self, shard: u32, index: u32, stamp: u64) -> Option<Arc<dyn Expire>> {
        self.shards[shard as usize].0.lock().disarm(index, stamp)
    }

    fn wake_for(&self, time: u64) {
        let mut driver = self.driver.lock();
        let earliest = driver.woken_for.map_or(time, |known| known.min(time));
        driver.woken_for = Some(earliest);
        let waker = driver.waker.take();
        drop(driver);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    fn look_through(&self, now: u64, ready: &mut Vec<DueDeadline>) {
        ready.shrink_to(KEPT);
        for (shard, own) in self.shards.iter().enumerate() {
            while own.0.lock().turn(now, shard as u32, ready) {}
        }
        ready.sort_unstable_by(|a, b| b.cmp(a));
        self.driver.lock().woken_for.take_if(|time| *time <= now);
    }

    fn time(&self, at: Instant) -> u64 {
        let origin = *self.origin.get_or_init(|| at);
        let nanos = |span: Duration| {
            let nanos = span.as_secs().saturating_mul(1_000_000_000);
            let nanos = nanos.saturating_add(u64::from(span.subsec_nanos()));
            nanos.min(ORIGIN - 1)
        };
        match at.checked_duration_since(origin) {
            Some(span) => ORIGIN + nanos(span),
            None => ORIGIN - nanos(origin - at),
        }
    }

    fn instant(&self, time: u64) -> Instant {
        // Every time has passed through `time` above.
        let origin = *self.origin.get().expect("a time has an origin");
        let span = Duration::from_nanos(time.abs_diff(ORIGIN));
        if time >= ORIGIN {
            origin + span
        } else {
            origin - span
        }
    }
}
