//! When a child is restarted, and how often.

use ambit::prelude::*;
use ambit::registry::Registry;
use ambit::supervisor::ChildState;
use ambit::test::{Probe, assert_down, settle};
use tokio::time::sleep;

use crate::supervision::support::*;

/// Starts a supervisor that allows one restart in five seconds.
async fn once(spec: ChildSpec<Part>) -> Supervisor {
    let builder = Supervisor::builder().restarts(1, 5 * SECOND);
    builder.child(spec).start().await.unwrap()
}

#[ambit::test]
async fn sup_13_a_permanent_child_is_restarted_whatever_ended_it() {
    for how in End::ALL {
        let log = Log::new();
        let supervisor = once(Role::new("a", &log).spec()).await;
        let old = pid(&supervisor, "a").await;
        end(&part("a"), how).await;
        let new = pid(&supervisor, "a").await;
        assert_ne!(new, old, "{how:?}");
        assert_eq!(part("a").pid(), new);
        assert_eq!(log.all().iter().filter(|line| *line == "+a").count(), 2);
        // Each of the exits counted as a restart.
        end(&part("a"), how).await;
        assert!(gave_up(&supervisor.closed().await), "{how:?}");
    }
}

#[ambit::test]
async fn a_transient_child_is_restarted_after_a_crash_only() {
    for how in End::ALL {
        let log = Log::new();
        let role = Role::new("a", &log);
        let supervisor = once(role.spec().restart(Restart::Transient)).await;
        for _ in 0..3 {
            end(&part("a"), how).await;
            if !how.is_clean() {
                running(state(&supervisor, "a").await);
                break;
            }
            // It stays listed and does not count.
            assert_eq!(state(&supervisor, "a").await, Some(ChildState::Stopped));
            supervisor.restart_child("a").await.unwrap();
        }
        end(&part("a"), End::Crash).await;
        assert_eq!(supervisor.is_alive(), how.is_clean(), "{how:?}");
        if supervisor.is_alive() {
            supervisor.stop().await.unwrap();
        }
    }
}

#[ambit::test]
async fn sup_15_a_temporary_child_is_forgotten_and_frees_its_id() {
    let log = Log::new();
    let supervisor = Supervisor::builder().restarts(0, SECOND).start();
    let supervisor = supervisor.await.unwrap();
    let role = Role::new("a", &log);
    for how in End::ALL {
        let spec = role.spec().restart(Restart::Temporary);
        let child = supervisor.start_child(spec).await.unwrap();
        end(&child, how).await;
        assert!(!child.is_alive());
        assert_eq!(states(&supervisor).await, [], "{how:?}");
    }
    assert_eq!(role.tries(), End::ALL.len());
    assert!(supervisor.is_alive(), "none of them counted");
}

#[ambit::test]
async fn sup_20_with_no_restarts_allowed_the_first_one_needed_ends_it() {
    let strategies = [
        Strategy::OneForOne,
        Strategy::OneForAll,
        Strategy::RestForOne,
    ];
    for strategy in strategies {
        for how in [End::Crash, End::Normal, End::Killed] {
            let log = Log::new();
            let supervisor = Supervisor::builder()
                .strategy(strategy)
                .restarts(0, SECOND)
                .child(Role::new("a", &log).spec())
                .child(Role::new("b", &log).spec())
                .child(Role::new("c", &log).spec())
                .start()
                .await
                .unwrap();
            let mut probe = Probe::<u8>::new();
            probe.monitor(&supervisor);
            log.take();
            end(&part("b"), how).await;
            assert_down!(probe, ExitReason::ShutdownWith(_));
            let log = log.take();
            let others = log.iter().filter(|line| !line.starts_with("-b"));
            assert!(
                others.eq(["-c: shutdown", "-a: shutdown"]),
                "{strategy:?} {how:?}: {log:?}"
            );
        }
    }
}

