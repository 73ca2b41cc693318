//! Dynamic supervisors: children that are started and terminated at run time.

use ambit::process::Watched;
use ambit::supervisor::Backoff;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::{ChildInfo, ChildKind, ChildState};
use ambit::test::{Probe, assert_down, expect_crash, settle};
use tokio::time::sleep;

use crate::supervision::support::*;

async fn sessions(restarts: u32) -> DynamicSupervisor {
    let builder = DynamicSupervisor::builder().restarts(restarts, 5 * SECOND);
    builder.start().await.unwrap()
}

async fn listed(sessions: &DynamicSupervisor) -> Vec<ChildInfo> {
    sessions.which_children().await.unwrap()
}

async fn count(sessions: &DynamicSupervisor) -> [usize; 4] {
    counts(sessions.count_children().await.unwrap())
}

#[ambit::test]
async fn dyn_01_a_start_returns_the_handle_or_the_error() {
    let log = Log::new();
    let sessions = sessions(3).await;
    let spec = |how| Role::new("a", &log).starting(&[how]).spec();
    let child = sessions.start_child(spec(How::Well)).await.unwrap();
    assert_eq!(child.add(1).await, Ok(1));
    let all = listed(&sessions).await;
    let [one] = &all[..] else { panic!("{all:?}") };
    assert_eq!((&*one.id, one.kind), ("a", ChildKind::Worker));
    assert_eq!(running(Some(one.state)), child.pid());
    end(&child, End::Shutdown).await;
    let child = child.when_available();
    let _ = child.add(1).await;
    sessions.terminate_child(child.pid()).await.unwrap();
    for (how, error) in [
        (How::Ignores, StartError::Ignored),
        (How::Fails, StartError::Init(ExitReason::error("no"))),
    ] {
        let refused = sessions.start_child(spec(how)).await;
        assert_eq!(refused, Err(ChildError::Start(error)));
        assert_eq!(listed(&sessions).await, []);
    }
}

#[ambit::test]
async fn dyn_02_a_panicking_start_affects_no_other_child() {
    let log = Log::new();
    let sessions = sessions(0).await;
    let other = sessions.start_child(Role::new("other", &log).spec());
    let other = other.await.unwrap();
    let before = listed(&sessions).await;
    let panics = Role::new("a", &log).starting(&[How::Panics]).spec();
    let maker = ChildSpec::from_fn(|| panic!("at the start"));
    for spec in [panics, maker] {
        match sessions.start_child(spec).await {
            Err(ChildError::Start(StartError::Init(ExitReason::Panic(report)))) => {
                assert_eq!(report.message(), "at the start");
            }
            refused => panic!("{refused:?}"),
        }
    }
    assert_eq!(listed(&sessions).await, before);
    assert_eq!(other.add(1).await, Ok(1));
}

#[ambit::test]
async fn dyn_03_a_full_supervisor_refuses_until_a_child_ends_for_good() {
    let role = Role::new("a", &Log::new());
    let spec = || {
        let role = role.clone();
        let spec = ChildSpec::from_fn(move || role.start());
        spec.restart(Restart::Transient)
    };
    let none = DynamicSupervisor::builder().max_children(0);
    let none = none.start().await.unwrap();
    let full = ChildError::MaxChildren;
    assert_eq!(none.start_child(spec()).await, Err(full.clone()));

    let builder = DynamicSupervisor::builder()
        .max_children(2)
        .restarts(9, SECOND);
    let two = builder.start().await.unwrap();
    let a = two.start_child(spec()).await.unwrap();
    let late = spec().backoff(Backoff::constant(SECOND));
    let b = two.start_child(late).await.unwrap();
    role.tries();
    let refused = async |sessions: &DynamicSupervisor| {
        let refused = sessions.start_child(spec()).await;
        assert_eq!(refused, Err(full.clone()));
        assert_eq!(role.tries(), 0, "nothing is started");
    };
    refused(&two).await;
    // A child that waits for its restart counts towards the limit.
    end(&b, End::Crash).await;
    assert_eq!(count(&two).await, [2, 1, 2, 0]);
    refused(&two).await;
    sleep(2 * SECOND).await;
    role.tries();
    refused(&two).await;
    // A child that has ended for good does not.
    end(&a, End::Normal).await;
    role.next(&[How::Hangs]);
    let mut hanging = two.start_child(spec());
    assert!(poll_once(&mut hanging).await.is_pending());
    settle().await;
    role.tries();
    // A child that is still starting does.
    refused(&two).await;
    two.terminate_child(b.pid()).await.unwrap();
    assert!(two.start_child(spec()).await.is_ok());
}

