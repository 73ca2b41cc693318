//! Every lint, provoked by a real program and reported by a watcher.

use std::time::Duration;

use ambit::inspect::{
    BlockingPoll, Finding, FindingChange, Lag, Lint, Watcher, add_lag_source, measure, snapshot,
};
use ambit::prelude::*;
use ambit::supervisor::Strategy;
use ambit::sys;
use ambit::test::{Probe, expect_crash, expect_dead_letters, settle};
use tokio::time::sleep;

use super::{SECOND, Worker, WorkerSubject, worker};
use crate::support::log::Log;

async fn watcher(probe: &Probe<FindingChange>) -> Subject<Watcher> {
    let watcher = Watcher::builder().tell(probe.recipient());
    watcher.start().await.unwrap()
}

fn found(news: FindingChange) -> Finding {
    match news {
        FindingChange::Found(finding) => finding,
        FindingChange::Over(finding) => panic!("expected a finding, found the end of {finding}"),
    }
}

fn over(news: FindingChange) -> Finding {
    match news {
        FindingChange::Over(finding) => finding,
        FindingChange::Found(finding) => panic!("expected the end of a finding, found {finding}"),
    }
}

fn now(lint: Lint) -> Vec<Finding> {
    let all = snapshot().lints.into_iter();
    all.filter(|finding| finding.lint == lint).collect()
}

#[ambit::test]
async fn a_mailbox_that_grows() {
    let mut probe = Probe::new();
    let _watcher = watcher(&probe).await;
    let worker = worker().await;
    sys::suspend(&worker).await.unwrap();
    for _ in 0..5 {
        for _ in 0..40 {
            worker.count().await.unwrap();
        }
        sleep(SECOND).await;
    }
    let finding = found(probe.expect().await);
    assert_eq!(finding.lint, Lint::MailboxGrowing);
    assert_eq!(finding.pids, [worker.pid()]);
    assert!(finding.figures["queued"] >= 100, "{finding}");
    sys::resume(&worker).await.unwrap();
    assert_eq!(over(probe.expect().await).pids, [worker.pid()]);
}

#[ambit::test]
async fn a_mailbox_that_is_nearly_full() {
    let worker = Worker::start().mailbox(10).await.unwrap();
    sys::suspend(&worker).await.unwrap();
    for _ in 0..7 {
        worker.count().await.unwrap();
    }
    assert!(now(Lint::MailboxNearlyFull).is_empty());
    worker.count().await.unwrap();
    let all = now(Lint::MailboxNearlyFull);
    assert_eq!(all[0].figures["queued"], 8);
    assert_eq!(all[0].who, format!("Worker{}", worker.pid()));
    sys::resume(&worker).await.unwrap();
    settle().await;
    assert!(now(Lint::MailboxNearlyFull).is_empty());
}

#[ambit::test]
async fn a_handler_that_does_not_come_back() {
    let mut probe = Probe::new();
    let _watcher = watcher(&probe).await;
    let worker = worker().await;
    let nap = worker.nap(20 * SECOND).send();
    worker.count().await.unwrap();
    sleep(5 * SECOND).await;
    assert!(now(Lint::StuckHandler).is_empty(), "it may take 5 s");
    sleep(2 * SECOND).await;
    let finding = found(probe.expect().await);
    assert_eq!(
        (finding.lint, finding.figures["queued"]),
        (Lint::StuckHandler, 1)
    );
    assert!(finding.since <= SECOND, "{:?}", finding.since);
    nap.await.unwrap();
    assert_eq!(over(probe.expect().await).lint, Lint::StuckHandler);
}

/// A server that is always busy, but never for long, is not stuck.
#[ambit::test]
async fn a_busy_server_is_not_stuck() {
    let mut probe = Probe::new();
    let _watcher = watcher(&probe).await;
    let worker = worker().await;
    for _ in 0..40 {
        drop(worker.nap(SECOND - Duration::from_millis(1)).send());
    }
    sleep(30 * SECOND).await;
    assert!(now(Lint::StuckHandler).is_empty());
    probe.refute_within(Duration::ZERO).await;
}

