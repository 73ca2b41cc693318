//! A circuit breaker on the clock of its system, shared by many callers.

use ambit::supervisor::Backoff;
use std::future::{Future, pending};
use std::pin::pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context as Cx, Poll, Waker};
use std::time::Duration;

use ambit::breaker::{BreakerError, BreakerState, CircuitBreaker};
use ambit::prelude::*;
use ambit::retry::Retry;
use ambit::test::{crash, settle};

use BreakerState::{Closed, HalfOpen, Open};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn breaker() -> CircuitBreaker {
    CircuitBreaker::builder("test")
        .failures(3)
        .open_for(ms(100))
        .build()
}

async fn succeed(breaker: &CircuitBreaker) -> Result<u32, BreakerError<&'static str>> {
    breaker.call(async || Ok(1)).await
}

async fn fail(breaker: &CircuitBreaker) -> Result<(), BreakerError<&'static str>> {
    breaker.call(async || Err("down")).await
}

async fn opened() -> CircuitBreaker {
    let breaker = breaker();
    for _ in 0..3 {
        assert_eq!(breaker.state(), Closed);
        assert_eq!(fail(&breaker).await, Err(BreakerError::Failed("down")));
    }
    breaker
}

#[ambit::test]
async fn it_opens_refuses_lets_a_probe_through_and_closes() {
    let breaker = opened().await;
    assert_eq!(breaker.state(), Open);
    let refused = breaker.call(async || -> Result<(), ()> { panic!("it was called") });
    assert_eq!(refused.await, Err(BreakerError::Open { left: ms(100) }));
    tokio::time::sleep(ms(100)).await;
    assert_eq!(breaker.state(), HalfOpen);
    assert_eq!(succeed(&breaker).await, Ok(1));
    assert_eq!(breaker.state(), Closed);
    assert_eq!(fail(&breaker).await, Err(BreakerError::Failed("down")));
    assert_eq!(breaker.state(), Closed, "the count began again");
}

#[ambit::test]
async fn a_probe_that_fails_opens_it_for_the_whole_time_again() {
    let breaker = opened().await;
    tokio::time::sleep(ms(100)).await;
    assert_eq!(fail(&breaker).await, Err(BreakerError::Failed("down")));
    let refused = succeed(&breaker).await;
    assert_eq!(refused, Err(BreakerError::Open { left: ms(100) }));
    let text = refused.unwrap_err().to_string();
    assert_eq!(
        text,
        "the circuit breaker is open for another 100ms: retry then"
    );
}

#[ambit::test]
async fn a_success_between_failures_resets_the_count_unless_a_window_is_set() {
    let consecutive = breaker();
    let window = CircuitBreaker::builder("window")
        .failures(3)
        .within(ms(50))
        .build();
    for at in 0..3 {
        for breaker in [&consecutive, &window] {
            assert!(fail(breaker).await.is_err());
            if at < 2 {
                succeed(breaker).await.unwrap();
            }
        }
        tokio::time::sleep(ms(10)).await;
    }
    assert_eq!((consecutive.state(), window.state()), (Closed, Open));
    // The failures are too far apart for the window.
    window.close();
    for _ in 0..9 {
        assert!(fail(&window).await.is_err());
        tokio::time::sleep(ms(30)).await;
    }
    assert_eq!(window.state(), Closed);
}

#[ambit::test]
async fn only_errors_that_count_are_failures() {
    let breaker = breaker();
    for _ in 0..9 {
        let call = breaker.call(async || Err::<(), _>("not found"));
        let outcome = call.counting(|error| *error != "not found").await;
        assert_eq!(outcome, Err(BreakerError::Failed("not found")));
    }
    assert_eq!(breaker.state(), Closed);
}

#[ambit::test]
async fn a_call_that_is_given_up_counts_as_nothing_and_gives_its_probe_back() {
    let breaker = opened().await;
    tokio::time::sleep(ms(100)).await;
    for _ in 0..5 {
        let probe = breaker.call(pending::<Result<(), ()>>);
        let mut probe = Box::pin(probe);
        assert!(futures_poll(probe.as_mut()).is_pending());
        assert_eq!(succeed(&breaker).await, Err(BreakerError::Probing));
        drop(probe);
        assert_eq!(breaker.state(), HalfOpen);
    }
    // A call that is never polled takes no probe.
    drop(breaker.call(async || Ok::<(), ()>(())));
    assert_eq!(succeed(&breaker).await, Ok(1));
    assert_eq!(breaker.state(), Closed);
}

