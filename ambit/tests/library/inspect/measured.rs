//! Counters and latencies of methods.

use std::time::Duration;

use ambit::inspect::{MethodStats, measure, measure_every, snapshot};
use ambit::prelude::*;
use ambit::test::{expect_crash, settle};
use tokio::task::JoinSet;

use super::{SECOND, Worker, worker};

fn stats(method: &str) -> Option<MethodStats> {
    let all = snapshot().methods;
    all.into_iter().find(|stats| stats.method == method)
}

fn handled(method: &str) -> u64 {
    stats(method).map_or(0, |stats| stats.handled)
}

#[ambit::test]
async fn times_are_those_of_the_clock_of_the_system() {
    let _measuring = measure_every(1).unwrap();
    let worker = worker().await;
    for n in 1..=200 {
        worker.nap(Duration::from_millis(n)).await.unwrap();
    }
    let nap = stats("nap").unwrap();
    assert_eq!(
        (nap.type_name, nap.handled, nap.panicked),
        ("Worker", 200, 0)
    );
    let times = nap.times;
    assert_eq!((times.timed, times.max), (200, Duration::from_millis(200)));
    for (told, exact) in [(times.p50, 100), (times.p90, 180), (times.p99, 198)] {
        // Timers have a resolution of one millisecond.
        let (least, most) = (exact, exact + exact / 8 + 2);
        assert!(
            Duration::from_millis(least) <= told && told <= Duration::from_millis(most),
            "{exact} ms are told as {told:?}"
        );
    }
    let counted: u64 = times.ranges.iter().map(|range| range.count).sum();
    assert_eq!(counted, 200);
}

#[ambit::test(real_time)]
async fn a_plain_method_is_timed_wherever_it_runs() {
    let _measuring = measure_every(1).unwrap();
    let worker = worker().await;
    let time = Duration::from_millis(2);
    worker.block(time).await.unwrap();
    worker.block(time).send().await.unwrap();
    let block = stats("block").unwrap();
    assert_eq!((block.handled, block.times.timed), (2, 2));
    assert!(block.times.ranges[0].up_to >= time);
}

#[ambit::test]
async fn one_message_of_sixty_four_is_timed_and_all_are_counted() {
    let _measuring = measure().unwrap();
    let worker = worker().await;
    for _ in 0..640 {
        worker.count().await.unwrap();
    }
    settle().await;
    let count = stats("count").unwrap();
    assert_eq!((count.handled, count.times.timed), (640, 10));
}

#[ambit::test]
async fn nothing_is_counted_while_measuring_is_off() {
    let worker = worker().await;
    worker.add(1).await.unwrap();
    assert!(!snapshot().measured && snapshot().methods.is_empty());
    let measuring = (measure().unwrap(), measure_every(1).unwrap());
    worker.add(1).await.unwrap();
    assert_eq!(handled("add"), 1);
    drop(measuring.1);
    worker.add(1).await.unwrap();
    assert_eq!(handled("add"), 2, "one of two guards is still there");
    drop(measuring.0);
    worker.add(1).await.unwrap();
    assert!(!snapshot().measured);
    assert_eq!(handled("add"), 2, "what was counted stays");
}

#[ambit::test]
async fn a_run_that_panics_is_counted_as_such() {
    let _measuring = measure().unwrap();
    for later in [false, true, false] {
        let worker = worker().await;
        expect_crash(&worker);
        let failed = if later {
            worker.fail_later().await
        } else {
            worker.fail().await
        };
        assert!(failed.is_err());
        worker.closed().await;
    }
    let counts = |method| stats(method).map(|stats| (stats.handled, stats.panicked));
    assert_eq!(counts("fail"), Some((0, 2)));
    assert_eq!(counts("fail_later"), Some((0, 1)));
}

/// A handler that is killed counts neither as handled nor as panicked.
#[ambit::test]
async fn a_handler_that_is_killed_is_not_counted() {
    let _measuring = measure().unwrap();
    let worker = worker().await;
    expect_crash(&worker);
    let nap = worker.nap(SECOND).send();
    settle().await;
    ambit::exit(&worker, ExitReason::Kill);
    nap.await.unwrap_err();
    assert_eq!(
        stats("nap").map(|nap| (nap.handled, nap.panicked)),
        Some((0, 0))
    );
}

struct Everything;

#[derive(Clone)]
struct Beat;

#[gen_server]
impl Everything {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.send_after(SECOND, Beat);
        Self
    }

    #[cast]
    async fn begin(&mut self, ctx: &mut Context<Self>) {
        ctx.continue_with(EverythingContinue::GoOn);
    }

    #[continue_with]
    fn go_on(&mut self) {}

    #[info]
    fn on_beat(&mut self, _: Beat) {}
}

#[ambit::test]
async fn infos_and_continuations_are_methods_too() {
    let _measuring = measure().unwrap();
    let everything = Everything::start().await.unwrap();
    everything.begin().await.unwrap();
    tokio::time::sleep(2 * SECOND).await;
    let all = snapshot().methods;
    let named: Vec<_> = all
        .iter()
        .map(|stats| (stats.method, stats.handled))
        .collect();
    assert_eq!(named, [("begin", 1), ("go_on", 1), ("on_beat", 1)]);
}

/// Servers of one type, with callers and casters on several threads: no count is lost.
#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_message_is_lost_between_threads() {
    const EACH: u64 = 500;
    let _measuring = measure().unwrap();
    for round in 1..=5 {
        let mut servers = Vec::new();
        for _ in 0..3 {
            servers.push(worker().await);
        }
        let mut tasks = JoinSet::new();
        for task in 0..9 {
            let worker = servers[task % servers.len()].clone();
            tasks.spawn(async move {
                for _ in 0..EACH {
                    worker.add(1).await.unwrap();
                    worker.count().await.unwrap();
                }
            });
        }
        tasks.join_all().await;
        for server in servers {
            // The stop is queued behind all casts.
            server.stop().await.unwrap();
        }
        assert_eq!(handled("add"), round * 9 * EACH);
        assert_eq!(handled("count"), round * 9 * EACH);
    }
}

/// The guard is created and dropped while messages are handled.
#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn measuring_may_begin_and_end_at_any_time() {
    let worker = worker().await;
    let other = worker.clone();
    let calls = tokio::spawn(async move {
        for _ in 0..5_000 {
            other.add(1).await.unwrap();
        }
    });
    let mut guards = 0;
    while !calls.is_finished() {
        drop(measure_every(1 + guards % 3).unwrap());
        guards += 1;
        tokio::task::yield_now().await;
    }
    calls.await.unwrap();
    assert!(!snapshot().measured);
    assert!(handled("add") <= 5_000);
    let _measuring = measure().unwrap();
    let before = handled("add");
    worker.add(1).await.unwrap();
    assert_eq!(handled("add"), before + 1);
}

/// Unit tests can call the methods directly: measuring does not affect them.
#[test]
fn a_plain_struct_stays_one() {
    assert_eq!(Worker::new().add(2), 2);
}