#[ambit::test]
async fn a_supervisor_that_is_about_to_give_up() {
    let mut probe = Probe::new();
    let _watcher = watcher(&probe).await;
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForOne)
        .restarts(4, 30 * SECOND)
        .child(Worker::child_spec().id("w").name("w"))
        .start()
        .await
        .unwrap();
    for crashes in 1..=2 {
        let worker = ambit::whereis::<Worker>("w").unwrap();
        expect_crash(&worker);
        worker.fail().await.unwrap_err();
        ambit::wait_for::<Worker>("w").await.unwrap();
        settle().await;
        let info = ambit::process_info(&supervisor).unwrap();
        let restarts = info.restarts.unwrap();
        assert_eq!((restarts.used, restarts.max), (crashes, 4));
    }
    let finding = found(probe.expect().await);
    assert_eq!(finding.lint, Lint::RestartBudget);
    assert_eq!(finding.pids, [supervisor.pid()]);
    assert_eq!(finding.figures["used"], 2);
    // The window moves on without another restart.
    sleep(31 * SECOND).await;
    assert_eq!(over(probe.expect().await).lint, Lint::RestartBudget);
    let used = ambit::process_info(&supervisor)
        .unwrap()
        .restarts
        .unwrap()
        .used;
    assert_eq!(used, 0);
}

#[ambit::test]
async fn undelivered_messages_are_reported() {
    let mut probe = Probe::new();
    let _watcher = watcher(&probe).await;
    let worker = worker().await;
    expect_crash(&worker);
    expect_dead_letters(12);
    sys::suspend(&worker).await.unwrap();
    for _ in 0..12 {
        worker.count().await.unwrap();
    }
    ambit::exit(&worker, ExitReason::Kill);
    let finding = found(probe.expect().await);
    assert_eq!(
        (finding.lint, finding.figures["letters"]),
        (Lint::DeadLetters, 12)
    );
    assert_eq!(snapshot().dead_letters, 12);
    sleep(11 * SECOND).await;
    assert_eq!(over(probe.expect().await).lint, Lint::DeadLetters);
}

#[ambit::test]
async fn a_subscriber_that_is_behind() {
    let worker = worker().await;
    let pid = worker.pid();
    let lag = move |behind| Lag {
        source: "prices".into(),
        pid,
        behind,
    };
    let _broken = add_lag_source(|| panic!("this source is broken")).unwrap();
    let prices = add_lag_source(move || vec![lag(5_000), lag(10)]).unwrap();
    let all = now(Lint::SubscriberLag);
    assert_eq!(all.len(), 1);
    assert_eq!(
        (all[0].figures["behind"], &*all[0].pids),
        (5_000, &[pid][..])
    );
    drop(prices);
    assert!(now(Lint::SubscriberLag).is_empty());
}

#[gen_server]
impl Asker {
    #[call(timeout = Duration::from_secs(60))]
    async fn ask_both(&mut self, first: WorkerSubject, second: AskerSubject) {
        // It waits for two replies at once, so one missing reply does not prove a deadlock.
        let own = self.own.clone();
        let (nap, _) = tokio::join!(first.nap(Duration::from_secs(30)), second.ask(own));
        nap.unwrap();
    }

    #[call(timeout = Duration::from_secs(60))]
    async fn ask(&mut self, other: Option<AskerSubject>) {
        if let Some(other) = other {
            other.ask(None).timeout(Duration::from_secs(20)).await.ok();
        }
    }

    #[cast]
    fn know(&mut self, own: AskerSubject) {
        self.own = Some(own);
    }
}

struct Asker {
    own: Option<AskerSubject>,
}

#[ambit::test]
async fn processes_that_wait_for_each_other() {
    let worker = worker().await;
    let first = Asker { own: None }.start().await.unwrap();
    let second = Asker { own: None }.start().await.unwrap();
    first.know(first.clone()).await.unwrap();
    let asked = first.ask_both(worker.clone(), second.clone()).send();
    settle().await;
    let all = now(Lint::CallCycle);
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0].pids, [first.pid(), second.pid()]);
    asked.await.unwrap();
    assert!(now(Lint::CallCycle).is_empty());
}

/// Blocks for longer and longer until the poll is reported: on a busy machine the measuring thread may be late.
async fn until_seen<F: Future<Output = ()>>(
    method: &str,
    type_name: &str,
    mut block: impl FnMut(Duration) -> F,
) -> BlockingPoll {
    for time in [50, 100, 200, 400, 800, 1_600] {
        block(Duration::from_millis(time)).await;
        let polls = snapshot().blocking_polls.into_iter();
        let mut own = polls.filter(|poll| poll.method == method && poll.type_name == type_name);
        if let Some(poll) = own.next_back() {
            assert!(poll.at_least >= Duration::from_millis(10), "{poll:?}");
            return poll;
        }
    }
    panic!("`{method}` of {type_name} was not seen");
}

#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handler_that_keeps_its_thread() {
    let _measuring = measure().unwrap();
    let worker = worker().await;
    let awaited = until_seen("block", "Worker", async |time| {
        worker.block(time).await.unwrap();
    });
    assert_eq!(awaited.await.pid, worker.pid());
    let all = now(Lint::BlockingPoll);
    assert_eq!(all[0].pids, [worker.pid()]);
    assert!(all[0].figures["longest_ms"] >= 10);
}