fn futures_poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Cx::from_waker(Waker::noop()))
}

#[ambit::test]
async fn a_panic_is_a_failure_whether_making_or_running_the_call() {
    let breaker = CircuitBreaker::builder("panics").failures(1).build();
    for early in [true, false] {
        let guarded = breaker.clone();
        let task = tokio::spawn(async move {
            let call = guarded.call(|| {
                assert!(!early, "boom");
                async { panic!("boom") }
            });
            let _: Result<(), BreakerError<()>> = call.await;
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(breaker.state(), Open);
        breaker.close();
    }
}

#[ambit::test]
async fn a_panic_while_an_error_is_judged_is_a_failure() {
    let breaker = CircuitBreaker::builder("judges").failures(1).build();
    let judged = breaker.clone();
    let task = tokio::spawn(async move {
        let call = judged.call(async || Err::<(), _>("sold out"));
        let _ = call.counting(|_| panic!("as asked")).await;
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_eq!(breaker.state(), Open);
}

#[ambit::test]
async fn calls_started_before_a_state_change_do_not_count_after_it() {
    let breaker = breaker();
    let slow = |outcome: Result<(), ()>| {
        let breaker = breaker.clone();
        tokio::spawn(async move {
            let call = breaker.call(async || {
                tokio::time::sleep(ms(500)).await;
                outcome
            });
            call.await
        })
    };
    let (failing, succeeding) = (slow(Err(())), slow(Ok(())));
    settle().await;
    breaker.open();
    tokio::time::sleep(ms(450)).await;
    assert_eq!(breaker.state(), HalfOpen);
    let probe = slow(Ok(()));
    settle().await;
    assert_eq!(failing.await.unwrap(), Err(BreakerError::Failed(())));
    assert_eq!(succeeding.await.unwrap(), Ok(()));
    assert_eq!(breaker.state(), HalfOpen, "the probe is still under way");
    assert_eq!(probe.await.unwrap(), Ok(()));
    assert_eq!(breaker.state(), Closed);
}

#[ambit::test]
async fn each_change_is_reported_once() {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let log = changes.clone();
    let breaker = CircuitBreaker::builder("told")
        .failures(1)
        .open_for(ms(100))
        .on_change(move |from, to| log.lock().unwrap().push((from, to)))
        .build();
    assert_eq!(breaker.name(), "told");
    breaker.close();
    assert!(fail(&breaker).await.is_err());
    tokio::time::sleep(ms(100)).await;
    succeed(&breaker).await.unwrap();
    breaker.open();
    breaker.open();
    breaker.close();
    let expected = [
        (Closed, Open),
        (Open, HalfOpen),
        (HalfOpen, Closed),
        (Closed, Open),
        (Open, Closed),
    ];
    assert_eq!(*changes.lock().unwrap(), expected);
}

#[ambit::test]
async fn an_open_time_of_zero_reports_open_once_and_half_open_once() {
    let changes = Arc::new(Mutex::new(Vec::new()));
    let log = changes.clone();
    let breaker = CircuitBreaker::builder("at once")
        .failures(1)
        .open_for(Duration::ZERO)
        .on_change(move |from, to| log.lock().unwrap().push((from, to)))
        .build();
    assert!(fail(&breaker).await.is_err());
    assert_eq!(breaker.state(), HalfOpen);
    succeed(&breaker).await.unwrap();
    let expected = [(Closed, Open), (Open, HalfOpen), (HalfOpen, Closed)];
    assert_eq!(*changes.lock().unwrap(), expected);
}

#[ambit::test]
async fn a_listener_that_panics_keeps_no_probe_and_ends_no_call() {
    let breaker = CircuitBreaker::builder("grumpy")
        .failures(1)
        .open_for(ms(100))
        .on_change(|_, to| panic!("{to:?}, as asked"))
        .build();
    assert_eq!(fail(&breaker).await, Err(BreakerError::Failed("down")));
    tokio::time::sleep(ms(100)).await;
    // The operation panics too: a second panic during unwinding would abort the program.
    let probe = breaker.call(async || -> Result<u32, ()> { panic!("as asked") });
    let task = tokio::spawn(probe).await;
    assert!(task.unwrap_err().is_panic());
    assert_eq!(breaker.state(), Open);
    tokio::time::sleep(ms(100)).await;
    assert_eq!(succeed(&breaker).await, Ok(1));
    assert_eq!(breaker.state(), Closed);
}

#[test]
fn changes_on_many_threads_are_reported_in_order() {
    for round in 0..300 {
        let changes = Arc::new(Mutex::new(Vec::new()));
        let log = changes.clone();
        let breaker = CircuitBreaker::builder("busy")
            .on_change(move |from, to| log.lock().unwrap().push((from, to)))
            .build();
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        breaker.open();
                        breaker.close();
                    }
                });
            }
        });
        let mut state = Closed;
        for (from, to) in changes.lock().unwrap().drain(..) {
            assert_eq!(from, state, "round {round}");
            state = to;
        }
        assert_eq!(state, breaker.state(), "round {round}");
    }
}

