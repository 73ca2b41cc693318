//! The test kit: which leftovers fail a test, and which do not.

use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use ambit::error::{CallError, CastError};
use ambit::prelude::*;
use ambit::process::Watched;
use ambit::table::Table;
use ambit::test::{
    Probe, assert_down, crash, crashes, dead_letters, expect_crash, expect_dead_letters,
    fill_mailbox, hang, seed, settle, start_supervised,
};
use tokio::time::Instant;

/// Opens when its sender is dropped.
type Gate = std::sync::mpsc::Receiver<()>;

struct Worker {
    ended: Option<Recipient<String>>,
}

#[derive(Clone)]
struct Tick;

#[gen_server(mailbox = 2)]
impl Worker {
    #[call]
    fn ping(&self) -> u8 {
        1
    }
    #[call]
    fn boom(&mut self) {
        panic!("boom")
    }
    #[cast]
    fn note(&mut self) {}
    /// Spawns a task that completes when the gate opens.
    #[cast]
    fn work(&mut self, ctx: &mut Context<Self>, gate: Gate) {
        ctx.spawn_task(async move {
            tokio::task::spawn_blocking(move || gate.recv()).await.ok();
            Tick
        });
    }
    #[info]
    fn on_tick(&mut self, _tick: Tick) {
        if let Some(ended) = &self.ended {
            ended.send("ticked".into()).now().ok();
        }
    }
    #[terminate]
    fn bye(&mut self, reason: &ExitReason) {
        if let Some(ended) = &self.ended {
            ended.send(reason.to_string()).now().ok();
        }
    }
}

async fn worker() -> WorkerSubject {
    Worker { ended: None }.start().await.unwrap()
}

/// Returns the message of the panic with which a test function fails.
fn failure(test: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(test)).expect_err("the test passes");
    let text = payload.downcast_ref::<String>().cloned();
    text.or_else(|| payload.downcast_ref::<&str>().map(ToString::to_string))
        .unwrap_or_default()
}

mod inner {
    //! Test functions that only the tests below run.
    use super::*;

    pub(super) fn crashes() {
        ambit::__private::run_test(options("crashes"), |_: Inbox<()>| async {
            let worker = worker().await;
            assert!(worker.boom().await.is_err());
        });
    }

    pub(super) fn loses_a_letter() {
        ambit::__private::run_test(options("loses"), |_: Inbox<()>| async {
            let worker = worker().await;
            ambit::sys::suspend(&worker).await.unwrap();
            worker.note().now().unwrap();
            ambit::exit(&worker, ExitReason::Shutdown);
            worker.closed().await;
        });
    }

    pub(super) fn waits_for_ever() {
        ambit::__private::run_test(options("waits"), |_: Inbox<()>| async {
            let worker = worker().await;
            hang(&worker);
            worker.ping().no_timeout().await.ok();
        });
    }

    pub(super) fn leaves_a_running_process() {
        ambit::__private::run_test(options("running"), |_: Inbox<()>| async {
            worker().await;
        });
    }

    pub(super) fn leaves_a_server_whose_terminate_panics() {
        ambit::__private::run_test(options("terminates"), |_: Inbox<()>| async {
            Sore.start().await.unwrap();
        });
    }

    /// The reply is never received, and the call is never dropped.
    pub(super) fn forgets_a_call() {
        ambit::__private::run_test(options("forgets"), |_: Inbox<()>| async {
            let worker = worker().await;
            std::mem::forget(worker.ping().send());
        });
    }

    /// The thread of the process blocks at the gate: nothing can end it before.
    pub(super) fn leaves_a_stuck_process(gate: Gate) {
        let options = ambit::__private::TestOptions {
            multi_thread: true,
            ..options("stuck")
        };
        ambit::__private::run_test(options, |_: Inbox<()>| async {
            ambit::spawn(|_: Inbox<u8>| async move { gate.recv().map_or((), drop) });
        });
    }

