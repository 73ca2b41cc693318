//! Inline calls do not starve other tasks: other senders still get their turn, and other tasks their CPU time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use ambit::breaker::CircuitBreaker;
use ambit::group::Group;
use ambit::prelude::*;
use ambit::process::Selector;
use ambit::rate_limit::{Rate, RateLimiter};
use ambit::task;

use crate::engine::script::{Log, add, start};
use crate::support::process::in_process;

#[tokio::test]
async fn a_loop_of_calls_lets_a_timer_fire() {
    let script = start::<true>(&Log::new()).await;
    let fired = tokio::spawn(tokio::time::sleep(Duration::from_millis(20)));
    let began = Instant::now();
    let mut calls = 0_u64;
    while !fired.is_finished() {
        add(&script, 1).await.unwrap();
        calls += 1;
        assert!(
            began.elapsed() < Duration::from_secs(30),
            "the timer was starved by {calls} calls"
        );
    }
    assert!(calls > 1);
}

#[tokio::test]
async fn a_loop_of_calls_lets_other_tasks_run() {
    let script = start::<true>(&Log::new()).await;
    let other = tokio::spawn(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    let mut calls = 0_u64;
    while !other.is_finished() {
        add(&script, 1).await.unwrap();
        calls += 1;
        assert!(calls < 10_000_000, "the task was starved");
    }
}

/// Repeats an operation that is ready at once until another task has ended, which needs several turns.
async fn lets_other_tasks_run<R>(name: &str, mut operation: impl AsyncFnMut() -> R) {
    let other = tokio::spawn(async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
    });
    let mut rounds = 0;
    while !other.is_finished() {
        drop(operation().await);
        rounds += 1;
        assert!(rounds < 100_000, "{name}: the task was starved");
    }
}

#[derive(Clone)]
struct Mute;

#[gen_server]
impl Mute {
    #[call]
    fn ask(&self) {}

    #[cast]
    fn tell(&mut self) {}
}

#[tokio::test]
async fn a_loop_over_a_stopped_process_lets_other_tasks_run() {
    let mute = Mute.start().await.unwrap();
    mute.stop().await.unwrap();
    let absent = MuteSubject::named("absent");
    let recipient = ambit::spawn(async |_: Inbox<u8>| {});
    recipient.closed().await;
    let recipient = recipient.recipient();
    lets_other_tasks_run("call", async || mute.ask().await).await;
    lets_other_tasks_run("call by name", async || absent.ask().await).await;
    lets_other_tasks_run("sent call", async || mute.ask().send().await).await;
    lets_other_tasks_run("cast", async || mute.tell().await).await;
    lets_other_tasks_run("send", async || recipient.send(1).await).await;
    lets_other_tasks_run("reserve", async || drop(mute.as_ref().reserve().await)).await;
    lets_other_tasks_run("stop", async || mute.stop().await).await;
    lets_other_tasks_run("closed", async || drop(mute.closed().await)).await;
    lets_other_tasks_run("monitor", async || drop(mute.monitor().await)).await;
    lets_other_tasks_run("suspend", async || ambit::sys::suspend(&mute).await).await;
    lets_other_tasks_run("suspend by name", async || {
        ambit::sys::suspend(&absent).await
    })
    .await;
    lets_other_tasks_run("state_of", async || {
        ambit::sys::state_of::<Mute>(&absent).await
    })
    .await;
}

#[tokio::test]
async fn a_loop_over_tasks_that_are_done_lets_other_tasks_run() {
    let hour = Duration::from_secs(3_600);
    let mut spent = Task::completed(1);
    spent.yield_for(hour).await.unwrap();
    let mut tasks = [Task::spawn(std::future::pending::<()>())];
    lets_other_tasks_run("task", async || assert_eq!(Task::completed(1).await, Ok(1))).await;
    lets_other_tasks_run("yield_for", async || {
        assert_eq!(spent.yield_for(hour).await, Ok(None));
    })
    .await;
    lets_other_tasks_run("await_many", async || {
        assert_eq!(task::await_many([Task::completed(1)]).await, Ok(vec![1]));
    })
    .await;
    lets_other_tasks_run("yield_many", async || {
        assert_eq!(
            task::yield_many(&mut tasks, hour).limit(0).await,
            [Ok(None)]
        );
    })
    .await;
}

#[tokio::test]
async fn a_loop_over_what_is_available_lets_other_tasks_run() {
    let hour = Duration::from_secs(3_600);
    let limiter = RateLimiter::new(Rate::per(Duration::from_nanos(1), u32::MAX).burst(u32::MAX));
    lets_other_tasks_run("acquire", async || limiter.acquire().await).await;

    let breaker = CircuitBreaker::builder("open").build();
    breaker.open();
    lets_other_tasks_run("open breaker", async || {
        breaker.call(async || Ok::<(), ()>(())).await.unwrap_err();
    })
    .await;

    let registry: Registry<&str, Mute> = Registry::unique();
    let mute = Mute.start().await.unwrap();
    registry.register("mute", &mute).unwrap();
    lets_other_tasks_run("wait_for", async || drop(registry.wait_for("mute").await)).await;

    let topic = PubSub::new().topic::<u8>("news");
    lets_other_tasks_run("broadcast to none", async || {
        assert_eq!(topic.broadcast_within(1, hour).await, 0);
    })
    .await;
    let mut listener = topic.listen();
    lets_other_tasks_run("next", async || {
        topic.broadcast(1);
        assert_eq!(listener.next().await, Some(Ok(1)));
    })
    .await;
    lets_other_tasks_run("broadcast to listeners", async || {
        assert_eq!(topic.broadcast_within(1, hour).await, 1);
    })
    .await;

    let group: Group<Mute> = Group::new();
    lets_other_tasks_run("broadcast to a group", async || {
        assert_eq!(
            group
                .broadcast_within("none", MuteCast::Tell {}, hour)
                .await,
            0
        );
    })
    .await;
}