#[ambit::test]
async fn dyn_05_the_restart_types_apply_and_finished_children_are_removed() {
    for restart in [Restart::Permanent, Restart::Transient, Restart::Temporary] {
        for how in End::ALL {
            let sessions = sessions(1).await;
            let spec = Role::new("a", &Log::new()).spec().restart(restart);
            let child = sessions.start_child(spec).await.unwrap();
            let old = child.pid();
            let is_restarted = match restart {
                Restart::Permanent => true,
                Restart::Transient => !how.is_clean(),
                Restart::Temporary => false,
            };
            end(&child, how).await;
            let all = listed(&sessions).await;
            if is_restarted {
                let new = running(all.first().map(|one| one.state));
                assert!(new != old && new == child.pid());
                end(&child, End::Crash).await;
                assert!(!sessions.is_alive(), "{restart:?} {how:?}: it counted");
            } else {
                assert_eq!(all, [], "{restart:?} {how:?}");
                let other = Role::new("b", &Log::new()).spec();
                let other = sessions.start_child(other).await.unwrap();
                end(&other, End::Crash).await;
                assert!(sessions.is_alive(), "{restart:?} {how:?}: it did not");
                sessions.stop().await.unwrap();
            }
        }
    }
}

#[ambit::test]
async fn dyn_06_a_restart_that_fails_is_listed_and_retried() {
    let role = Role::new("a", &Log::new());
    let sessions = sessions(3).await;
    let spec = role.spec().backoff(Backoff::constant(SECOND));
    let child = sessions.start_child(spec).await.unwrap();
    let other = Role::new("b", &Log::new());
    let ignored = sessions.start_child(other.spec()).await.unwrap();
    role.next(&[How::Fails]);
    other.next(&[How::Ignores]);
    other.tries();
    role.tries();
    end(&ignored, End::Crash).await;
    end(&child, End::Crash).await;
    for tries in [0, 1] {
        let all = listed(&sessions).await;
        let [one] = &all[..] else { panic!("{all:?}") };
        assert_eq!((&*one.id, one.state), ("a", ChildState::Restarting));
        assert_eq!(count(&sessions).await, [1, 0, 1, 0]);
        assert_eq!(role.tries(), tries);
        sleep(SECOND + ms(1)).await;
    }
    assert_eq!(
        listed(&sessions).await[0].state,
        ChildState::Running(child.pid())
    );
    assert_eq!(other.tries(), 1, "one that ignores is dropped");
}

#[ambit::test]
async fn a_question_waits_for_the_restart_under_way_but_not_for_a_first_start() {
    let sessions = sessions(1).await;
    let role = Role::new("a", &Log::new());
    let child = sessions.start_child(role.spec()).await.unwrap();
    let old = child.pid();
    role.next(&[How::After(SECOND)]);
    end(&child, End::Crash).await;
    let (all, took) = timed(listed(&sessions)).await;
    assert_ne!(running(Some(all[0].state)), old);
    about(SECOND, took);
    let slow = Role::new("slow", &Log::new());
    slow.next(&[How::After(10 * SECOND)]);
    let asked = sessions.clone();
    let starting = tokio::spawn(async move { asked.start_child(slow.spec()).await });
    settle().await;
    let (counts, took) = timed(count(&sessions)).await;
    assert_eq!(counts, [1, 1, 1, 0]);
    about(Duration::ZERO, took);
    assert!(starting.await.unwrap().is_ok());
}

