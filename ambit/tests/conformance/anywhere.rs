//! Several runtimes and systems in one program, threads without a runtime, and the end of a runtime.

use ambit::error::StopError;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use ambit::error::{CastError, Executed, LookupError};
use ambit::prelude::*;
use ambit::process::Selector;
use ambit::registry::Registry;
use ambit::sys;
use ambit::system::System;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;

use crate::conformance::common::{block_on, idle, in_process, poll_once, soon};

/// Counts its drops.
struct Guest {
    drops: Arc<AtomicUsize>,
    replies: Vec<ReplyTo<u8>>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.drops.fetch_add(1, Ordering::SeqCst);
    }
}

#[gen_server(mailbox = 2)]
impl Guest {
    #[init]
    fn init(drops: Arc<AtomicUsize>) -> Self {
        Self {
            drops,
            replies: Vec::new(),
        }
    }
    #[call]
    fn echo(&mut self, n: u8) -> u8 {
        n
    }
    #[call(deferred)]
    fn never(&mut self, reply: ReplyTo<u8>) {
        self.replies.push(reply);
    }
    #[call]
    async fn hang(&mut self) -> u8 {
        std::future::pending().await
    }
    #[cast]
    fn put(&mut self, _n: u8) {}
    /// Makes a blocking call from inside a handler, on a thread of the runtime.
    #[call]
    fn blocks(&mut self, other: Subject<Vec<u8>>) -> Result<(), CastError> {
        other.send(vec![1]).blocking()
    }
}

fn runtime() -> Runtime {
    Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

async fn guest(drops: &Arc<AtomicUsize>) -> GuestSubject {
    Guest::start(drops.clone()).await.unwrap()
}

/// Each plain test has its own system: two tests may register the same name, in any order and at the same time.
mod names_are_apart {
    use std::cell::RefCell;
    use std::sync::mpsc::{Receiver, Sender, channel};

    use ambit::prelude::*;

    use crate::conformance::common::idle;

    /// A rendezvous with another thread; `wait` panics if the other thread has ended.
    struct Meeting(Sender<()>, Receiver<()>);

    impl Meeting {
        fn wait(&self) {
            self.0.send(()).unwrap();
            self.1.recv().expect("the other test failed");
        }
    }

    thread_local! {
        /// The rendezvous of the test on this thread, used while it holds the name; `None` when the test runs on its
        /// own.
        static MEETING: RefCell<Option<Meeting>> = const { RefCell::new(None) };
    }

    fn meet() {
        MEETING.with_borrow(|meeting| {
            if let Some(meeting) = meeting {
                meeting.wait();
            }
        });
    }

    async fn hold_the_name() {
        let own = idle();
        ambit::register("same", &own).unwrap();
        meet();
        assert_eq!(ambit::whereis::<u8>("same"), Ok(own.clone()));
        assert_eq!(ambit::inspect::processes().len(), 1);
        meet();
        own.stop().await.unwrap();
    }

    #[tokio::test]
    async fn one_test_registers_a_name() {
        hold_the_name().await;
    }

    #[tokio::test]
    async fn another_test_registers_the_same_name() {
        hold_the_name().await;
    }

    /// Runs the two tests above on two threads, so that both hold the name at the same time.
    #[test]
    fn two_runtimes_can_hold_one_name() {
        let (to_one, one_hears) = channel();
        let (to_another, another_hears) = channel();
        let both: [(fn(), _); 2] = [
            (one_test_registers_a_name, Meeting(to_another, one_hears)),
            (
                another_test_registers_the_same_name,
                Meeting(to_one, another_hears),
            ),
        ];
        let both = both.map(|(test, meeting)| {
            std::thread::spawn(move || {
                MEETING.set(Some(meeting));
                test();
            })
        });
        for one in both {
            one.join().unwrap();
        }
    }

    #[tokio::test]
    async fn two_systems_on_one_runtime_are_apart() {
        let (first, second) = (idle(), ambit::system::System::builder().build().unwrap());
        ambit::register("same", &first).unwrap();
        let entered = second.enter();
        let other = idle();
        ambit::register("same", &other).unwrap();
        assert_eq!(ambit::whereis::<u8>("same"), Ok(other.clone()));
        assert_ne!(first.pid(), other.pid());
        // Signals still cross between the systems.
        let watch = first.monitor();
        let to = first.clone();
        let killer = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
            inbox.monitor(&to);
            inbox.link(&to).unwrap();
            ambit::exit(&to, ExitReason::Shutdown);
            inbox.recv().await;
        });
        assert_eq!(watch.await.reason, ExitReason::Shutdown);
        assert_eq!(killer.closed().await, ExitReason::Shutdown, "by the link");
        drop(entered);
        assert!(ambit::whereis::<u8>("same").is_err());
    }
}