/// The window slides: older restarts no longer count.
#[ambit::test]
async fn so_many_restarts_in_a_window_and_not_one_more() {
    for (wait, survives) in [(3, false), (5, true)] {
        let log = Log::new();
        let supervisor = Supervisor::builder()
            .restarts(2, 5 * SECOND)
            .child(Role::new("a", &log).spec())
            .child(Role::new("b", &log).spec())
            .start()
            .await
            .unwrap();
        crash("a").await;
        sleep(SECOND).await;
        crash("b").await;
        assert!(supervisor.is_alive(), "two are allowed");
        sleep(wait * SECOND).await;
        crash("a").await;
        assert_eq!(supervisor.is_alive(), survives, "{wait} s");
        if survives {
            // The restart of `b` has left the window too, the last two have not.
            sleep(SECOND).await;
            crash("a").await;
            assert!(supervisor.is_alive());
            crash("a").await;
            assert!(!supervisor.is_alive());
        }
    }
}

/// The default is three restarts in five seconds, as in Elixir.
#[ambit::test]
async fn the_default_is_three_restarts_in_five_seconds() {
    let log = Log::new();
    let builder = Supervisor::builder().child(Role::new("a", &log).spec());
    let supervisor = builder.start().await.unwrap();
    for _ in 0..2 {
        for _ in 0..3 {
            crash("a").await;
        }
        assert!(supervisor.is_alive());
        sleep(6 * SECOND).await;
    }
    for _ in 0..3 {
        crash("a").await;
        sleep(SECOND).await;
    }
    assert!(supervisor.is_alive());
    crash("a").await;
    assert!(!supervisor.is_alive());
}

#[ambit::test]
async fn a_requested_restart_does_not_count_as_a_restart() {
    let log = Log::new();
    let supervisor = once(Role::new("a", &log).spec()).await;
    for _ in 0..10 {
        supervisor.terminate_child("a").await.unwrap();
        supervisor.restart_child("a").await.unwrap();
    }
    crash("a").await;
    assert!(supervisor.is_alive());
    crash("a").await;
    assert!(!supervisor.is_alive());
}

#[ambit::test]
async fn sup_23_every_failed_restart_counts() {
    for how in [How::Fails, How::Panics] {
        for strategy in [
            Strategy::OneForOne,
            Strategy::OneForAll,
            Strategy::RestForOne,
        ] {
            let log = Log::new();
            let b = Role::new("b", &log);
            let supervisor = Supervisor::builder()
                .strategy(strategy)
                .restarts(4, 5 * SECOND)
                .child(Role::new("a", &log).spec())
                .child(b.spec())
                .child(Role::new("c", &log).spec())
                .start()
                .await
                .unwrap();
            let mut probe = Probe::<u8>::new();
            probe.monitor(&supervisor);
            b.next(&[how; 9]);
            b.tries();
            log.take();
            crash("b").await;
            assert_down!(probe, ExitReason::ShutdownWith(_));
            assert_eq!(b.tries(), 4, "{strategy:?}: the fifth is not made");
            let log = log.take();
            let all = match strategy {
                Strategy::OneForOne => vec!["-b: panic", "-c: shutdown", "-a: shutdown"],
                Strategy::RestForOne => vec!["-b: panic", "-c: shutdown", "-a: shutdown"],
                Strategy::OneForAll => {
                    let mut all = vec!["-b: panic", "-c: shutdown", "-a: shutdown"];
                    (0..4).for_each(|_| all.extend(["+a", "-a: shutdown"]));
                    all
                }
            };
            assert_eq!(log, all, "{strategy:?}");
        }
    }
}

/// A retry is queued after the earlier requests, and the child of a retry can be terminated.
#[ambit::test]
async fn a_supervisor_answers_between_the_tries_of_a_restart() {
    let log = Log::new();
    let role = Role::new("a", &log);
    let supervisor = once(role.spec()).await;
    role.next(&[How::FailsAfter(SECOND)]);
    role.tries();
    crash("a").await;
    let again = Role::new("a", &log).spec();
    let (listed, count, started, restarted, deleted, terminated) = tokio::join!(
        state(&supervisor, "a"),
        supervisor.count_children(),
        supervisor.start_child(again),
        supervisor.restart_child("a"),
        supervisor.delete_child("a"),
        supervisor.terminate_child("a"),
    );
    assert_eq!(listed, Some(ChildState::Restarting));
    assert_eq!(counts(count.unwrap()), [1, 0, 1, 0]);
    assert_eq!(started, Err(ChildError::AlreadyPresent));
    assert_eq!(restarted, Err(ChildError::Restarting));
    assert_eq!(deleted, Err(ChildError::Restarting));
    assert_eq!(terminated, Ok(()));
    sleep(60 * SECOND).await;
    assert_eq!(role.tries(), 1, "the retry is cancelled");
    assert_eq!(state(&supervisor, "a").await, Some(ChildState::Stopped));
}