#[ambit::test]
async fn x40_a_restart_that_fails_once_is_tried_again_by_itself() {
    let role = Role::new("a", &Log::new());
    for how in [How::Fails, How::Panics] {
        let sessions = sessions(2).await;
        let child = sessions.start_child(role.spec()).await.unwrap();
        let old = child.pid();
        role.next(&[how]);
        end(&child, End::Crash).await;
        assert!(child.pid() != old && child.is_alive());
        assert_eq!(child.add(1).await, Ok(1));
        end(&child, End::Crash).await;
        assert!(!sessions.is_alive(), "both counted");
    }
}

#[ambit::test]
async fn dyn_07_the_restarts_of_all_children_count_together() {
    let log = Log::new();
    for fails in [false, true] {
        let sessions = sessions(2).await;
        let mut children = Vec::new();
        let roles = ["a", "b", "c", "d"].map(|id| Role::new(id, &log));
        for role in &roles {
            children.push(sessions.start_child(role.spec()).await.unwrap());
        }
        let mut probe = Probe::<u8>::new();
        probe.monitor(&sessions);
        probe.monitor(&children[3]);
        log.take();
        if fails {
            assert_eq!(roles[0].tries(), 1);
            roles[0].next(&[How::Fails; 2]);
            end(&children[0], End::Crash).await;
            assert_eq!(roles[0].tries(), 2, "the intensity allows two restarts");
        } else {
            for child in &children[..3] {
                end(child, End::Crash).await;
            }
        }
        assert_down!(probe, ExitReason::Shutdown);
        let down = assert_down!(probe, ExitReason::ShutdownWith(_));
        assert_eq!(
            down.target,
            Watched::Process(sessions.pid()),
            "it is the last"
        );
        assert!(log.take().contains(&"-d: shutdown".to_owned()));
    }
}

#[ambit::test]
async fn dyn_09_terminate_child_stops_as_specified_and_removes_the_child() {
    let log = Log::new();
    let sessions = sessions(0).await;
    let mut probe = Probe::<u8>::new();
    let plans = [
        (Shutdown::Brutal, ExitReason::Killed, ms(0)),
        (Shutdown::After(3 * SECOND), ExitReason::Killed, 3 * SECOND),
        (
            Shutdown::After(20 * SECOND),
            ExitReason::Shutdown,
            10 * SECOND,
        ),
        (Shutdown::Infinity, ExitReason::Shutdown, 10 * SECOND),
    ];
    for (shutdown, reason, time) in plans {
        let spec = Role::new("a", &log).ending_after(10 * SECOND).spec();
        let child = sessions.start_child(spec.shutdown(shutdown)).await.unwrap();
        let pid = child.pid();
        expect_crash(&child);
        probe.monitor(&child);
        let (done, took) = timed(sessions.terminate_child(pid)).await;
        assert_eq!(done, Ok(()));
        about(time, took);
        assert_eq!(probe.expect_down().await.reason, reason);
        assert_eq!(listed(&sessions).await, []);
        let again = sessions.terminate_child(pid).await;
        assert_eq!(again, Err(ChildError::NotFound));
    }
    let stranger = Role::new("b", &log).start().await.unwrap();
    let refused = sessions.terminate_child(stranger.pid()).await;
    assert_eq!(refused, Err(ChildError::NotFound));
    assert!(stranger.is_alive());
}

#[ambit::test]
async fn dyn_10_the_old_pid_cancels_a_restart() {
    let role = Role::new("a", &Log::new());
    let sessions = sessions(3).await;
    // The child waits for its next attempt.
    let spec = role.spec().backoff(Backoff::constant(SECOND));
    let child = sessions.start_child(spec).await.unwrap();
    let old = child.pid();
    role.tries();
    end(&child, End::Crash).await;
    assert_eq!(sessions.terminate_child(old).await, Ok(()));
    assert_eq!(listed(&sessions).await, []);
    sleep(10 * SECOND).await;
    assert_eq!(role.tries(), 0);
    let again = sessions.terminate_child(old).await;
    assert_eq!(again, Err(ChildError::NotFound));
    // The `#[init]` of the child hangs.
    let child = sessions.start_child(role.spec()).await.unwrap();
    let old = child.pid();
    role.next(&[How::Hangs]);
    end(&child, End::Crash).await;
    // Both wait until it is gone.
    let both = async { tokio::join!(sessions.terminate_child(old), sessions.terminate_child(old)) };
    let (done, took) = timed(both).await;
    assert_eq!((done, took), ((Ok(()), Ok(())), ms(0)));
    assert_eq!(listed(&sessions).await, []);
    let again = sessions.terminate_child(old).await;
    assert_eq!(again, Err(ChildError::NotFound));
    settle().await;
    assert!(ambit::whereis::<Part>("a").is_err(), "it was killed");
}