#[test]
fn a_runtime_shutdown_drops_every_state_once_and_no_caller_hangs() {
    for round in 0..20 {
        let drops = Arc::new(AtomicUsize::new(0));
        let first = runtime();
        let (idle_guest, hanging, waiting) = first.block_on(async {
            let all = (
                guest(&drops).await,
                guest(&drops).await,
                guest(&drops).await,
            );
            for _ in 0..47 {
                guest(&drops).await;
            }
            all
        });
        let second = runtime();
        // Callers on another runtime and on a thread without one, with every kind of wait.
        let mut tasks = Vec::new();
        for guest in [idle_guest.clone(), hanging.clone(), waiting.clone()] {
            let (one, two) = (guest.clone(), guest.clone());
            tasks.push(second.spawn(async move { one.never().no_timeout().await.unwrap_err() }));
            tasks.push(second.spawn(async move { two.hang().no_timeout().await.unwrap_err() }));
        }
        let (ready, is_ready) = std::sync::mpsc::channel();
        let threads: Vec<_> = [hanging.clone(), waiting.clone()]
            .into_iter()
            .map(|guest| {
                let ready = ready.clone();
                thread::spawn(move || {
                    let call = guest.never().no_timeout().send();
                    let (watch, closed) = (guest.monitor(), guest.closed());
                    ready.send(()).unwrap();
                    let error = block_on(call).unwrap_err();
                    (error, block_on(watch).reason, block_on(closed))
                })
            })
            .collect();
        is_ready.recv().unwrap();
        is_ready.recv().unwrap();
        // Varies the moment of the shutdown in each round.
        let moment = Instant::now() + round * Duration::from_micros(20);
        while Instant::now() < moment {
            thread::yield_now();
        }
        drop(first);
        let dropped = drops.load(Ordering::SeqCst);
        // A caller on another thread may be starting the task of its server: then it ends the server itself.
        assert!(dropped >= 47, "{dropped}: all that nobody calls");
        for task in tasks {
            let error = second.block_on(soon(task)).unwrap();
            assert!(is_end(&error), "{error:?}");
        }
        for thread in threads {
            let (error, down, closed) = thread.join().unwrap();
            assert!(is_end(&error), "{error:?}");
            assert_eq!(closed, ExitReason::Shutdown);
            assert!([ExitReason::Shutdown, ExitReason::NoProcess].contains(&down));
        }
        assert_eq!(drops.load(Ordering::SeqCst), 50, "every state, once");
        assert!(!idle_guest.is_alive());
        assert_eq!(
            block_on(idle_guest.echo(1).into_owned()),
            Err(CallError::NoProcess)
        );
        assert_eq!(
            block_on(idle_guest.put(1).into_owned()),
            Err(CastError::NoProcess)
        );
    }
}

/// Returns true if the server ended with its runtime, during the call or just before it.
fn is_end(error: &CallError) -> bool {
    match error {
        CallError::Exited { reason, .. } => *reason == ExitReason::Shutdown,
        CallError::NoProcess => true,
        _ => false,
    }
}

#[test]
fn code_of_a_runtime_that_a_blocking_task_drives_is_in_the_system_of_that_runtime() {
    runtime().block_on(async {
        let outer = idle();
        ambit::register("idle", &outer).unwrap();
        let drive = move || {
            let outside = System::current().unwrap();
            let inner = runtime();
            inner.block_on(async {
                assert_ne!(System::current().unwrap(), outside);
                assert_eq!(ambit::whereis::<u8>("idle"), Err(LookupError::NotFound));
                let own = idle();
                ambit::register("idle", &own).unwrap();
                assert_eq!(ambit::whereis::<u8>("idle"), Ok(own));
            });
            assert_eq!(System::current().unwrap(), outside);
            assert_eq!(ambit::whereis::<u8>("idle"), Ok(outer));
        };
        tokio::task::spawn_blocking(drive).await.unwrap();
    });
}

#[test]
fn a_second_runtime_starts_with_an_empty_system() {
    for _ in 0..50 {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            assert_eq!(
                ambit::whereis::<u8>("left over").err(),
                Some(LookupError::NotFound)
            );
            let process = idle();
            ambit::register("left over", &process).unwrap();
            let soon = Duration::from_millis(1);
            ambit::kill_after(soon, &process);
            assert_eq!(process.closed().await, ExitReason::Killed, "its clock runs");
            ambit::register("left over", &idle()).unwrap();
        });
    }
}