    pub(super) fn fails_itself() {
        ambit::__private::run_test(options("fails"), |_: Inbox<()>| async {
            panic!("as it should")
        });
    }

    pub(super) fn keeps_a_value(value: Arc<()>) {
        ambit::__private::run_test(options("keeps"), |_: Inbox<()>| async {
            let table = Table::builder().name("kept").survives().create().unwrap();
            table.insert(1, value).unwrap();
        });
    }

    pub(super) fn keeps_a_value_and_a_child(value: Arc<()>) {
        ambit::__private::run_test(options("keeps"), |_: Inbox<()>| async {
            let table = Table::builder().name("kept").survives().create().unwrap();
            table.insert(1, value).unwrap();
            let start = || Worker { ended: None }.start();
            start_supervised(ChildSpec::from_fn(start)).await;
        });
    }

    /// Its error is the cause of the missing dead letter.
    pub(super) fn returns_an_error() -> Result<(), String> {
        ambit::__private::run_test(options("errs"), |_: Inbox<()>| async {
            expect_dead_letters(1);
            let value = Err("there is no database".to_owned());
            ambit::__private::note_outcome(value, Result::is_err)
        })
    }

    fn options(name: &'static str) -> ambit::__private::TestOptions {
        ambit::__private::TestOptions {
            name,
            real_time: false,
            multi_thread: false,
            worker_threads: None,
            seed: None,
        }
    }
}

#[test]
fn an_unexpected_crash_fails_the_test_and_names_method_and_text() {
    let text = failure(inner::crashes);
    assert!(
        text.contains("boom") && text.contains("in `boom`"),
        "{text}"
    );
}

#[test]
fn an_unexpected_dead_letter_fails_the_test() {
    assert!(failure(inner::loses_a_letter).contains("WorkerCast"));
}

#[test]
fn a_deadlocked_test_fails_and_names_the_waiting_processes() {
    let text = failure(inner::waits_for_ever);
    assert!(
        text.contains("main#") && text.contains("waits for Worker#"),
        "{text}"
    );
}

#[test]
fn a_process_left_running_is_no_failure() {
    inner::leaves_a_running_process();
}

#[test]
fn a_test_that_returns_an_error_fails_with_that_error() {
    let error = inner::returns_an_error().unwrap_err();
    assert_eq!(error, "there is no database");
}

struct Slow(Option<std::sync::mpsc::Sender<()>>);

#[gen_server]
impl Slow {
    /// Occupies its thread.
    #[cast]
    fn work(&mut self) {
        std::thread::sleep(Duration::from_millis(200));
        self.0.take();
    }
}

#[ambit::test(flavor = "multi_thread")]
async fn settle_waits_for_a_handler_that_occupies_another_thread() {
    let (working, worked) = std::sync::mpsc::channel();
    let slow = Slow(Some(working)).start().await.unwrap();
    slow.work().await.unwrap();
    settle().await;
    let is_done = worked.try_recv() == Err(std::sync::mpsc::TryRecvError::Disconnected);
    assert!(is_done, "the handler still runs");
}

struct Sore;

#[gen_server]
impl Sore {
    #[call]
    fn ping(&self) -> u8 {
        1
    }
    #[terminate]
    fn bye(&mut self, _: &ExitReason) {
        panic!("still open");
    }
}

#[test]
fn a_panic_in_the_terminate_of_a_process_left_running_fails_the_test() {
    let text = failure(inner::leaves_a_server_whose_terminate_panics);
    assert!(
        text.contains("still open") && text.contains("in `terminate`"),
        "{text}"
    );
}

#[ambit::test]
async fn a_crash_report_names_terminate_before_the_methods_before_it() {
    let sore = Sore.start().await.unwrap();
    assert_eq!(sore.ping().await, Ok(1));
    sore.stop().await.ok();
    let reports = crashes();
    assert_eq!(reports[0].crashed_method, Some("terminate"));
    assert_eq!(reports[0].methods, ["terminate", "ping"]);
    assert_eq!(reports.len(), 1);
}