#[derive(Clone)]
struct Session {
    user: String,
}

#[gen_server]
impl Session {
    #[init]
    fn init(user: String) -> Self {
        Self { user }
    }
    #[call]
    fn rename(&mut self, user: String) -> String {
        std::mem::replace(&mut self.user, user)
    }
}

#[ambit::test]
async fn dyn_13_equal_specs_give_unrelated_children() {
    let sessions = sessions(0).await;
    let spec = || Session::child_spec("ada".to_owned()).restart(Restart::Temporary);
    let one = sessions.start_child(spec()).await.unwrap();
    let two = sessions.start_child(spec()).await.unwrap();
    assert!(one != two && one.pid() != two.pid());
    assert_eq!(one.rename("eve".into()).await, Ok("ada".into()));
    assert_eq!(two.rename("bob".into()).await, Ok("ada".into()));
    assert_eq!(listed(&sessions).await.len(), 2);
    sessions.terminate_child(one.pid()).await.unwrap();
    assert_eq!(two.rename("".into()).await, Ok("bob".into()));
}

#[ambit::test]
async fn x39_options_that_make_no_sense_are_refused() {
    for within in [Duration::ZERO, Duration::MAX] {
        let start = DynamicSupervisor::builder().restarts(1, within).start();
        let error = start.await.unwrap_err();
        assert!(matches!(error, StartError::BadSpec(_)), "{error:?}");
    }
    assert_eq!(ambit::inspect::processes().len(), 1);
}

#[ambit::test]
async fn a_named_handle_of_the_other_kind_starts_no_child() {
    let log = Log::new();
    let sessions = DynamicSupervisor::builder().start().name("sessions");
    let app = Supervisor::builder().start().name("app");
    let (sessions, app) = (sessions.await.unwrap(), app.await.unwrap());
    let spec = || Role::new("a", &log).spec();
    let refused = Supervisor::named("sessions").start_child(spec()).await;
    let text = "the process is a dynamic supervisor: use `DynamicSupervisor::named`";
    assert_eq!(refused, Err(ChildError::BadSpec(text.to_owned())));
    let refused = DynamicSupervisor::named("app").start_child(spec()).await;
    let text = "the process is a supervisor that is not dynamic: use `Supervisor::named`";
    assert_eq!(refused, Err(ChildError::BadSpec(text.to_owned())));
    assert_eq!(count(&sessions).await, [0, 0, 0, 0]);
    assert_eq!(app.which_children().await, Ok(vec![]));
    assert_eq!(log.take(), [""; 0]);
}

#[ambit::test]
async fn x46_a_name_is_taken_once_and_is_as_good_as_the_handle() {
    let log = Log::new();
    let start = || DynamicSupervisor::builder().start().name("sessions");
    let sessions = start().await.unwrap();
    let holder = sessions.pid();
    let taken = StartError::AlreadyRegistered { holder };
    assert_eq!(start().await, Err(taken));
    let named = DynamicSupervisor::named("sessions");
    let child = named
        .start_child(Role::new("a", &log).spec())
        .await
        .unwrap();
    assert_eq!(count(&sessions).await, [1, 1, 1, 0]);
    named.terminate_child(child.pid()).await.unwrap();
    named.stop().await.unwrap();
    assert_eq!(named.which_children().await, Err(CallError::NoProcess));
    assert_eq!(named.count_children().await, Err(CallError::NoProcess));
    let gone = Err(ChildError::NoProcess);
    assert_eq!(named.terminate_child(child.pid()).await, gone);
    let refused = named.start_child(Role::new("a", &log).spec()).await;
    assert_eq!(refused, Err(ChildError::NoProcess));
    start().await.unwrap();
    assert!(named.is_alive());
}