async fn everything_without_identity(guest: &GuestSubject, named: &GuestSubject) {
    assert_eq!(guest.echo(1).await, Ok(1));
    assert_eq!(named.echo(2).timeout(Duration::from_secs(1)).await, Ok(2));
    guest.put(1).await.unwrap();
    assert_eq!(guest.echo(3).send().await, Ok(3));
    let short = Duration::from_millis(2);
    assert_eq!(guest.never().timeout(short).await, Err(CallError::Timeout));
    assert!(ambit::is_alive(guest) && ambit::process_info(guest).is_some());
    assert_eq!(ambit::self_pid(), Err(ambit::error::NotAProcess));
    drop(guest.monitor());
}

async fn ends(guest: &GuestSubject) {
    let watch = guest.monitor();
    guest.stop_with(ExitReason::Shutdown).await.unwrap();
    assert_eq!(watch.await.reason, ExitReason::Shutdown);
    assert_eq!(guest.closed().await, ExitReason::Shutdown);
    assert_eq!(guest.echo(1).await, Err(CallError::NoProcess));
}

#[test]
fn operations_without_a_process_identity_work_anywhere() {
    let (home, away) = (runtime(), runtime());
    let drops = Arc::new(AtomicUsize::new(0));
    let start = |name: &'static str| {
        let guest = home.block_on(Guest::start(drops.clone()).name(name).into_future());
        guest.unwrap()
    };
    let named = |name: &'static str| home.block_on(async { GuestSubject::named(name) });
    // A plain task of its own runtime.
    let (guest, by_name) = (start("task"), named("task"));
    let task = async move {
        assert_eq!(ambit::whereis::<Guest>("task"), Ok(guest.clone()));
        everything_without_identity(&guest, &by_name).await;
        ends(&guest).await;
    };
    home.block_on(home.spawn(task)).unwrap();
    // A thread of spawn_blocking.
    let (guest, by_name) = (start("blocking"), named("blocking"));
    let task = home.spawn_blocking(move || {
        assert_eq!(ambit::whereis::<Guest>("blocking"), Ok(guest.clone()));
        block_on(everything_without_identity(&guest, &by_name));
        block_on(ends(&guest));
    });
    home.block_on(task).unwrap();
    // Another runtime: its default system is a different one, but handles work there.
    let (guest, by_name) = (start("away"), named("away"));
    let task = async move {
        assert!(ambit::whereis::<Guest>("away").is_err());
        everything_without_identity(&guest, &by_name).await;
        ends(&guest).await;
    };
    away.block_on(away.spawn(task)).unwrap();
    // A thread without any runtime.
    let (guest, by_name) = (start("thread"), named("thread"));
    let elsewhere = thread::spawn(move || {
        assert_eq!(
            ambit::whereis::<Guest>("thread").err(),
            Some(LookupError::NotFound)
        );
        block_on(everything_without_identity(&guest, &by_name));
        block_on(ends(&guest));
    });
    elsewhere.join().unwrap();
    assert_eq!(drops.load(Ordering::SeqCst), 4);
}

#[test]
fn a_thread_without_a_runtime_waits_for_capacity_and_looks_up_names() {
    let home = runtime();
    let (registry, drops) = (Registry::<String, Guest>::unique(), Arc::default());
    let start = Guest::start(drops).via(&registry, "key");
    let guest = home.block_on(start.into_future()).unwrap();
    home.block_on(sys::suspend(&guest)).unwrap();
    guest.put(0).now().unwrap();
    guest.put(1).now().unwrap();
    let (full, is_full) = std::sync::mpsc::channel();
    let elsewhere = thread::spawn({
        let guest = guest.clone();
        move || {
            let short = Duration::from_millis(5);
            let began = Instant::now();
            assert_eq!(
                block_on(guest.put(2).timeout(short)),
                Err(CastError::Timeout)
            );
            assert!(began.elapsed() >= short);
            assert_eq!(guest.put(2).now(), Err(CastError::Full));
            assert_eq!(registry.lookup("key"), Some(guest.clone()));
            assert_eq!(
                registry.via("key".to_owned()).put(2).now(),
                Err(CastError::Full)
            );
            full.send(()).unwrap();
            block_on(guest.put(3))
        }
    });
    is_full.recv().unwrap();
    home.block_on(async {
        while ambit::process_info(&guest).unwrap().queued < 3 {
            tokio::task::yield_now().await;
        }
        sys::resume(&guest).await.unwrap();
    });
    assert_eq!(elsewhere.join().unwrap(), Ok(()));
}

