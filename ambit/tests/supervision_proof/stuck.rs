//! A child in a loop without `.await`: its effect on others, and its end.

use std::fmt::Debug;
use std::sync::{LazyLock, Mutex};
use std::time::{Duration, Instant};

use ambit::inspect::Status;
use ambit::prelude::*;
use ambit::supervisor::ChildState;
use ambit::test::{await_restart, expect_crash};
use tracing::field::Field;
use tracing::{Level, Metadata, Subscriber, span};

use crate::supervision_proof::spinner::*;

/// Records each child of this program that is logged as stuck: the supervisors of a test run on several threads.
static ERRORS: LazyLock<()> = LazyLock::new(|| {
    tracing::subscriber::set_global_default(Errors).unwrap();
});
static LOGGED: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Errors;

impl Subscriber for Errors {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::ERROR
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        let mut text = String::new();
        event.record(&mut |field: &Field, value: &dyn Debug| {
            text += &format!("{field}={value:?} ");
        });
        if text.contains("stuck") {
            LOGGED.lock().unwrap().push(text);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// Returns how often this child was logged as stuck.
fn logged(child: &str) -> usize {
    let child = format!("child=\"{child}\" ");
    let logged = LOGGED.lock().unwrap();
    logged.iter().filter(|error| error.contains(&child)).count()
}

async fn state(supervisor: &Supervisor, id: &str) -> ChildState {
    let children = supervisor.which_children().await.unwrap();
    children.iter().find(|one| one.id == id).unwrap().state
}

/// Starts a child that loops until `hold` releases it, and one that does not.
async fn lost_and_other(
    supervisor: &Supervisor,
    lost: &str,
    hold: &Hold,
) -> (SpinnerSubject, SpinnerSubject) {
    let lost = supervisor.start_child(spinner(lost, hold)).await.unwrap();
    let other = spinner("other", &Hold::new());
    let other = supervisor.start_child(other).await.unwrap();
    lost.spin().await.unwrap();
    hold.holds().await;
    (lost, other)
}

/// Crashes a child and waits for its restart.
async fn crash_and_come_back(child: &SpinnerSubject) {
    let old = child.pid();
    expect_crash(child);
    child.crash().await.unwrap();
    await_restart(child, old).await;
    assert_eq!(child.when_available().count().await, Ok(1));
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_child_that_never_yields_is_stuck_and_its_siblings_are_not() {
    *ERRORS;
    let hold = Hold::new();
    let reported = Reported::listen();
    let supervisor = Supervisor::builder()
        .restarts(1000, GRACE)
        .start()
        .await
        .unwrap();
    let (lost, other) = lost_and_other(&supervisor, "the lost", &hold).await;
    let pid = lost.pid();
    for _ in 0..20 {
        crash_and_come_back(&other).await;
    }

    let began = Instant::now();
    assert_eq!(
        supervisor.terminate_child("the lost").await,
        Err(ChildError::Stuck)
    );
    assert!(
        began.elapsed() >= ASKED + GRACE,
        "it had its time: {:?}",
        began.elapsed()
    );
    for _ in 0..20 {
        crash_and_come_back(&other).await;
    }
    assert_eq!(ambit::process_info(pid).unwrap().status, Status::Stuck);
    assert_eq!(
        state(&supervisor, "the lost").await,
        ChildState::Running(pid)
    );
    assert_eq!(reported.all(), ["the lost"]);
    assert_eq!(logged("the lost"), 1);

    // It cannot be replaced.
    assert_eq!(
        supervisor.terminate_child("the lost").await,
        Err(ChildError::Stuck)
    );
    assert_eq!(
        supervisor.restart_child("the lost").await,
        Err(ChildError::Stuck)
    );
    assert_eq!(
        supervisor.delete_child("the lost").await,
        Err(ChildError::Stuck)
    );
    let again = supervisor.start_child(spinner("the lost", &hold)).await;
    assert_eq!(again.unwrap_err(), ChildError::Running);

    let end = lost.monitor();
    hold.release();
    end.await;
    assert_eq!(state(&supervisor, "the lost").await, ChildState::Stopped);
    let back = supervisor.restart_child("the lost").await.unwrap();
    assert_eq!((lost.pid() == back, back == pid), (true, false));
    assert_eq!(lost.count().await, Ok(1));
    assert_eq!((reported.all().len(), logged("the lost")), (1, 1));
    supervisor.stop().await.unwrap();
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_group_restarts_without_its_stuck_member_and_readds_it_once_it_ends() {
    let hold = Hold::new();
    let reported = Reported::listen();
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .restarts(10, Duration::from_secs(5))
        .start()
        .await
        .unwrap();
    let (lost, other) = lost_and_other(&supervisor, "lost", &hold).await;
    let stuck = lost.pid();
    crash_and_come_back(&other).await;
    assert_eq!(reported.all(), ["lost"]);
    assert_eq!(lost.pid(), stuck, "nobody takes its place");
    let first = other.pid();

    hold.release();
    until("all are back", || {
        let pids = [lost.pid(), other.pid()];
        !pids.contains(&stuck) && !pids.contains(&first) && !pids.contains(&Pid::NOBODY)
    })
    .await;
    assert_eq!(lost.when_available().count().await, Ok(1));
    assert_eq!(other.when_available().count().await, Ok(1));
    supervisor.stop().await.unwrap();
}

#[ambit::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stuck_dynamic_child_keeps_its_slot_until_it_ends() {
    let (hold, none) = (Hold::new(), Hold::new());
    let sessions = DynamicSupervisor::builder()
        .max_children(2)
        .restarts(1000, GRACE);
    let sessions = sessions.start().await.unwrap();
    let lost = sessions.start_child(spinner("lost", &hold)).await.unwrap();
    let other = sessions.start_child(spinner("other", &none)).await.unwrap();
    let pid = lost.pid();
    lost.spin().await.unwrap();
    hold.holds().await;
    let ending = tokio::spawn(sessions.terminate_child(pid));
    // A dynamic supervisor restarts other children even while it waits for one to end.
    for _ in 0..20 {
        crash_and_come_back(&other).await;
    }
    assert_eq!(ending.await.unwrap(), Err(ChildError::Stuck));
    assert_eq!(sessions.terminate_child(pid).await, Err(ChildError::Stuck));
    let third = sessions.start_child(spinner("third", &none)).await;
    assert_eq!(third.unwrap_err(), ChildError::MaxChildren);

    let end = lost.monitor();
    hold.release();
    end.await;
    assert_eq!(sessions.count_children().await.unwrap().specs, 1);
    assert_eq!(
        sessions.terminate_child(pid).await,
        Err(ChildError::NotFound)
    );
    sessions.start_child(spinner("third", &none)).await.unwrap();
    sessions.stop().await.unwrap();
}

/// Its drop blocks the only thread for longer than the grace period.
struct Slow;

impl Drop for Slow {
    fn drop(&mut self) {
        std::thread::sleep(GRACE + ASKED);
    }
}

#[gen_server]
impl Slow {}

#[ambit::test(real_time)]
async fn a_child_that_has_exited_before_the_check_is_not_stuck() {
    let reported = Reported::listen();
    let spec = ChildSpec::from_fn(|| Slow.start())
        .id("slow")
        .shutdown(Shutdown::Brutal);
    let supervisor = Supervisor::builder().start().await.unwrap();
    expect_crash(supervisor.start_child(spec).await.unwrap());
    assert_eq!(supervisor.terminate_child("slow").await, Ok(()));
    assert_eq!(reported.all(), [""; 0]);
    supervisor.stop().await.unwrap();
}
