//! A slow method goes through the queue, and runs inline again once it is fast.

use std::time::{Duration, Instant};

use ambit::prelude::*;

use crate::engine::script::{is_polled_here, marked};

struct Mixed;

#[gen_server]
impl Mixed {
    /// Spins for `time`; returns true if it ran on the caller's stack.
    #[call]
    fn spin(&mut self, time: Duration) -> bool {
        let began = Instant::now();
        while began.elapsed() < time {
            std::hint::spin_loop();
        }
        is_polled_here()
    }

    #[call]
    fn quick(&self) -> bool {
        is_polled_here()
    }
}

const SLOW: Duration = Duration::from_micros(200);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_slow_runs_move_a_method_to_the_queue_and_a_fast_run_moves_it_back() {
    if std::env::var_os("AMBIT_IN_PLACE").is_some() {
        eprintln!("SKIPPED: AMBIT_IN_PLACE says which way all calls go");
        return;
    }
    if cfg!(ambit_tsan) {
        eprintln!("SKIPPED: under ThreadSanitizer no run is fast");
        return;
    }
    let mixed = Mixed.start().await.unwrap();
    let spin = async |time| {
        // After a queued answer the task needs a moment to become idle. The other method is not affected.
        while !marked(mixed.quick()).await.unwrap() {
            tokio::task::yield_now().await;
        }
        marked(mixed.spin(time)).await.unwrap()
    };
    assert!(spin(SLOW).await, "the first run is its caller's");
    assert!(spin(SLOW).await, "one slow run may be chance");
    assert!(!spin(SLOW).await, "two are not");
    assert!(!spin(SLOW).await);
    // A fast run in the queue is noticed there; on a busy machine not at once.
    let deadline = Instant::now() + Duration::from_secs(20);
    while !spin(Duration::ZERO).await {
        assert!(Instant::now() < deadline, "it never comes back");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_slow_run_between_quick_ones_changes_nothing() {
    if std::env::var_os("AMBIT_IN_PLACE").is_some() {
        eprintln!("SKIPPED: AMBIT_IN_PLACE says which way all calls go");
        return;
    }
    /// A separate type: its methods are measured on their own.
    struct Other;
    #[gen_server]
    impl Other {
        #[call]
        fn spin(&mut self, time: Duration) -> bool {
            std::thread::sleep(time);
            is_polled_here()
        }
    }
    let other = Other.start().await.unwrap();
    // Retries until three runs in a row were not delayed by other programs on the machine.
    let began = Instant::now();
    loop {
        let mut all = Vec::new();
        for time in [Duration::ZERO, Duration::from_micros(100), Duration::ZERO] {
            all.push(marked(other.spin(time)).await.unwrap());
        }
        if all == [true; 3] {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "{all:?}");
    }
}