#[test]
fn blocking_requests_work_where_allowed_and_fail_elsewhere() {
    let home = runtime();
    let guest = home
        .block_on(Guest::start(Arc::default()).into_future())
        .unwrap();
    let (here, there) = (guest.clone(), guest.clone());
    let asked = home.spawn_blocking(move || (here.echo(1).blocking(), here.put(1).blocking()));
    assert_eq!(home.block_on(asked).unwrap(), (Ok(1), Ok(())));
    assert_eq!(
        (guest.echo(2).blocking(), guest.put(1).blocking()),
        (Ok(2), Ok(()))
    );
    // On a worker thread, and on the thread that drives the runtime.
    let refused = home
        .block_on(home.spawn(async move { (there.echo(1).blocking(), there.put(1).blocking()) }));
    let expected = (Err(CallError::BlocksRuntime), Err(CastError::BlocksRuntime));
    assert_eq!(refused.unwrap(), expected);
    let refused = home.block_on(async { (guest.echo(1).blocking(), guest.put(1).blocking()) });
    assert_eq!(refused, expected);
    // Inside a handler; nothing was sent.
    let (sink, sent) = home.block_on(async {
        let sink = ambit::spawn(|mut inbox: Inbox<Vec<u8>>| async move {
            inbox.recv().await;
        });
        let sent = guest.blocks(sink.clone()).await.unwrap();
        (sink, sent)
    });
    assert_eq!(sent, Err(CastError::BlocksRuntime));
    assert!(sink.is_alive());
}

