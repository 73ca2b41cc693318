//! Wakers are user code: no lock of a process is held while they run, and a panic in one affects only itself.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, mpsc};
use std::task::{Context as Polled, Poll, Wake, Waker};
use std::thread;
use std::time::Duration;

use ambit::prelude::*;
use ambit::process_info;
use tokio::sync::oneshot;

use crate::support::lazily::lazily;
use crate::support::process::{self, quiet, soon};

/// A timeout longer than any test here.
const PATIENCE: Duration = Duration::from_secs(60);

/// Counts, and blocks in `block` until it receives a signal.
struct Sink {
    count: u64,
    go: mpsc::Receiver<()>,
}

#[gen_server(mailbox = 2, in_place = never)]
impl Sink {
    #[cast]
    fn take(&mut self) {
        self.count += 1;
    }

    #[cast]
    fn block(&mut self) {
        self.go.recv().ok();
    }

    #[call]
    fn count(&self) -> u64 {
        self.count
    }
}

/// A waker that inspects the process and sends it a message.
struct Meddler {
    sink: SinkSubject,
    woken: AtomicUsize,
    panics: bool,
}

impl Meddler {
    fn waker(sink: &SinkSubject, panics: bool) -> (Arc<Self>, Waker) {
        let meddler = Arc::new(Self {
            sink: sink.clone(),
            woken: AtomicUsize::new(0),
            panics,
        });
        (meddler.clone(), meddler.into())
    }

    fn woken(&self) -> usize {
        self.woken.load(Ordering::SeqCst)
    }
}

impl Wake for Meddler {
    fn wake(self: Arc<Self>) {
        // Returns `None` for a process that has ended.
        drop(process_info(&self.sink));
        self.sink.take().now().ok();
        self.woken.fetch_add(1, Ordering::SeqCst);
        assert!(!self.panics, "this waker panics");
    }
}

/// Starts a server that is busy in a handler, with a full mailbox; returns it and the sender that lets it continue.
async fn full() -> (SinkSubject, mpsc::Sender<()>) {
    let (go, wait) = mpsc::channel();
    let sink = Sink { count: 0, go: wait }.start().await.unwrap();
    sink.block().now().unwrap();
    // The handler has started as soon as there is capacity for two more.
    for _ in 0..2 {
        soon(sink.take()).await.unwrap();
    }
    assert_eq!(sink.take().now(), Err(CastError::Full));
    (sink, go)
}

fn poll_once<F: Future>(future: Pin<&mut F>, waker: &Waker) -> Poll<F::Output> {
    future.poll(&mut Polled::from_waker(waker))
}

/// Runs the scenario on threads of its own, so that a hang is detected from outside.
fn in_time(scenario: impl Future<Output = ()> + Send + 'static) {
    let (done, over) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(scenario);
        runtime.shutdown_background();
        done.send(()).ok();
    });
    over.recv_timeout(PATIENCE)
        .expect("a waker that meddles hangs or breaks its process");
}