struct Blocking;

#[gen_server]
impl Blocking {
    #[init]
    fn new(time: Duration) -> Self {
        std::thread::sleep(time);
        Self
    }

    #[call]
    async fn later(&mut self, time: Duration) {
        tokio::task::yield_now().await;
        std::thread::sleep(time);
    }
}

#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn polls_of_other_kinds_that_keep_their_thread() {
    let _measuring = measure().unwrap();
    until_seen("init", "Blocking", async |time| {
        Blocking::start(time).await.unwrap().stop().await.unwrap();
    })
    .await;
    let blocking = Blocking::start(Duration::ZERO).await.unwrap();
    until_seen("later", "Blocking", async |time| {
        blocking.later(time).await.unwrap();
    })
    .await;
    let plain = until_seen("", "u8", async |time| {
        let process = ambit::spawn(move |_: Inbox<u8>| async move { std::thread::sleep(time) });
        process.closed().await;
    });
    plain.await;
}

/// An awaiting handler does not block its thread.
#[ambit::test(real_time)]
async fn a_handler_that_waits_is_no_blocking_poll() {
    let _measuring = measure().unwrap();
    let worker = worker().await;
    worker.nap(Duration::from_millis(60)).await.unwrap();
    let all = snapshot().blocking_polls;
    assert!(all.iter().all(|poll| poll.method != "nap"), "{all:?}");
}

#[ambit::test]
async fn a_watcher_is_a_child_like_any_other() {
    let supervisor = Supervisor::builder()
        .child(Watcher::builder().every(SECOND / 2).child_spec())
        .start()
        .await
        .unwrap();
    sleep(SECOND + SECOND / 4).await;
    let seen = snapshot();
    assert!(seen.measured);
    let look = seen.methods.iter().find(|stats| stats.method == "look");
    assert_eq!(look.map(|stats| stats.handled), Some(2));
    supervisor.stop().await.unwrap();
    assert!(
        !snapshot().measured,
        "it has measured only while it was there"
    );
}

/// A full or stopped recipient does not delay the watcher.
#[ambit::test]
async fn a_watcher_never_waits_for_its_recipients() {
    let slow = ambit::spawn(|_: Inbox<FindingChange>| std::future::pending::<()>());
    let _full = ambit::test::fill_mailbox(&slow);
    let watcher = Watcher::builder().tell(slow.recipient());
    let watcher = watcher.start().await.unwrap();
    let worker = Worker::start().mailbox(1).await.unwrap();
    sys::suspend(&worker).await.unwrap();
    worker.count().await.unwrap();
    sleep(3 * SECOND).await;
    assert!(watcher.is_alive());
    assert_eq!(now(Lint::MailboxNearlyFull).len(), 1);
    sys::resume(&worker).await.unwrap();
}

#[ambit::test]
async fn a_full_recipient_receives_missed_findings_once_it_has_capacity() {
    let heard = Log::new();
    let heard_there = heard.clone();
    let slow = ambit::spawn(|mut inbox: Inbox<FindingChange>| async move {
        while let Some(news) = inbox.recv().await {
            match news {
                FindingChange::Found(finding) => heard_there.add(format!("found {}", finding.lint)),
                FindingChange::Over(finding) => heard_there.add(format!("over {}", finding.lint)),
            }
        }
    });
    let full = ambit::test::fill_mailbox(&slow);
    let _watcher = Watcher::builder()
        .tell(slow.recipient())
        .start()
        .await
        .unwrap();
    let worker = Worker::start().mailbox(1).await.unwrap();
    sys::suspend(&worker).await.unwrap();
    worker.count().await.unwrap();
    sleep(3 * SECOND).await;
    assert!(heard.is_empty());
    drop(full);
    sleep(2 * SECOND).await;
    assert_eq!(heard.take(), ["found mailbox-nearly-full"]);
    // A finding that appears and disappears while the mailbox is full is not reported.
    let full = ambit::test::fill_mailbox(&slow);
    sys::resume(&worker).await.unwrap();
    sleep(2 * SECOND).await;
    sys::suspend(&worker).await.unwrap();
    worker.count().await.unwrap();
    sleep(2 * SECOND).await;
    drop(full);
    sleep(2 * SECOND).await;
    assert!(heard.is_empty());
    sys::resume(&worker).await.unwrap();
    sleep(2 * SECOND).await;
    assert_eq!(heard.take(), ["over mailbox-nearly-full"]);
}
