//! Starts: the names first, then init, and a failed start leaves nothing behind.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::process_info;
use ambit::server::Ignore;
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::servers::util::*;

/// The cause of a failed start.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fault {
    Error,
    Ignored,
    Panic,
    PanicLater,
    Timeout,
    TimeoutZero,
    Dropped,
    Killed,
    NameTaken,
    KeyTaken,
    EmptyName,
    NoMailbox,
}

const FAULTS: [Fault; 12] = [
    Fault::Error,
    Fault::Ignored,
    Fault::Panic,
    Fault::PanicLater,
    Fault::Timeout,
    Fault::TimeoutZero,
    Fault::Dropped,
    Fault::Killed,
    Fault::NameTaken,
    Fault::KeyTaken,
    Fault::EmptyName,
    Fault::NoMailbox,
];

/// Creates a start with this fault; `dropped` counts the drops of its captured value.
fn faulty(fault: Fault, dropped: &Arc<AtomicU64>) -> ambit::server::Start<Script> {
    struct Count(Arc<AtomicU64>);
    impl Drop for Count {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
    let count = Count(dropped.clone());
    Script::start_with(&Log::new(), move |_| {
        Box::pin(async move {
            let _count = count;
            match fault {
                Fault::Error => return Err(ExitReason::error("no")),
                Fault::Ignored => return Err(Ignore.into()),
                Fault::Panic => boom(),
                Fault::PanicLater => {
                    tokio::task::yield_now().await;
                    boom()
                }
                Fault::Killed => {
                    ambit::exit(ambit::self_pid().unwrap(), ExitReason::Kill);
                    std::future::pending::<()>().await;
                }
                _ => std::future::pending().await,
            }
            Ok(0)
        })
    })
}

/// Runs one failing start and checks its error.
async fn fail(fault: Fault, linked: bool, rooms: &Registry<u64, Script>, holder: Pid) {
    let dropped = Arc::new(AtomicU64::new(0));
    let start = faulty(fault, &dropped);
    let mut start = match fault {
        Fault::NameTaken => start.name("free").name("taken"),
        Fault::KeyTaken => start.name("free").via(rooms, 1u64).via(rooms, 0u64),
        Fault::EmptyName => start.name("").via(rooms, 1u64),
        Fault::NoMailbox => start.name("free").mailbox(0),
        Fault::Timeout => start.name("free").via(rooms, 1u64).timeout(ms(3)),
        Fault::TimeoutZero => start.name("free").via(rooms, 1u64).timeout(Duration::ZERO),
        _ => start.name("free").via(rooms, 1u64),
    };
    if linked {
        start = start.link();
    }
    if fault == Fault::Dropped {
        assert!(poll_often(&mut start).await.is_none());
        let process = ambit::whereis::<Script>("free").unwrap();
        let watch = process.monitor();
        drop(start);
        assert_eq!(watch.await.reason, ExitReason::Killed);
    } else {
        let error = start.await.err().unwrap();
        let as_expected = match (fault, &error) {
            (Fault::Panic | Fault::PanicLater, StartError::Init(reason)) => {
                panic_text(reason) == "boom"
            }
            (Fault::Error, _) => error == StartError::Init(ExitReason::error("no")),
            (Fault::Killed, _) => error == StartError::Init(ExitReason::Killed),
            (Fault::Ignored, _) => error == StartError::Ignored,
            (Fault::Timeout | Fault::TimeoutZero, _) => error == StartError::Timeout,
            (Fault::NameTaken | Fault::KeyTaken, _) => {
                error == StartError::AlreadyRegistered { holder }
            }
            (Fault::EmptyName, _) => error == StartError::InvalidName,
            (Fault::NoMailbox, StartError::BadSpec(_)) => true,
            _ => false,
        };
        assert!(as_expected, "{fault:?} gives {error:?}");
    }
    assert!(
        ambit::whereis::<Script>("free").is_err(),
        "{fault:?} left a name"
    );
    assert!(rooms.lookup(&1).is_none(), "{fault:?} left a key");
    assert_eq!(rooms.len(), 1, "{fault:?} left an entry");
    assert_eq!(
        dropped.load(Ordering::SeqCst),
        1,
        "{fault:?} left its future"
    );
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_leaves_no_name_no_process_and_no_exit() {
    let (system, _current) = quiet();
    let rooms = Registry::<u64, Script>::unique();
    let start = Script::start(&Log::new()).name("taken").via(&rooms, 0u64);
    let holder = start.await.unwrap();
    let (system, pid) = (system.clone(), holder.pid());
    in_process(move |mut inbox| async move {
        inbox.trap_exits(true);
        for fault in FAULTS {
            for round in 0..100 {
                fail(fault, round % 2 == 0, &rooms, pid).await;
                assert_eq!(system.process_count(), 2, "{fault:?} left a process");
                let own = process_info(inbox.pid()).unwrap();
                assert!(own.links.is_empty() && own.monitors.is_empty());
            }
        }
        let left = inbox.next_within(Duration::ZERO).await;
        assert_eq!(left, None, "an Exit is left");
    })
    .await;
    assert!(holder.is_alive());
}

/// The same on several threads, where an observer could see a name after the start has returned.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_start_leaves_no_name_on_any_thread() {
    let _quiet = quiet();
    let rooms = Registry::<u64, Script>::unique();
    for round in 0..2000u64 {
        let fault = [Fault::Error, Fault::Ignored, Fault::Panic, Fault::Killed][round as usize % 4];
        let start = faulty(fault, &Arc::default());
        let start = start.name("free").via(&rooms, 1u64);
        start.await.unwrap_err();
        assert!(ambit::whereis::<Script>("free").is_err());
        assert_eq!((rooms.lookup(&1), rooms.len()), (None, 0));
        let next = Script::start(&Log::new()).name("free").via(&rooms, 1u64);
        next.await.unwrap().stop().await.unwrap();
        assert_eq!(rooms.len(), 0);
    }
}

/// Of many concurrent starts with one name one succeeds, and the init of the others never runs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_many_starts_gets_the_name() {
    for round in 0..300 {
        let rooms = Registry::<u64, Script>::unique();
        let ran = Arc::new(AtomicU64::new(0));
        let mut starts = tokio::task::JoinSet::new();
        for _ in 0..8 {
            let counter = ran.clone();
            let start = Script::start_with(&Log::new(), move |_| {
                counter.fetch_add(1, Ordering::SeqCst);
                Box::pin(async { Ok(1) })
            });
            starts.spawn(if round % 2 == 0 {
                start.name("one")
            } else {
                start.via(&rooms, 1u64)
            });
        }
        let (won, lost): (Vec<_>, Vec<_>) =
            starts.join_all().await.into_iter().partition(Result::is_ok);
        assert_eq!((won.len(), lost.len()), (1, 7));
        let winner = won[0].as_ref().unwrap();
        let holder = winner.pid();
        for error in lost {
            assert_eq!(error, Err(StartError::AlreadyRegistered { holder }));
        }
        assert_eq!(ran.load(Ordering::SeqCst), 1, "only the winner's init ran");
        winner.stop().await.unwrap();
    }
}