#[ambit::test]
async fn sup_27_a_restart_that_ignores_leaves_the_child_down() {
    let log = Log::new();
    let role = Role::new("a", &log);
    let supervisor = once(role.spec()).await;
    role.next(&[How::Ignores]);
    role.tries();
    crash("a").await;
    sleep(60 * SECOND).await;
    assert_eq!(role.tries(), 1, "it is not tried again");
    assert_eq!(state(&supervisor, "a").await, Some(ChildState::Stopped));
    assert_eq!(supervisor.delete_child("a").await, Ok(()));

    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let child = sessions.start_child(role.spec()).await.unwrap();
    role.next(&[How::Ignores]);
    role.tries();
    end(&child, End::Crash).await;
    assert_eq!(role.tries(), 1);
    assert_eq!(sessions.which_children().await, Ok(vec![]), "it is dropped");
}

#[ambit::test]
async fn sup_30_a_restarted_supervisor_has_only_the_children_of_its_own() {
    let log = Log::new();
    let inner = {
        let a = Role::new("a", &log);
        ChildSpec::from_fn(move || Supervisor::builder().child(a.spec()).start())
    };
    let top = Supervisor::builder().start().await.unwrap();
    let inner = top.start_child(inner.id("inner")).await.unwrap();
    inner
        .start_child(Role::new("late", &log).spec())
        .await
        .unwrap();
    inner.terminate_child("a").await.unwrap();
    let old = inner.pid();
    ambit::test::expect_crash(part("late"));
    kill(&inner);
    settle().await;
    assert_ne!(inner.pid(), old);
    assert_eq!(states(&inner).await.len(), 1);
    assert_eq!(pid(&inner, "a").await, part("a").pid());
    assert!(ambit::whereis::<Part>("late").is_err());
}

#[derive(Clone)]
struct Sum {
    value: u64,
}

#[gen_server]
impl Sum {
    #[init]
    fn init(value: u64) -> Self {
        Self { value }
    }
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.value += by;
        self.value
    }
    #[cast]
    fn crash(&mut self) {
        ambit::test::expect_crash(ambit::self_pid().unwrap());
        panic!("ouch")
    }
}

struct App {
    calls: Log,
}

#[supervisor]
impl App {
    #[child]
    fn sum(&self) -> ChildSpec<Sum> {
        self.calls.add("sum");
        ChildSpec::once(Sum::start(100))
    }
}

#[ambit::test]
async fn sup_31_a_restart_begins_with_the_same_arguments_and_names() {
    let rooms = Registry::<u64, Sum>::unique();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = Sum::child_spec(40).name("sum").via(&rooms, 7_u64);
    let child = supervisor.start_child(spec).await.unwrap();
    let old = child.pid();
    assert_eq!(child.add(2).await, Ok(42));
    child.crash().await.unwrap();
    settle().await;
    let (named, keyed) = (SumSubject::named("sum"), rooms.lookup(&7).unwrap());
    assert_ne!(child.pid(), old);
    assert_eq!((named.pid(), keyed.pid()), (child.pid(), child.pid()));
    assert_eq!(named.add(1).await, Ok(41));

    // The method is called for each start.
    let calls = Log::new();
    let app = App {
        calls: calls.clone(),
    }
    .start()
    .await
    .unwrap();
    assert_eq!(app.sum().add(1).await, Ok(101));
    app.sum().crash().await.unwrap();
    settle().await;
    assert_eq!(app.sum().add(2).await, Ok(102));
    assert_eq!(calls.all(), ["sum", "sum"]);
}