#[test]
fn the_system_of_a_test_is_dropped_at_its_end() {
    let value = Arc::new(());
    inner::keeps_a_value(value.clone());
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn the_system_of_a_test_with_supervised_children_is_dropped_at_its_end() {
    let value = Arc::new(());
    inner::keeps_a_value_and_a_child(value.clone());
    assert_eq!(Arc::strong_count(&value), 1);
}

#[test]
fn a_call_that_is_left_behind_fails_the_test_and_is_named() {
    let text = failure(inner::forgets_a_call);
    assert!(
        text.contains("left behind: ") && text.contains("1 calls"),
        "{text}"
    );
}

#[ambit::test]
async fn a_call_that_ends_on_another_thread_is_not_left_behind() {
    let worker = worker().await;
    let (read, dropped) = (worker.ping().send(), worker.ping().send());
    let answer = tokio::task::spawn_blocking(move || {
        drop(dropped);
        tokio::runtime::Handle::current().block_on(read)
    });
    assert_eq!(answer.await.unwrap(), Ok(1));
    settle().await;
}

#[test]
fn a_process_that_does_not_end_fails_the_test_and_is_named() {
    let (shut, gate) = std::sync::mpsc::channel();
    let text = failure(|| inner::leaves_a_stuck_process(gate));
    assert!(text.contains("did not end: [u8#1]"), "{text}");
    drop(shut);
}

#[test]
fn a_failed_assertion_is_the_tests_failure() {
    assert_eq!(failure(inner::fails_itself), "as it should");
}

#[ambit::test]
async fn an_expected_crash_is_none() {
    let worker = worker().await;
    expect_crash(&worker);
    assert!(matches!(worker.boom().await, Err(CallError::Exited { .. })));
}

#[ambit::test]
async fn crashes_and_dead_letters_can_be_read() {
    let worker = worker().await;
    ambit::sys::suspend(&worker).await.unwrap();
    let lost = worker.boom().send();
    worker.note().now().unwrap();
    ambit::sys::resume(&worker).await.unwrap();
    assert!(lost.await.is_err());
    worker.closed().await;
    assert_eq!(crashes()[0].methods[0], "boom");
    assert_eq!(dead_letters().len(), 1);
    expect_dead_letters(0);
}

#[ambit::test]
async fn crash_ends_a_server_as_a_panic_would(mut inbox: Inbox<String>) {
    let ended = Some(inbox.recipient());
    let worker = Worker { ended }.start().await.unwrap();
    crash(&worker).await;
    assert!(matches!(worker.closed().await, ExitReason::Panic(_)));
    assert_eq!(inbox.recv().await.unwrap(), "panicked: crashed by the test");
}

#[ambit::test]
async fn a_hanging_server_answers_nothing_and_can_be_killed() {
    let worker = worker().await;
    hang(&worker);
    let asked = Instant::now();
    assert_eq!(worker.ping().await, Err(CallError::Timeout));
    assert_eq!(asked.elapsed(), Duration::from_secs(5));
    expect_crash(&worker);
    ambit::exit(&worker, ExitReason::Kill);
    assert_eq!(worker.closed().await, ExitReason::Killed);
}

#[ambit::test]
async fn a_filled_mailbox_stays_full_until_the_guard_is_dropped() {
    let worker = worker().await;
    let full = fill_mailbox(&worker);
    assert_eq!(worker.note().now(), Err(CastError::Full));
    assert_eq!(worker.ping().await, Err(CallError::Timeout));
    drop(full);
    assert_eq!(worker.ping().await, Ok(1));
}

#[ambit::test]
async fn a_filled_mailbox_stays_full_when_its_queued_messages_have_been_handled() {
    let worker = worker().await;
    ambit::sys::suspend(&worker).await.unwrap();
    let queued: Vec<_> = (0..3).map(|_| worker.ping().send()).collect();
    let full = fill_mailbox(&worker);
    ambit::sys::resume(&worker).await.unwrap();
    for reply in queued {
        assert_eq!(reply.await, Ok(1));
    }
    settle().await;
    assert_eq!(worker.note().now(), Err(CastError::Full));
    drop(full);
    assert_eq!(worker.ping().await, Ok(1));
    let again = fill_mailbox(&worker);
    assert_eq!(worker.note().now(), Err(CastError::Full));
    drop(again);
    assert_eq!(worker.note().now(), Ok(()));
}

#[ambit::test]
async fn settle_waits_for_tasks_and_moves_no_clock(mut inbox: Inbox<String>) {
    let ended = Some(inbox.recipient());
    let worker = Worker { ended }.start().await.unwrap();
    let before = Instant::now();
    let (shut, gate) = std::sync::mpsc::channel();
    worker.work(gate).await.unwrap();
    let mut settling = pin!(settle());
    for _ in 0..100 {
        let settled = poll_fn(|cx| Poll::Ready(settling.as_mut().poll(cx).is_ready())).await;
        assert!(!settled, "the task is not done");
        tokio::task::yield_now().await;
    }
    drop(shut);
    settling.await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(
        inbox.next_within(Duration::ZERO).await,
        Some(InboxEvent::Message("ticked".into()))
    );
}

#[ambit::test]
async fn a_probe_sees_messages_downs_and_silence() {
    let mut probe = Probe::<u8>::new();
    let worker = ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
        ExitReason::Shutdown
    });
    probe.monitor(&worker);
    probe.subject().send(7).await.unwrap();
    assert_eq!(probe.expect().await, 7);
    probe.refute_within(Duration::from_secs(60)).await;
    worker.send(1).await.unwrap();
    let down = assert_down!(probe, ExitReason::Shutdown);
    assert_eq!(down.target, Watched::Process(worker.pid()));
    assert!(process_is_listed(probe.pid()));
    let pid = probe.pid();
    drop(probe);
    assert!(!process_is_listed(pid));
}