#[tokio::test]
async fn messages_queue_while_init_runs() {
    let (open, gate) = oneshot::channel::<()>();
    let log = Log::new();
    let start = Script::start_with(&log, move |_| {
        Box::pin(async move {
            gate.await.ok();
            Ok(10)
        })
    });
    let mut start = start.name("early");
    assert!(poll_often(&mut start).await.is_none());
    let early = ambit::whereis::<Script>("early").unwrap();
    let info = process_info(&early).unwrap();
    assert_eq!(info.status, ambit::inspect::Status::Starting);
    early.recipient::<u64>().send(1).await.unwrap();
    let mut sum = add(&early, 5).send();
    early.recipient::<u64>().send(2).await.unwrap();
    assert!(poll_often(&mut sum).await.is_none());
    drop(open);
    let script = start.await.unwrap();
    assert_eq!(sum.await, Ok(15));
    value_of(&script).await.unwrap();
    assert_eq!(log.all(), ["number 1", "number 2"]);
}

/// A call that is queued at a server whose init fails gets that error.
#[tokio::test]
async fn calls_queued_in_a_failed_init_were_not_executed() {
    let _quiet = quiet();
    let (open, gate) = oneshot::channel::<()>();
    let start = Script::start_with(&Log::new(), move |_| {
        Box::pin(async move {
            gate.await.ok();
            boom()
        })
    });
    let mut start = start.name("early");
    assert!(poll_often(&mut start).await.is_none());
    let early = ambit::whereis::<Script>("early").unwrap();
    let call = add(&early, 1).send();
    drop(open);
    let Err(StartError::Init(reason)) = start.await else {
        panic!("init panicked")
    };
    let executed = Executed::No;
    assert_eq!(call.await, Err(CallError::Exited { reason, executed }));
}