/// The first poll offers every message, however many subscribers there are.
#[tokio::test]
async fn a_broadcast_reaches_more_subscribers_than_the_coop_budget_in_one_poll() {
    let topic = PubSub::new().topic::<u8>("news");
    let group: Group<u8> = Group::new();
    let idle = || ambit::spawn(async |mut inbox: Inbox<u8>| while inbox.recv().await.is_some() {});
    let processes: Vec<_> = (0..300).map(|_| idle()).collect();
    for process in &processes {
        assert!(topic.subscribe(&process.recipient()));
        group.join("all", process).unwrap();
    }
    let hour = Duration::from_secs(3_600);
    let mut to_topic = std::pin::pin!(topic.broadcast_within(1, hour));
    let mut to_group = std::pin::pin!(group.broadcast_within("all", 1, hour));
    poll_fn(|cx| {
        let _ = (to_topic.as_mut().poll(cx), to_group.as_mut().poll(cx));
        std::task::Poll::Ready(())
    })
    .await;
    for process in &processes {
        let info = ambit::inspect::process_info(process).unwrap();
        assert_eq!(info.queued, 2);
    }
}

/// State that the handlers share.
#[derive(Default)]
struct Together {
    running: AtomicUsize,
    met: AtomicBool,
}

struct Cruncher {
    together: Arc<Together>,
}

#[gen_server]
impl Cruncher {
    #[init]
    fn new(together: Arc<Together>) -> Self {
        Self { together }
    }

    /// Spins until another handler runs at the same time, or until a limit that counts as slow; returns true if
    /// handlers overlapped.
    #[call]
    fn crunch(&mut self, waits: bool) -> bool {
        let together = &self.together;
        let began = Instant::now();
        let limit = Duration::from_millis(if waits { 60_000 } else { 5 });
        if together.running.fetch_add(1, Ordering::SeqCst) > 0 {
            together.met.store(true, Ordering::SeqCst);
        }
        while began.elapsed() < limit && !together.met.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        together.running.fetch_sub(1, Ordering::SeqCst);
        together.met.load(Ordering::SeqCst)
    }
}

/// Awaits all calls in one task, as `join_all` does.
async fn join_all(crunchers: &[CruncherSubject]) {
    let mut calls: Vec<_> = crunchers.iter().map(|one| Some(one.crunch(true))).collect();
    poll_fn(|cx| {
        for call in &mut calls {
            let answer = call.as_mut().map(|call| std::pin::Pin::new(call).poll(cx));
            if let Some(std::task::Poll::Ready(answer)) = answer {
                assert!(answer.unwrap(), "they ran one after the other");
                *call = None;
            }
        }
        if calls.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn join_all_over_busy_servers_uses_both_workers() {
    if std::env::var("AMBIT_IN_PLACE").is_ok_and(|way| way == "always") {
        eprintln!("SKIPPED: with AMBIT_IN_PLACE=always callers run everything themselves");
        return;
    }
    let together = Arc::new(Together::default());
    let mut crunchers = Vec::new();
    for _ in 0..8 {
        crunchers.push(Cruncher::start(together.clone()).await.unwrap());
    }
    // Slow twice: from now on callers queue the call for the server's task.
    for _ in 0..2 {
        assert_eq!(crunchers[0].crunch(false).await, Ok(false));
    }
    // In a task on a worker thread, as programs do it.
    tokio::spawn(async move { join_all(&crunchers).await })
        .await
        .unwrap();
}

/// Polls `receive` as a part of a task that has used up its budget, at each poll.
async fn without_budget<T>(receive: impl Future<Output = T>) -> T {
    let mut hog = pin!(async {
        loop {
            tokio::task::consume_budget().await;
        }
    });
    let mut receive = pin!(receive);
    poll_fn(|cx| {
        let _ = hog.as_mut().poll(cx);
        receive.as_mut().poll(cx)
    })
    .await
}

#[tokio::test]
async fn a_timeout_takes_a_queued_message_without_budget() {
    in_process(|mut inbox: Inbox<u8>| async move {
        let time = Duration::from_millis(10);
        let own = inbox.subject();
        own.send(7).await.unwrap();
        let event = without_budget(inbox.next_within(time)).await;
        assert_eq!(event, Some(InboxEvent::Message(7)));
        own.send(8).await.unwrap();
        let mut selector = Selector::new().message(&mut inbox, |message| message);
        let selected = without_budget(selector.select_within(time)).await;
        assert_eq!(selected, Some(8));
    })
    .await;
}
