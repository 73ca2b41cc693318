//! Calls that are in progress, or arrive, while the node of their server leaves.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit::error::{CallError, Executed};
use ambit::prelude::*;
use ambit_dist::{Node, Timeouts};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};

use super::support::Net;

/// The calls of one desk.
struct Work {
    begun: AtomicUsize,
    permits: Semaphore,
}

impl Work {
    async fn has_begun(&self, calls: usize) {
        while self.begun.load(Ordering::SeqCst) < calls {
            sleep(Duration::from_millis(1)).await;
        }
    }
}

/// One for each test.
static WORK: [Work; 4] = [const {
    Work {
        begun: AtomicUsize::new(0),
        permits: Semaphore::const_new(0),
    }
}; 4];

/// Answers each call with a permit.
struct Desk(&'static Work);

#[gen_server(remote = "test.desk")]
impl Desk {
    #[init]
    fn new(work: usize) -> Self {
        Self(&WORK[work])
    }

    #[call]
    async fn ask(&mut self, number: usize) -> usize {
        self.0.begun.fetch_add(1, Ordering::SeqCst);
        self.0.permits.acquire().await.unwrap().forget();
        number
    }
}

/// Starts a desk on `b`, and a call of `a` to it.
async fn asking(
    a: &Node,
    b: &Node,
    work: usize,
) -> (DeskSubject, JoinHandle<Result<usize, CallError>>) {
    b.expose::<Desk>();
    let desk = a.on("b").start::<Desk>((work,)).await.unwrap();
    let begun = WORK[work].begun.load(Ordering::SeqCst);
    let caller = desk.clone();
    let call = tokio::spawn(async move { caller.ask(1).no_timeout().await });
    WORK[work].has_begun(begun + 1).await;
    (desk, call)
}

#[tokio::test(start_paused = true)]
async fn a_call_in_progress_is_answered_before_the_node_has_left() {
    let (a, b) = Net::in_memory().pair().await;
    let (_desk, call) = asking(&a, &b, 0).await;
    let began = Instant::now();
    let leaving = tokio::spawn(async move { b.leave().await });
    sleep(Duration::from_secs(2)).await;
    assert!(!leaving.is_finished());
    WORK[0].permits.add_permits(1);
    assert_eq!(call.await.unwrap(), Ok(1));
    leaving.await.unwrap();
    assert!(
        began.elapsed() < Duration::from_millis(2_500),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_call_that_arrives_while_the_node_leaves_does_not_run() {
    let (a, b) = Net::in_memory().pair().await;
    let (desk, call) = asking(&a, &b, 1).await;
    let leaving = tokio::spawn(async move { b.leave().await });
    sleep(Duration::from_secs(1)).await;
    WORK[1].permits.add_permits(1);
    let executed = Executed::No;
    assert_eq!(desk.ask(2).await, Err(CallError::NoConnection { executed }));
    assert_eq!(call.await.unwrap(), Ok(1));
    leaving.await.unwrap();
    assert_eq!(WORK[1].begun.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_without_an_answer_takes_half_of_the_time_to_leave() {
    let net = Net::in_memory();
    let timeouts = Timeouts::default().leave(Duration::from_secs(20));
    let b = net.builder("b").timeouts(timeouts).start().await.unwrap();
    let a = net.node("a").await;
    a.connect(b.local_addr()).await.unwrap();
    let (_desk, call) = asking(&a, &b, 2).await;
    let began = Instant::now();
    b.leave().await;
    let took = began.elapsed().as_secs();
    assert_eq!(took, 10);
    let executed = Executed::Maybe;
    assert_eq!(
        call.await.unwrap(),
        Err(CallError::NoConnection { executed })
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_answer_at_any_moment_of_a_leave_arrives() {
    for round in 0..200 {
        let (a, b) = Net::in_memory().pair().await;
        let (_desk, call) = asking(&a, &b, 3).await;
        let leaving = tokio::spawn(async move { b.leave().await });
        // Different moments, up to after the first look of the session.
        for _ in 0..round * 20 {
            std::hint::spin_loop();
        }
        WORK[3].permits.add_permits(1);
        assert_eq!(call.await.unwrap(), Ok(1), "round {round}");
        leaving.await.unwrap();
    }
}