/// X7: the starter waits for the acknowledgement, and returns right after it.
#[tokio::test(start_paused = true)]
async fn x7_a_start_waits_as_long_as_init_takes() {
    let slow = |time| {
        Script::start_with(&Log::new(), move |_| {
            Box::pin(async move {
                tokio::time::sleep(time).await;
                Ok(0)
            })
        })
    };
    let hour = Duration::from_secs(3600);
    let began = Instant::now();
    slow(hour).await.unwrap();
    about(hour, began.elapsed());

    let began = Instant::now();
    let outcome = slow(hour).timeout(ms(500)).await;
    assert_eq!(outcome.err(), Some(StartError::Timeout));
    about(ms(500), began.elapsed());
    assert!(slow(ms(499)).timeout(ms(500)).await.is_ok());
}

#[tokio::test]
async fn a_linked_starter_takes_its_server_along() {
    let _quiet = quiet();
    let log = Log::new();
    let inside = log.clone();
    let (told, tell) = oneshot::channel();
    let starter = ambit::spawn(move |_: Inbox<u64>| async move {
        let script = Script::start(&inside).link().await.unwrap();
        told.send(script).ok();
        std::future::pending::<()>().await;
    });
    let script = tell.await.unwrap();
    let info = process_info(&script).unwrap();
    assert_eq!(
        (info.links, info.parent),
        (vec![starter.pid()], Some(starter.pid()))
    );
    ambit::exit(&starter, ExitReason::error("away"));
    assert_eq!(script.closed().await, ExitReason::error("away"));
    assert_eq!(log.all(), ["terminate: away"], "D3: its parent's exit");
}

/// The starter ends while init runs: the started server ends too.
#[tokio::test]
async fn a_linked_starter_that_dies_during_init_leaves_nothing() {
    let (system, _current) = quiet();
    for linked in [false, true] {
        let log = Log::new();
        let (inside, dropped) = (log.clone(), log.clone());
        let starter = ambit::spawn(move |_: Inbox<u64>| async move {
            let start = Script::start_with(&inside, move |_| {
                let guard = OnDrop(dropped, "init dropped");
                Box::pin(async move {
                    let _guard = guard;
                    std::future::pending().await
                })
            });
            let start = start.name("never");
            let start = if linked { start.link() } else { start };
            drop(start.await);
        });
        while ambit::whereis::<Script>("never").is_err() {
            tokio::task::yield_now().await;
        }
        let process = ambit::whereis::<Script>("never").unwrap();
        let watch = process.monitor();
        ambit::exit(&starter, ExitReason::Kill);
        let reason = watch.await.reason;
        assert_eq!(reason, ExitReason::Killed, "linked: {linked}");
        assert_eq!(log.all(), ["init dropped"]);
        assert!(ambit::whereis::<Script>("never").is_err());
        starter.closed().await;
        assert_eq!(system.process_count(), 0);
    }
}

/// The init may be done when the start is given up: the starter gets neither a signal nor a message.
#[tokio::test(start_paused = true)]
async fn giving_up_a_linked_start_does_not_affect_the_starter() {
    let _quiet = quiet();
    for (traps, is_polled) in [(false, false), (false, true), (true, false), (true, true)] {
        let reason = in_process(move |mut inbox| async move {
            inbox.trap_exits(traps);
            let mut start = Script::start_with(&Log::new(), |_| {
                Box::pin(async {
                    tokio::time::sleep(ms(2)).await;
                    Ok(0)
                })
            })
            .name("given up")
            .link()
            .send();
            if is_polled {
                assert!(poll_once(&mut start).await.is_pending());
            }
            tokio::time::sleep(ms(5)).await;
            let watch = ambit::whereis::<Script>("given up").unwrap().monitor();
            drop(start);
            assert!(process_info(inbox.pid()).unwrap().links.is_empty());
            assert_eq!(inbox.next_within(ms(50)).await, None);
            watch.await.reason
        })
        .await;
        assert_eq!(reason, ExitReason::Killed);
    }
}

/// A server that a handler has started in vain takes neither the handler nor its server along.
#[tokio::test(start_paused = true)]
async fn a_failed_start_beside_another_one_does_not_end_the_starter() {
    let (system, _current) = quiet();
    let script = Script::start(&Log::new()).await.unwrap();
    let both = later(|_, _| {
        Box::pin(async {
            let fails = Script::start_with(&Log::new(), |_| {
                Box::pin(async {
                    tokio::time::sleep(ms(2)).await;
                    Err(ExitReason::error("no"))
                })
            });
            let (fails, succeeds) = (
                fails.link().send(),
                Plain { number: 1 }.start().link().send(),
            );
            assert_eq!(
                fails.await.err(),
                Some(StartError::Init(ExitReason::error("no")))
            );
            drop(succeeds);
            Flow::Continue
        })
    });
    script.send(both).now().unwrap();
    tokio::time::sleep(ms(50)).await;
    assert!(script.is_alive());
    assert_eq!(system.process_count(), 1, "both are given up");
}

