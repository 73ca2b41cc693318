//! `.keep_mailbox()`: the queue of a server that crashes.

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::process::{LetterKind, Undelivered};
use ambit::test::{dead_letters, expect_crash, expect_dead_letters, settle};

/// Forwards the numbers it handles, and crashes at `0`.
struct Log {
    out: Recipient<u64>,
}

#[gen_server]
impl Log {
    #[init]
    fn init(out: Recipient<u64>) -> Self {
        Self { out }
    }
    #[cast]
    fn note(&mut self, n: u64) {
        assert_ne!(n, 0, "zero");
        self.out.send(n).now().ok();
    }
    #[call]
    fn echo(&mut self, n: u64) -> u64 {
        assert_ne!(n, 0, "zero");
        self.out.send(n).now().ok();
        n
    }
}

fn spec(out: &Recipient<u64>) -> ChildSpec<Log> {
    let out = out.clone();
    ChildSpec::from_fn(move || Log::start(out.clone()))
}

async fn numbers(probe: &mut ambit::test::Probe<u64>, count: usize) -> Vec<u64> {
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(probe.expect().await);
    }
    all
}

#[ambit::test]
async fn a_retained_queue_passes_to_the_next_incarnation_in_order_including_calls() {
    let mut probe = ambit::test::Probe::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let log = supervisor
        .start_child(spec(&probe.recipient()).keep_mailbox())
        .await
        .unwrap();
    let old = log.pid();
    expect_crash(&log);
    log.note(1).now().unwrap();
    log.note(0).now().unwrap();
    log.note(2).now().unwrap();
    let three = log.echo(3).send();
    let four = log.echo(4).send();
    log.note(5).now().unwrap();
    assert_eq!((three.await, four.await), (Ok(3), Ok(4)));
    assert_eq!(numbers(&mut probe, 5).await, [1, 2, 3, 4, 5]);
    assert_ne!(log.pid(), old);
    let parked = dead_letters();
    assert_eq!(parked.len(), 1, "{parked:?}");
    assert!(
        parked[0].contains("Crashed") && parked[0].contains("CrashReport"),
        "{parked:?}"
    );
}

#[ambit::test]
async fn the_parked_dead_letter_is_the_crash_report_with_the_method() {
    let probe = ambit::test::Probe::new();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let noted = seen.clone();
    let _listening = ambit::system::System::current()
        .unwrap()
        .on_dead_letter(move |letter| {
            let report = letter.content::<ambit::process::CrashReport>();
            noted.lock().unwrap().push((
                letter.kind(),
                letter.why(),
                report.map(|report| report.methods[0]),
            ));
        });
    let supervisor = Supervisor::builder().start().await.unwrap();
    let log = supervisor
        .start_child(spec(&probe.recipient()).keep_mailbox())
        .await
        .unwrap();
    expect_crash(&log);
    expect_dead_letters(1);
    assert!(matches!(
        log.echo(0).await,
        Err(CallError::Exited {
            executed: Executed::Maybe,
            ..
        })
    ));
    settle().await;
    let seen = seen.lock().unwrap().clone();
    assert_eq!(
        seen,
        [(LetterKind::Call, Undelivered::Crashed, Some("echo"))]
    );
}

#[ambit::test]
async fn a_retained_queue_without_a_next_incarnation_fails_its_calls_and_is_reported() {
    let probe = ambit::test::Probe::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let log = supervisor
        .start_child(
            spec(&probe.recipient())
                .keep_mailbox()
                .restart(Restart::Temporary),
        )
        .await
        .unwrap();
    expect_crash(&log);
    log.note(0).now().unwrap();
    log.note(1).now().unwrap();
    let two = log.echo(2).send();
    let Err(CallError::Exited { reason, executed }) = two.await else {
        panic!("the server is gone for good");
    };
    assert!(matches!(reason, ExitReason::Panic(_)));
    assert_eq!(executed, Executed::No);
    settle().await;
    // The message that crashed, and the one after it.
    expect_dead_letters(2);
}