#[derive(Default)]
struct Shop;

#[gen_server]
impl Shop {
    #[call]
    fn buy(&self) -> u32 {
        1
    }
}

#[ambit::test]
async fn a_crashed_server_opens_it_and_its_restart_closes_it() {
    let spec = ChildSpec::from_fn(|| Shop.start().name("shop")).backoff(Backoff::constant(ms(900)));
    let tree = Supervisor::builder().child(spec).start().await.unwrap();
    let shop = ShopSubject::named("shop");
    let breaker = breaker();
    let buy = async || breaker.call(|| shop.buy()).await;
    assert_eq!(buy().await, Ok(1));
    crash(shop.pid()).await;
    let patient = Retry::unlimited().every(ms(10));
    assert_eq!(patient.run(buy).await, Ok(1));
    assert_eq!(breaker.state(), Closed);
    tree.stop().await.unwrap();
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_more_probes_are_under_way_than_allowed() {
    const CALLERS: u32 = 16;
    for round in 0..60 {
        let probes = 1 + round % 3;
        let breaker = CircuitBreaker::builder("race")
            .failures(1)
            .open_for(Duration::ZERO)
            .probes(probes)
            .build();
        assert!(fail(&breaker).await.is_err());
        assert_eq!(breaker.state(), HalfOpen);
        let under_way = Arc::new(AtomicU32::new(0));
        let (refuse, mut refused) = tokio::sync::mpsc::unbounded_channel();
        let gate = Arc::new(tokio::sync::Semaphore::new(0));
        let mut tasks = Vec::new();
        for _ in 0..CALLERS {
            let (breaker, gate) = (breaker.clone(), gate.clone());
            let (under_way, refuse) = (under_way.clone(), refuse.clone());
            tasks.push(tokio::spawn(async move {
                let call = breaker.call(async || {
                    under_way.fetch_add(1, Ordering::SeqCst);
                    drop(gate.acquire().await);
                    Ok::<_, ()>(())
                });
                if call.await == Err(BreakerError::Probing) {
                    refuse.send(()).unwrap();
                }
            }));
        }
        // The others are rejected while the probes are held at the gate.
        for _ in probes..CALLERS {
            refused.recv().await.unwrap();
        }
        assert_eq!(breaker.state(), HalfOpen);
        gate.add_permits(1);
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(under_way.load(Ordering::SeqCst), probes);
        assert_eq!(breaker.state(), Closed);
        assert!(refused.is_empty());
    }
}

#[test]
fn it_works_without_a_runtime() {
    let breaker = CircuitBreaker::builder("plain").failures(1).build();
    let mut call = pin!(breaker.call(async || Err::<(), _>(1)));
    assert_eq!(
        futures_poll(call.as_mut()),
        Poll::Ready(Err(BreakerError::Failed(1)))
    );
    assert_eq!(breaker.state(), Open);
}
