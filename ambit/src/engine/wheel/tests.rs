//! Single rules of the wheel; `model` compares it with an ordered map under random use.

use std::sync::atomic::AtomicU64;
use std::task::Wake;

use super::slots::SPARE;
use super::*;
use crate::rt;

mod model;

struct Recorder(u64, Arc<Mutex<Vec<u64>>>);

impl Expire for Recorder {
    fn expire(self: Arc<Self>, _now: Instant) {
        self.1.lock().push(self.0);
    }
}

/// A wheel, its fired entries, and a start time.
struct Setup {
    wheel: Wheel,
    seen: Arc<Mutex<Vec<u64>>>,
    start: Instant,
}

impl Setup {
    fn new() -> Self {
        Self {
            wheel: Wheel::default(),
            seen: Arc::default(),
            start: rt::now(None),
        }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn arm(&self, at: Instant, number: u64) -> Deadline {
        self.wheel
            .arm(at, Arc::new(Recorder(number, self.seen.clone())))
    }

    /// Fires the due entries.
    fn fire(&self, now: Instant) -> Vec<u64> {
        while let Some(entry) = self.wheel.due(now) {
            entry.expire(now);
        }
        std::mem::take(&mut self.seen.lock())
    }
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn deadlines_pass_in_order_and_only_when_due() {
    let setup = Setup::new();
    for (number, ms) in [(1, 30), (2, 10), (3, 20), (4, 10)] {
        setup.arm(setup.at(ms), number);
    }
    let gone = setup.arm(setup.at(5), 9);
    assert!(setup.wheel.disarm(gone).is_some());
    let again = setup.wheel.disarm(gone);
    assert!(again.is_none(), "a second disarm finds nothing");
    assert_eq!(setup.fire(setup.at(20)), [2, 4, 3]);
    assert_eq!(setup.wheel.rest(Waker::noop()), Some(setup.at(30)));
}

#[test]
fn deadlines_in_one_tick_keep_their_exact_times() {
    let setup = Setup::new();
    let at = |nanos| setup.start + Duration::from_secs(1) + Duration::from_nanos(nanos);
    for nanos in [700, 100, 900, 300] {
        setup.arm(at(nanos), nanos);
    }
    assert_eq!(setup.fire(at(99)), [0; 0]);
    assert_eq!(setup.wheel.rest(Waker::noop()), Some(at(100)));
    assert_eq!(setup.fire(at(300)), [100, 300]);
    assert_eq!(setup.wheel.rest(Waker::noop()), Some(at(700)));
    assert_eq!(setup.fire(at(900)), [700, 900]);
    assert_eq!(setup.wheel.rest(Waker::noop()), None);
}

#[test]
fn late_deadlines_fire_after_those_already_due() {
    let setup = Setup::new();
    setup.arm(setup.at(10), 1);
    setup.arm(setup.at(20), 2);
    let now = setup.at(30);
    setup.wheel.due(now).unwrap().expire(now);
    setup.arm(setup.at(15), 3);
    assert_eq!(setup.fire(now), [1, 2, 3]);
}

#[test]
fn a_time_beyond_the_representable_range_fires_last() {
    let setup = Setup::new();
    let years = |years: u64| Duration::from_secs(years * 365 * 86_400);
    setup.arm(setup.at(0), 1);
    setup.arm(setup.start + years(90), 3);
    setup.arm(setup.start + years(60), 2);
    assert_eq!(setup.fire(setup.start), [1]);
    assert_eq!(setup.fire(setup.start + years(61)), [2]);
    assert_eq!(setup.fire(setup.start + years(91)), [3]);
}

#[test]
fn a_due_deadline_can_still_be_disarmed() {
    let setup = Setup::new();
    let deadlines = [1, 2, 3].map(|ms| setup.arm(setup.at(ms), ms));
    let now = setup.at(10);
    setup.wheel.due(now).unwrap().expire(now);
    assert_eq!(setup.wheel.rest(Waker::noop()), Some(setup.at(2)));
    assert!(setup.wheel.disarm(deadlines[1]).is_some());
    assert!(setup.wheel.disarm(deadlines[0]).is_none());
    assert_eq!(setup.fire(now), [1, 3]);
    assert!(setup.wheel.disarm(deadlines[2]).is_none());
}

/// More entries than are processed under one lock, in few slots.
#[test]
fn many_deadlines_fire_in_order() {
    let setup = Setup::new();
    let at = |number| setup.at(60_000 + number * 7919 % 1000);
    let many = if cfg!(miri) { 300 } else { 3000 };
    let deadlines: Vec<_> = (0..many).map(|n| (n, setup.arm(at(n), n))).collect();
    assert_eq!(setup.fire(setup.at(59_999)), [0; 0]);
    let (gone, mut left): (Vec<_>, Vec<_>) = deadlines.into_iter().partition(|(n, _)| n % 3 == 0);
    for (_, deadline) in gone {
        assert!(setup.wheel.disarm(deadline).is_some());
    }
    left.sort_by_key(|(_, deadline)| deadline.at());
    let numbers: Vec<_> = left.into_iter().map(|(number, _)| number).collect();
    assert_eq!(setup.fire(setup.at(61_000)), numbers);
}

/// Other threads get the lock while a crowded slot is scanned.
#[test]
fn deadlines_can_be_disarmed_during_a_scan() {
    let (mut slots, mut found) = (WheelSlots::default(), Vec::new());
    let system: Arc<dyn Expire> = Arc::new(Recorder(0, Arc::default()));
    let at = |n: u64| ORIGIN + (n % 2) * 1000;
    let armed: Vec<_> = (0..1000)
        .map(|n| slots.arm(at(n), system.clone()))
        .collect();
    assert!(
        slots.turn(ORIGIN, 0, &mut found),
        "there is more to look at"
    );
    // The very next entry to be scanned is among them.
    for (index, stamp) in armed.iter().skip(2).step_by(3) {
        assert!(slots.disarm(*index, *stamp).is_some());
    }
    while slots.turn(ORIGIN, 0, &mut found) {}
    let mut due = found.len();
    found.retain(|due| due.stamp % 3 != 2);
    due -= found.len();
    assert!((1..100).contains(&due), "{due} were found and taken back");
    found.sort_unstable();
    let stamps = |due: &[DueDeadline]| due.iter().map(|due| due.stamp).collect::<Vec<_>>();
    let left = |odd| (0..1000).filter(move |n| n % 2 == odd && n % 3 != 2);
    assert_eq!(stamps(&found), left(0).collect::<Vec<u64>>());
    found.clear();
    while slots.turn(ORIGIN + 1000, 0, &mut found) {}
    found.sort_unstable();
    assert_eq!(stamps(&found), left(1).collect::<Vec<u64>>());
}

#[test]
fn far_deadlines_are_not_scanned_with_a_near_one() {
    let (mut slots, mut found) = (WheelSlots::default(), Vec::new());
    let system: Arc<dyn Expire> = Arc::new(Recorder(0, Arc::default()));
    assert!(!slots.turn(ORIGIN, 0, &mut found), "nothing is armed");
    for n in 0..1000 {
        slots.arm(ORIGIN + (1 << 40) + n, system.clone());
    }
    let (_, near) = slots.arm(ORIGIN, system);
    assert!(!slots.turn(ORIGIN, 0, &mut found), "one step is enough");
    let stamps: Vec<_> = found.iter().map(|due| due.stamp).collect();
    assert_eq!(stamps, [near]);
}

#[test]
fn the_capacity_of_many_disarmed_deadlines_is_released() {
    let setup = Setup::new();
    let many = 0..KEPT as u64 + 1;
    let deadlines: Vec<_> = many.map(|n| setup.arm(setup.at(n), n)).collect();
    for deadline in &deadlines {
        assert!(setup.wheel.disarm(*deadline).is_some());
    }
    setup.arm(setup.at(2), 1);
    setup.arm(setup.at(1), 2);
    assert!(
        deadlines
            .iter()
            .all(|old| setup.wheel.disarm(*old).is_none())
    );
    assert_eq!(setup.fire(setup.at(2)), [2, 1]);
}

/// Returns how many entries fit into the allocated memory.
fn memory(setup: &Setup) -> usize {
    let shards = setup.wheel.shards.iter();
    shards.map(|shard| shard.0.lock().memory()).sum()
}

#[test]
fn memory_follows_what_is_armed() {
    let setup = Setup::new();
    let last = setup.arm(setup.at(90_000), 0);
    let many = if cfg!(miri) { 1_000 } else { 100_000 };
    let deadlines: Vec<_> = (1..many)
        .map(|n| setup.arm(setup.at(n % 5000), n))
        .collect();
    assert!(memory(&setup) >= many as usize);
    for (n, deadline) in deadlines.iter().enumerate() {
        // Every thousandth stays.
        if n % 1000 != 0 {
            assert!(setup.wheel.disarm(*deadline).is_some());
        }
    }
    let stay = deadlines.len().div_ceil(1000) + 1;
    let most = KEPT.max(SPARE * stay) * 2;
    assert!(
        memory(&setup) <= most,
        "memory for {} entries",
        memory(&setup)
    );
    for (n, deadline) in deadlines.iter().enumerate() {
        let is_armed = n % 1000 == 0 && n % 2000 != 0;
        let again = (n % 2000 != 0).then(|| setup.wheel.disarm(*deadline));
        assert_eq!(again.flatten().is_some(), is_armed, "number {n}");
    }
    let fired = setup.fire(setup.at(89_999)).len();
    assert_eq!(fired, deadlines.len().div_ceil(2000));
    assert!(
        setup.wheel.disarm(last).is_some(),
        "it was moved, and is found"
    );
    assert_eq!(setup.wheel.rest(Waker::noop()), None);
}

#[test]
fn a_stale_deadline_cannot_disarm_the_new_owner_of_its_slot() {
    let setup = Setup::new();
    let old = setup.arm(setup.at(1), 1);
    assert!(setup.wheel.disarm(old).is_some());
    setup.arm(setup.at(1), 2);
    assert!(setup.wheel.disarm(old).is_none());
    drop(setup.wheel.clear());
    setup.arm(setup.at(1), 3);
    assert!(setup.wheel.disarm(old).is_none());
    assert_eq!(setup.fire(setup.at(1)), [3]);
}

#[test]
fn everything_is_handed_out_at_the_end() {
    let setup = Setup::new();
    let far = rt::after(setup.start, rt::FAR);
    for (number, at) in [setup.at(0), setup.at(70), setup.at(90_000), far]
        .into_iter()
        .enumerate()
    {
        setup.arm(at, number as u64);
    }
    assert_eq!(setup.wheel.clear().count(), 4);
    assert_eq!(setup.wheel.clear().count(), 0);
    assert_eq!(setup.wheel.rest(Waker::noop()), Some(setup.start));
    assert_eq!(setup.fire(far), [0; 0]);
    assert_eq!(setup.wheel.rest(Waker::noop()), None);
}

#[test]
fn the_keeper_is_woken_only_for_what_is_earlier() {
    let (setup, wakes) = (Setup::new(), Arc::new(Wakes::default()));
    let waker = Waker::from(wakes.clone());
    let woken = || wakes.0.swap(0, Ordering::Relaxed);
    assert_eq!(setup.wheel.rest(&waker), None);
    setup.arm(setup.at(50), 1);
    assert_eq!(woken(), 1, "it slept without a deadline");
    setup.arm(setup.at(40), 2);
    assert_eq!(woken(), 0, "it is awake already");
    assert_eq!(setup.wheel.rest(&waker), Some(setup.at(40)));
    setup.arm(setup.at(40), 3);
    setup.arm(setup.at(60), 4);
    assert_eq!(woken(), 0, "it looks early enough");
    setup.arm(setup.at(30), 5);
    assert_eq!(woken(), 1);
    assert_eq!(setup.wheel.rest(&waker), Some(setup.at(30)));
    assert_eq!(setup.fire(setup.at(60)), [5, 2, 3, 1, 4]);
    assert_eq!(setup.wheel.rest(&waker), None);
}

#[test]
fn repeatedly_armed_and_disarmed_deadlines_wake_the_driver_once() {
    let (setup, wakes) = (Setup::new(), Arc::new(Wakes::default()));
    let waker = Waker::from(wakes.clone());
    setup.wheel.rest(&waker);
    let mut looks_at = None;
    for ms in 0..4000 {
        let deadline = setup.arm(setup.at(5000 + ms), ms);
        assert!(setup.wheel.disarm(deadline).is_some());
        if wakes.0.swap(0, Ordering::Relaxed) > 0 {
            assert_eq!(looks_at, None, "woken a second time");
            assert_eq!(setup.fire(setup.at(ms)), [0; 0]);
            looks_at = setup.wheel.rest(&waker);
        }
    }
    assert_eq!(looks_at, Some(setup.at(5000)));
    assert_eq!(setup.fire(setup.at(5000)), [0; 0]);
    assert_eq!(setup.wheel.rest(&waker), None, "nothing is armed any more");
}

/// Each thread arms, disarms some, and counts; the remaining entries must fire, once.
#[test]
fn threads_arm_and_take_back_while_another_fires() {
    const THREADS: u64 = 3;
    let each = if cfg!(miri) { 100 } else { 30_000 };
    let setup = Setup::new();
    let (taken_back, running) = (AtomicU64::new(0), AtomicU64::new(THREADS));
    let worker = |thread: u64| {
        let mut held = Vec::new();
        for n in 0..each {
            let delay = Duration::from_micros(n * 37 % 3000);
            held.push(setup.arm(rt::now(None) + delay, thread * each + n));
            if n % 3 != 0 {
                let deadline = held.swap_remove(n as usize * 7 % held.len());
                let back = u64::from(setup.wheel.disarm(deadline).is_some());
                taken_back.fetch_add(back, Ordering::Relaxed);
            }
        }
        running.fetch_sub(1, Ordering::Release);
    };
    let mut fired = Vec::new();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            scope.spawn(move || worker(thread));
        }
        while running.load(Ordering::Acquire) > 0 {
            fired.extend(setup.fire(rt::now(None)));
        }
    });
    let end = rt::now(None) + Duration::from_secs(1);
    fired.extend(setup.fire(end));
    let gone = taken_back.into_inner();
    assert_eq!(fired.len() as u64 + gone, THREADS * each);
    fired.sort_unstable();
    fired.dedup();
    assert_eq!(fired.len() as u64 + gone, THREADS * each, "one fired twice");
    assert_eq!(setup.wheel.rest(Waker::noop()), None);
}