#[test]
fn without_a_runtime_nothing_starts_and_nothing_panics() {
    let started = block_on(Guest::start(Arc::default()).into_future());
    assert_eq!(started.err(), Some(StartError::NoRuntime));
    assert!(matches!(System::current(), Err(StartError::NoRuntime)));
    assert!(matches!(
        System::builder().build(),
        Err(StartError::NoRuntime)
    ));
    let ran = Arc::new(AtomicUsize::new(0));
    let flag = ran.clone();
    let process = ambit::spawn(move |_: Inbox<u8>| async move {
        flag.fetch_add(1, Ordering::SeqCst);
    });
    assert!(!process.is_alive());
    let ExitReason::Error(report) = block_on(process.closed()) else {
        panic!("it ended with an error")
    };
    assert_eq!(report.to_string(), "no tokio runtime");
    assert_eq!(block_on(process.monitor()).reason, ExitReason::NoProcess);
    assert_eq!(block_on(process.send(1)), Err(CastError::NoProcess));
    assert_eq!(block_on(process.stop()), Err(StopError::NoProcess));
    assert!(matches!(
        block_on(process.reserve()),
        Err(CastError::NoProcess)
    ));
    assert_eq!(ran.load(Ordering::SeqCst), 0);
    assert_eq!(
        ambit::whereis::<u8>("any").err(),
        Some(LookupError::NotFound)
    );
    assert_eq!(ambit::unregister("any"), Err(LookupError::NotFound));
    assert!(ambit::register("any", &process).is_err());
    assert!(ambit::inspect::processes().is_empty() && ambit::process_info(&process).is_none());
    ambit::exit(&process, ExitReason::Kill);
    ambit::exit("any", ExitReason::Kill);
    let second = Duration::from_secs(1);
    assert_eq!(ambit::kill_after(second, &process).remaining(), None);
    assert_eq!(
        ambit::send_after(&process.recipient(), second, 1).remaining(),
        None
    );
    assert_eq!(
        block_on(Subject::<u8>::named("any").send(1)),
        Err(CastError::NoProcess)
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_kill_is_seen_by_callers_on_other_tasks_at_once() {
    let drops = Arc::new(AtomicUsize::new(0));
    for _ in 0..200 {
        let guest = guest(&drops).await;
        let hanging = guest.hang().no_timeout().send();
        let queued = guest.echo(1).no_timeout().send();
        while ambit::process_info(&guest).unwrap().queued > 1 {
            tokio::task::yield_now().await;
        }
        ambit::exit(&guest, ExitReason::Kill);
        let exited = |executed| CallError::Exited {
            reason: ExitReason::Killed,
            executed,
        };
        assert_eq!(soon(hanging).await, Err(exited(Executed::Maybe)));
        assert_eq!(soon(queued).await, Err(exited(Executed::No)));
    }
    assert_eq!(drops.load(Ordering::SeqCst), 200);
}

/// An inbox that was moved out of its process yields nothing more once that process has ended, and does not spin.
#[tokio::test]
async fn an_inbox_that_outlives_its_process_is_quiet() {
    for traps in [false, true] {
        a_given_inbox_is_quiet(traps).await;
    }
}

async fn a_given_inbox_is_quiet(traps: bool) {
    let (give, given) = oneshot::channel();
    let process = ambit::spawn(move |mut inbox: Inbox<u8>| async move {
        inbox.trap_exits(traps);
        give.send(inbox).ok();
        std::future::pending::<()>().await;
    });
    let mut inbox = given.await.unwrap();
    process.send(1).await.unwrap();
    assert_eq!(inbox.recv().await, Some(1));
    ambit::exit(&process, ExitReason::Kill);
    process.closed().await;
    // One poll, and no wake-up after it.
    let woken = Arc::new(AtomicUsize::new(0));
    struct Count(Arc<AtomicUsize>);
    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let waker = std::task::Waker::from(Arc::new(Count(woken.clone())));
    let mut next = Box::pin(inbox.next());
    let poll = next
        .as_mut()
        .poll(&mut std::task::Context::from_waker(&waker));
    assert_eq!((poll, woken.load(Ordering::SeqCst)), (Poll::Pending, 0));
    drop(next);
    // It cannot link or monitor other processes any more.
    let (child, other) = (
        inbox.spawn_link(|mut inbox: Inbox<u8>| async move {
            inbox.recv().await;
        }),
        idle(),
    );
    assert_eq!(soon(child.unwrap().closed()).await, ExitReason::NoProcess);
    assert_eq!(inbox.link(&other), Err(ExitReason::NoProcess));
    inbox.monitor(&other);
    let info = ambit::process_info(&other).unwrap();
    assert_eq!((info.links.len(), info.monitored_by.len()), (0, 0));
    let mut next = Box::pin(inbox.next());
    assert_eq!(
        poll_once(&mut next).await,
        Poll::Pending,
        "no Exit, no Down"
    );
}

#[tokio::test]
async fn a_cast_future_that_is_polled_by_hand_does_nothing_before() {
    let seen = in_process(|mut inbox: Inbox<u8>| async move {
        let own = inbox.subject();
        drop(own.send(1));
        let mut second = own.send(2);
        own.send(3).now().unwrap();
        assert_eq!(poll_once(&mut second).await, Poll::Ready(Ok(())));
        let mut seen = Vec::new();
        while let Some(InboxEvent::Message(n)) = inbox.next_within(Duration::ZERO).await {
            seen.push(n);
        }
        seen
    })
    .await;
    assert_eq!(seen, [3, 2]);
}

#[test]
fn a_wait_for_a_name_that_is_created_outside_a_runtime_finds_it() {
    let runtime = runtime();
    let sink = runtime.block_on(async {
        let sink = idle();
        ambit::register("sink", &sink).unwrap();
        sink
    });
    let found = runtime.block_on(ambit::wait_for::<u8>("sink"));
    assert_eq!(found.as_ref(), Ok(&sink));
    // It is woken too.
    let wait = ambit::wait_for::<u8>("late");
    let found = runtime.block_on(async {
        let waiting = tokio::spawn(wait);
        tokio::task::yield_now().await;
        ambit::register("late", &sink).unwrap();
        waiting.await.unwrap()
    });
    assert_eq!(found.as_ref(), Ok(&sink));
}

#[test]
fn a_selector_waits_on_a_runtime_without_a_system() {
    let selected = runtime().block_on(async {
        let soon = tokio::time::sleep(Duration::from_millis(10));
        let mut selector = Selector::new().future(soon, |()| 1);
        selector.select_within(Duration::from_secs(60)).await
    });
    assert_eq!(selected, Some(1));
}

#[tokio::test]
async fn an_inbox_receives_in_any_task() {
    let (give, given) = oneshot::channel();
    let process = ambit::spawn(move |inbox: Inbox<u8>| async move {
        give.send(inbox).ok();
        std::future::pending::<()>().await
    });
    let mut inbox = given.await.unwrap();
    for n in 0..3 {
        let reader = tokio::spawn(async move {
            let message = match n {
                0 => inbox.recv().await,
                1 => Some(message_of(inbox.next().await)),
                _ => Some(message_of(inbox.recv_match(|_| true).await)),
            };
            (inbox, message)
        });
        // The receive is pending.
        tokio::task::yield_now().await;
        sys::suspend(&process).await.unwrap();
        process.send(n).await.unwrap();
        sys::resume(&process).await.unwrap();
        let message;
        (inbox, message) = soon(reader).await.unwrap();
        assert_eq!(message, Some(n));
    }
}

fn message_of(event: InboxEvent<u8>) -> u8 {
    match event {
        InboxEvent::Message(message) => message,
        other => panic!("no other event is sent: {other:?}"),
    }
}