/// `closed` of a stopped process returns the true reason; a monitor that is made too late gets `NoProcess`.
#[tokio::test]
async fn an_early_exit_is_reported_by_the_handle() {
    let start = Script::start_with(&Log::new(), |ctx| {
        Box::pin(async move {
            ctx.stop(ExitReason::Shutdown);
            Ok(0)
        })
    });
    let script = start.await.unwrap();
    assert_eq!(script.closed().await, ExitReason::Shutdown);
    assert_eq!(script.monitor().await.reason, ExitReason::NoProcess);
}

/// X19: a start refuses an empty name; other invalid forms do not compile.
#[tokio::test]
async fn x19_an_invalid_name_makes_no_process() {
    let (system, _current) = quiet();
    let log = Log::new();
    let outcome = Script::start(&log).name("").await;
    assert_eq!(outcome.err(), Some(StartError::InvalidName));
    assert_eq!(system.process_count(), 0);
}

#[tokio::test]
async fn a_start_that_is_not_awaited_does_nothing() {
    let (system, _current) = quiet();
    drop(Script::start(&Log::new()).name("unborn"));
    assert!(ambit::whereis::<Script>("unborn").is_err());
    assert_eq!(system.process_count(), 0);
}

#[test]
fn a_start_without_a_runtime_fails_without_a_panic() {
    let mut start = Script::start(&Log::new()).name("x");
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let outcome = std::pin::Pin::new(&mut start).poll(&mut cx);
    let std::task::Poll::Ready(Err(StartError::NoRuntime)) = outcome else {
        panic!("there is no runtime: {outcome:?}")
    };
    assert_eq!(
        ambit::whereis::<Script>("x").err(),
        Some(ambit::error::LookupError::NotFound)
    );
    assert_eq!(
        Subject::<Script>::named("x").stop_now(),
        Err(CastError::NoProcess)
    );
}

trait StopNow {
    fn stop_now(&self) -> Result<(), CastError>;
}

impl StopNow for Subject<Script> {
    fn stop_now(&self) -> Result<(), CastError> {
        self.send(now(|_, _| Flow::Stop(ExitReason::Normal))).now()
    }
}

/// Started from a plain task, a blocking thread and another runtime: the handle works in all of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn servers_start_from_anywhere_inside_a_runtime() {
    let task = tokio::spawn(async { Script::start(&Log::new()).await.unwrap() });
    let script = task.await.unwrap();
    let other = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            assert_eq!(add(&script, 2).await, Ok(2));
            let own = Script::start(&Log::new()).await.unwrap();
            assert_ne!(own.pid(), script.pid());
            let watch = script.monitor();
            script.stop().await.unwrap();
            assert_eq!(watch.await.reason, ExitReason::Normal);
            own
        })
    });
    let orphan = tokio::task::spawn_blocking(move || other.join().unwrap())
        .await
        .unwrap();
    assert_eq!(
        orphan.closed().await,
        ExitReason::Shutdown,
        "its runtime is gone, and so is it"
    );
    assert_eq!(value_of(&orphan).await, Err(CallError::NoProcess));
}

struct Plain {
    number: u64,
}

#[gen_server]
impl Plain {
    #[call]
    fn number(&self) -> u64 {
        self.number
    }
}

#[tokio::test]
async fn without_init_the_value_itself_is_started() {
    let plain = Plain { number: 3 }.start().name("three").await.unwrap();
    assert_eq!(plain.number().await, Ok(3));
    let owned = Plain { number: 4 }
        .start()
        .owned()
        .name("four")
        .mailbox(2)
        .timeout(SOON);
    let owned = owned.await.unwrap();
    assert_eq!(owned.number().await, Ok(4));
    assert_eq!(PlainSubject::named("four").number().await, Ok(4));
}

/// Ends as soon as it has started.
struct Brief;

#[gen_server(in_place = never)]
impl Brief {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.stop(ExitReason::Normal);
        Self
    }
}

/// The process may have ended before the starter resumes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_start_that_succeeded_is_never_reported_as_failed() {
    let starters: Vec<_> = (0..8)
        .map(|_| {
            tokio::spawn(async {
                for n in 0..2500 {
                    let started = Brief::start().await;
                    assert!(started.is_ok(), "start {n}: {started:?}");
                }
            })
        })
        .collect();
    for starter in starters {
        starter.await.unwrap();
    }
}