#[ambit::test]
async fn queued_calls_fail_and_queued_casts_are_dead_letters_without_keep_mailbox() {
    let probe = ambit::test::Probe::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let log = supervisor
        .start_child(spec(&probe.recipient()))
        .await
        .unwrap();
    expect_crash(&log);
    log.note(0).now().unwrap();
    let two = log.echo(2).send();
    log.note(3).now().unwrap();
    assert!(matches!(
        two.await,
        Err(CallError::Exited {
            executed: Executed::No,
            ..
        })
    ));
    settle().await;
    expect_dead_letters(1);
}

#[ambit::test]
async fn a_retained_call_fails_if_the_next_incarnation_drops_its_port_or_exits() {
    struct Forgetful;
    #[gen_server]
    impl Forgetful {
        #[cast]
        fn crash(&mut self) {
            panic!("ouch");
        }
        #[call(deferred)]
        fn forget(&mut self, reply: ReplyTo<u64>) {
            drop(reply);
        }
        #[call(deferred)]
        fn hold(&mut self, reply: ReplyTo<u64>) {
            std::mem::forget(reply);
        }
    }
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = ChildSpec::from_fn(|| Forgetful.start()).keep_mailbox();
    let server = supervisor.start_child(spec).await.unwrap();
    expect_crash(&server);
    expect_dead_letters(1);
    server.crash().now().unwrap();
    let forgotten = server.forget().send();
    let held = server.hold().send();
    assert_eq!(forgotten.await, Err(CallError::NoReply));
    supervisor.stop().await.unwrap();
    assert!(matches!(
        held.await,
        Err(CallError::Exited {
            reason: ExitReason::Shutdown,
            executed: Executed::Maybe
        })
    ));
}

/// Like [`Log`], with a capacity of two.
struct Short {
    out: Recipient<u64>,
}

#[gen_server(mailbox = 2, in_place = never)]
impl Short {
    #[init]
    fn init(out: Recipient<u64>) -> Self {
        Self { out }
    }
    #[cast]
    fn note(&mut self, n: u64) {
        assert_ne!(n, 0, "zero");
        self.out.send(n).now().ok();
    }
    #[call]
    fn echo(&mut self, n: u64) -> u64 {
        self.out.send(n).now().ok();
        n
    }
}

#[ambit::test]
async fn a_call_that_waited_for_capacity_is_not_executed_after_the_crash() {
    let mut probe = ambit::test::Probe::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let out = probe.recipient();
    let spec = ChildSpec::from_fn(move || Short::start(out.clone()));
    let short = supervisor.start_child(spec.keep_mailbox()).await.unwrap();
    expect_crash(&short);
    expect_dead_letters(1);
    // No other task runs before the test awaits: both permits are used.
    short.note(0).now().unwrap();
    let queued = short.echo(1).send();
    // It is admitted when the message before it starts.
    let let_in = short.echo(2).send();
    let dropped = short.echo(3).send();
    let waiting = short.echo(4).send();
    assert_eq!(short.note(6).now(), Err(CastError::Full));
    // A call that its caller drops as soon as it sees the crash.
    let before = short.pid();
    while short.pid() == before {
        tokio::task::yield_now().await;
    }
    drop(dropped);
    assert!(matches!(
        waiting.await,
        Err(CallError::Exited {
            executed: Executed::No,
            ..
        })
    ));
    assert_eq!(queued.await, Ok(1), "it had been accepted");
    assert_eq!(let_in.await, Ok(2), "so had this");
    assert_eq!(short.echo(5).await, Ok(5));
    assert_eq!(numbers(&mut probe, 3).await, [1, 2, 5]);
}

#[ambit::test]
async fn a_kept_queue_that_does_not_fit_waits_for_capacity_in_order() {
    let mut probe = ambit::test::Probe::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let out = probe.recipient();
    let capacity = std::sync::atomic::AtomicUsize::new(8);
    let spec = ChildSpec::from_fn(move || {
        let capacity = capacity.swap(2, std::sync::atomic::Ordering::SeqCst);
        Short::start(out.clone()).mailbox(capacity)
    });
    let short = supervisor.start_child(spec.keep_mailbox()).await.unwrap();
    expect_crash(&short);
    expect_dead_letters(1);
    for number in 0..6 {
        short.note(number).now().unwrap();
    }
    let sum = short.echo(6).send();
    assert_eq!(sum.await, Ok(6));
    assert_eq!(short.echo(7).await, Ok(7));
    assert_eq!(numbers(&mut probe, 7).await, [1, 2, 3, 4, 5, 6, 7]);
}