fn process_is_listed(pid: Pid) -> bool {
    ambit::inspect::processes()
        .iter()
        .any(|info| info.pid == pid)
}

#[ambit::test(seed = 7)]
async fn a_seed_is_handed_on() {
    assert_eq!(seed(), 7);
}

#[ambit::test]
async fn a_spawned_task_starts_its_servers_in_the_tests_system() {
    let own = ambit::system::System::current().unwrap();
    let theirs = tokio::spawn(async {
        (
            worker().await.pid(),
            ambit::system::System::current().unwrap(),
        )
    });
    let (pid, system) = theirs.await.unwrap();
    assert_eq!(system, own);
    assert!(process_is_listed(pid));
}

#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_threads_run_on_the_real_clock() {
    let worker = worker().await;
    worker.note().await.unwrap();
    settle().await;
    assert_eq!(worker.ping().await, Ok(1));
}

#[ambit::test]
async fn an_expired_call_leaves_the_wait_list_without_being_polled() {
    let worker = worker().await;
    let full = fill_mailbox(&worker);
    let waiting = worker.boom().timeout(Duration::from_secs(1)).send();
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(ambit::process_info(&worker).unwrap().queued, 0);
    drop(full);
    assert_eq!(worker.ping().await, Ok(1));
    assert_eq!(waiting.await, Err(CallError::Timeout));
}

#[ambit::test]
#[should_panic(expected = "an unbounded mailbox is never full")]
async fn an_unbounded_mailbox_cannot_be_filled() {
    struct Endless;

    #[gen_server(mailbox = unbounded)]
    impl Endless {
        #[call]
        fn ping(&self) {}
    }

    let endless = Endless.start().await.unwrap();
    drop(fill_mailbox(&endless));
}