/// A wait for capacity ends. With `panics` its waker panics; the waker of the next waiter does not.
async fn let_in(panics: bool) {
    let (_system, _inside) = quiet();
    let (sink, go) = full().await;
    let (first, first_waker) = Meddler::waker(&sink, panics);
    let (second, second_waker) = Meddler::waker(&sink, false);
    let (third, third_waker) = Meddler::waker(&sink, panics);
    let mut cast = pin!(sink.take().no_timeout());
    let subject = sink.as_ref().clone();
    let mut reserved = pin!(subject.reserve().no_timeout());
    let mut call = pin!(sink.count().no_timeout());
    assert!(poll_once(cast.as_mut(), &first_waker).is_pending());
    assert!(poll_once(reserved.as_mut(), &second_waker).is_pending());
    assert!(poll_once(call.as_mut(), &third_waker).is_pending());
    go.send(()).unwrap();
    drop(go);
    soon(async {
        while first.woken() == 0 || second.woken() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(poll_once(cast.as_mut(), Waker::noop()), Poll::Ready(Ok(())));
    let Poll::Ready(Ok(permit)) = poll_once(reserved.as_mut(), Waker::noop()) else {
        panic!("there is a permit");
    };
    permit.send(SinkCast::Take);
    soon(async {
        while third.woken() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let Poll::Ready(Ok(count)) = poll_once(call.as_mut(), Waker::noop()) else {
        panic!("there is an answer");
    };
    // The messages that the wakers managed to send are counted too.
    assert!(count >= 3, "{count}");
    assert!(soon(sink.count()).await.unwrap() >= 4);
}

#[test]
fn a_waker_that_sends_to_the_mailbox_it_waited_for_is_run_without_its_lock() {
    for _ in 0..20 {
        in_time(let_in(false));
    }
}

#[test]
fn a_waker_that_panics_takes_no_other_waker_and_no_server_along() {
    for _ in 0..20 {
        in_time(let_in(true));
    }
}

#[test]
fn also_where_the_process_ends() {
    for panics in [false, true] {
        in_time(async move {
            let (_system, _inside) = quiet();
            let (sink, go) = full().await;
            let (first, first_waker) = Meddler::waker(&sink, panics);
            let (second, second_waker) = Meddler::waker(&sink, false);
            let subject = sink.as_ref().clone();
            let mut cast = pin!(sink.take().no_timeout());
            let mut call = pin!(sink.count().no_timeout());
            let mut reserved = pin!(subject.reserve().no_timeout());
            let mut closed = pin!(sink.closed());
            let mut monitor = pin!(sink.monitor());
            assert!(poll_once(cast.as_mut(), &first_waker).is_pending());
            assert!(poll_once(call.as_mut(), &second_waker).is_pending());
            assert!(poll_once(reserved.as_mut(), &second_waker).is_pending());
            assert!(poll_once(closed.as_mut(), &second_waker).is_pending());
            assert!(poll_once(monitor.as_mut(), &second_waker).is_pending());
            ambit::exit(&sink, ExitReason::Kill);
            drop(go);
            assert_eq!(soon(sink.closed()).await, ExitReason::Killed);
            soon(async {
                while first.woken() == 0 || second.woken() < 4 {
                    tokio::task::yield_now().await;
                }
            })
            .await;
            assert_eq!(
                poll_once(cast.as_mut(), Waker::noop()),
                Poll::Ready(Err(CastError::NoProcess))
            );
            assert!(matches!(
                poll_once(call.as_mut(), Waker::noop()),
                Poll::Ready(Err(CallError::Exited { .. }))
            ));
            assert!(matches!(
                poll_once(reserved.as_mut(), Waker::noop()),
                Poll::Ready(Err(CastError::NoProcess))
            ));
            assert!(poll_once(closed.as_mut(), Waker::noop()).is_ready());
            assert!(poll_once(monitor.as_mut(), Waker::noop()).is_ready());
        });
    }
}

/// A returned permit admits a waiting sender on the thread that returns it.
#[test]
fn also_where_a_permit_is_given_back() {
    in_time(async {
        let (_system, _inside) = quiet();
        let (sink, go) = full().await;
        let mut permits = Vec::new();
        let subject = sink.as_ref().clone();
        go.send(()).unwrap();
        for _ in 0..2 {
            permits.push(soon(subject.reserve()).await.unwrap());
        }
        let (meddler, waker) = Meddler::waker(&sink, false);
        let mut cast = pin!(sink.take().no_timeout());
        assert!(poll_once(cast.as_mut(), &waker).is_pending());
        drop(permits.pop());
        assert_eq!(meddler.woken(), 1);
        assert!(poll_once(cast.as_mut(), Waker::noop()).is_ready());
        drop(permits);
        assert!(soon(sink.count()).await.unwrap() >= 3);
        drop(go);
    });
}

/// A `FuturesUnordered`, for example, polls its futures with wakers of its own.
#[tokio::test]
async fn a_receive_is_woken_by_the_waker_it_was_polled_with() {
    for with_unrelated in [false, true] {
        let (ready, is_ready) = oneshot::channel();
        let (wake, mut unrelated) = tokio::sync::mpsc::unbounded_channel();
        let (report, reported) = oneshot::channel();
        let process = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            let mut received = lazily(Box::pin(inbox.recv()));
            assert_eq!(process::poll_once(&mut received).await, Poll::Pending);
            ready.send(()).ok();
            let both = poll_fn(|cx| {
                while let Poll::Ready(Some(())) = unrelated.poll_recv(cx) {}
                Pin::new(&mut received).poll(cx)
            });
            report.send(both.await).ok();
        });
        is_ready.await.unwrap();
        if with_unrelated {
            wake.send(()).unwrap();
            // The process is polled, but not its receive.
            tokio::task::yield_now().await;
        }
        process.send(7).await.unwrap();
        assert_eq!(soon(reported).await, Ok(Some(7)));
    }
}

/// A waker that uses the process whose receive it belongs to.
struct Receiving {
    process: Subject<u8>,
    woken: AtomicUsize,
}

impl Wake for Receiving {
    fn wake(self: Arc<Self>) {
        drop(process_info(&self.process));
        drop(format!("{:?}", self.process));
        self.process.send(1).now().ok();
        drop(self.process.monitor());
        self.woken.fetch_add(1, Ordering::SeqCst);
    }
}

/// A message, a `Down`, an exit signal or a stop wakes a receive without a lock of its process.
#[test]
fn the_waker_of_a_receive_may_use_its_process() {
    let wakes: [fn(&Subject<u8>, &SinkSubject); 4] = [
        |process, _| process.send(7).now().unwrap(),
        |_, sink| ambit::exit(sink, ExitReason::Kill),
        |process, _| ambit::exit(process, ExitReason::Shutdown),
        |process, _| {
            let process = process.clone();
            drop(tokio::spawn(async move { process.stop().await }));
        },
    ];
    for wake in wakes {
        in_time(async move {
            let (_system, _inside) = quiet();
            let (_go, wait) = mpsc::channel();
            let sink = Sink { count: 0, go: wait }.start().await.unwrap();
            let (ready, is_ready) = oneshot::channel();
            let (end, ended) = oneshot::channel::<()>();
            let watched = sink.clone();
            let process = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
                inbox.trap_exits(true);
                inbox.monitor(&watched);
                let receiving = Arc::new(Receiving {
                    process: inbox.subject(),
                    woken: AtomicUsize::new(0),
                });
                let waker = Waker::from(receiving.clone());
                let mut next = pin!(inbox.next());
                assert!(poll_once(next.as_mut(), &waker).is_pending());
                ready.send(receiving).ok();
                ended.await.ok();
                assert!(poll_once(next.as_mut(), &waker).is_ready());
            });
            let receiving = soon(is_ready).await.unwrap();
            wake(&process, &sink);
            let is_woken = async {
                while receiving.woken.load(Ordering::SeqCst) == 0 {
                    tokio::task::yield_now().await;
                }
            };
            soon(is_woken).await;
            end.send(()).ok();
            assert_eq!(soon(process.closed()).await, ExitReason::Normal);
        });
    }
}
