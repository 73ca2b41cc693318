//! The requests that a supervisor handles, and its replies.

use ambit::supervisor::Backoff;
use std::time::Duration;

use ambit::error::Executed;
use ambit::prelude::*;
use ambit::process_info;
use ambit::supervisor::{ChildKind, ChildState};
use ambit::test::{Probe, assert_down, settle};
use tokio::time::sleep;

use crate::supervision::support::*;

/// Longer than any test: a child whose restart is delayed for this time is listed as restarting.
const AGES: Duration = Duration::from_secs(86_400);

/// Starts a supervisor with the children `up`, `down`, which was terminated, and `back`, which waits for its restart.
async fn mixed(log: &Log) -> Supervisor {
    let back = Role::new("back", log).spec();
    let supervisor = Supervisor::builder()
        .child(Role::new("up", log).spec())
        .child(Role::new("down", log).spec())
        .child(back.backoff(Backoff::constant(AGES)))
        .start()
        .await
        .unwrap();
    supervisor.terminate_child("down").await.unwrap();
    crash("back").await;
    log.take();
    supervisor
}

#[ambit::test]
async fn sup_07_an_id_that_is_known_is_refused_and_nothing_changes() {
    let log = Log::new();
    let supervisor = mixed(&log).await;
    let before = supervisor.which_children().await.unwrap();
    for (id, refused) in [
        ("up", ChildError::Running),
        ("down", ChildError::AlreadyPresent),
        ("back", ChildError::AlreadyPresent),
    ] {
        let other = Role::new("other", &log).spec().id(id);
        assert_eq!(supervisor.start_child(other).await, Err(refused), "{id}");
    }
    assert_eq!(supervisor.which_children().await.unwrap(), before);
    assert!(log.is_empty(), "{log:?}");
    assert!(part("up").is_alive());
}

#[ambit::test]
async fn sup_08_a_child_that_does_not_start_is_not_added() {
    let log = Log::new();
    let supervisor = mixed(&log).await;
    let before = supervisor.which_children().await.unwrap();
    let failing = |how| Role::new("new", &log).starting(&[how]).spec();
    let refused = supervisor.start_child(failing(How::Fails)).await;
    let no = StartError::Init(ExitReason::error("no"));
    assert_eq!(refused, Err(ChildError::Start(no)));
    let maker = ChildSpec::from_fn(|| panic!("in the maker")).id("new");
    for spec in [failing(How::Panics), maker] {
        match supervisor.start_child(spec).await {
            Err(ChildError::Start(StartError::Init(ExitReason::Panic(report)))) => {
                assert!(["at the start", "in the maker"].contains(&report.message()));
            }
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(supervisor.which_children().await.unwrap(), before);
    let new = supervisor.start_child(failing(How::Well)).await.unwrap();
    assert_eq!(new.add(1).await, Ok(1), "the id is free");
    assert_eq!(log.all(), ["+new"]);
}

#[ambit::test]
async fn sup_09_a_terminated_child_stays_listed_and_down() {
    let log = Log::new();
    let temporary = Role::new("temporary", &log).spec();
    let supervisor = Supervisor::builder()
        .restarts(0, SECOND)
        .child(Role::new("a", &log).ending_after(SECOND).spec())
        .child(temporary.restart(Restart::Temporary))
        .start()
        .await
        .unwrap();
    log.take();
    let mut probe = Probe::<u8>::new();
    probe.monitor(part("a"));
    let (done, took) = timed(supervisor.terminate_child("a")).await;
    assert_eq!(done, Ok(()));
    about(SECOND, took);
    assert_down!(probe, ExitReason::Shutdown);
    assert_eq!(log.take(), ["-a: shutdown"]);
    assert_eq!(state(&supervisor, "a").await, Some(ChildState::Stopped));
    assert_eq!(supervisor.terminate_child("a").await, Ok(()), "it is down");
    let unknown = supervisor.terminate_child("b").await;
    assert_eq!(unknown, Err(ChildError::NotFound));

    probe.monitor(part("temporary"));
    assert_eq!(supervisor.terminate_child("temporary").await, Ok(()));
    assert_down!(probe, ExitReason::Shutdown);
    let gone = supervisor.terminate_child("temporary").await;
    assert_eq!(gone, Err(ChildError::NotFound));
    settle().await;
    assert_eq!(log.take(), ["-temporary: shutdown"], "nobody restarts them");
    assert_eq!(states(&supervisor).await.len(), 1);
}

#[ambit::test]
async fn sup_10_only_a_stopped_child_can_be_restarted() {
    let log = Log::new();
    let supervisor = mixed(&log).await;
    for (id, refused) in [
        ("up", ChildError::Running),
        ("back", ChildError::Restarting),
        ("who", ChildError::NotFound),
    ] {
        assert_eq!(supervisor.restart_child(id).await, Err(refused), "{id}");
    }
    assert!(log.is_empty());
    let new = supervisor.restart_child("down").await.unwrap();
    assert_eq!(pid(&supervisor, "down").await, new);
    assert_eq!(part("down").pid(), new);
    assert_eq!(log.take(), ["+down"]);

    let role = Role::new("moody", &log);
    supervisor.start_child(role.spec()).await.unwrap();
    supervisor.terminate_child("moody").await.unwrap();
    role.next(&[How::Fails, How::Ignores, How::Panics]);
    role.tries();
    for n in 1..=3 {
        let refused = supervisor.restart_child("moody").await;
        assert!(matches!(refused, Err(ChildError::Start(_))), "{refused:?}");
        settle().await;
        assert_eq!(role.tries(), 1, "nobody but us tries: {n}");
        assert_eq!(state(&supervisor, "moody").await, Some(ChildState::Stopped));
    }
    assert!(supervisor.restart_child("moody").await.is_ok());
}

#[ambit::test]
async fn sup_11_only_a_stopped_child_can_be_deleted() {
    let log = Log::new();
    let supervisor = mixed(&log).await;
    for (id, refused) in [
        ("up", ChildError::Running),
        ("back", ChildError::Restarting),
        ("who", ChildError::NotFound),
    ] {
        assert_eq!(supervisor.delete_child(id).await, Err(refused), "{id}");
    }
    assert_eq!(supervisor.delete_child("down").await, Ok(()));
    let gone = Err(ChildError::NotFound);
    assert_eq!(supervisor.restart_child("down").await, gone);
    assert_eq!(
        supervisor.delete_child("down").await,
        Err(ChildError::NotFound)
    );
    let ids: Vec<_> = states(&supervisor)
        .await
        .into_iter()
        .map(|one| one.0)
        .collect();
    assert_eq!(ids, ["up", "back"]);
    let again = Role::new("down", &log).spec();
    supervisor.start_child(again).await.unwrap();
    assert_eq!(log.all(), ["+down"], "the id is free");
}

#[ambit::test]
async fn sup_12_a_stranger_of_the_same_name_is_left_alone() {
    let log = Log::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let stranger = Role::new("stranger", &log).start().name("a").await.unwrap();
    let holder = stranger.pid();
    let refused = supervisor.start_child(Role::new("a", &log).spec()).await;
    let taken = StartError::AlreadyRegistered { holder };
    assert_eq!(refused, Err(ChildError::Start(taken)));
    assert_eq!(states(&supervisor).await, []);
    supervisor.stop().await.unwrap();
    assert_eq!(stranger.add(1).await, Ok(1));
    assert_eq!(process_info(&stranger).unwrap().links, []);
    assert_eq!(log.all(), ["+stranger"]);
}

#[ambit::test]
async fn sup_42_x34_children_are_listed_and_counted_in_every_state() {
    let log = Log::new();
    let supervisor = mixed(&log).await;
    let sessions = DynamicSupervisor::child_spec().id("sessions");
    let sessions = supervisor.start_child(sessions).await.unwrap();
    let role = Role::new("temporary", &log).spec();
    let role = role.restart(Restart::Temporary);
    let temporary = supervisor.start_child(role).await.unwrap();
    let listed = supervisor.which_children().await.unwrap();
    let expected = [
        (
            "up",
            ChildState::Running(part("up").pid()),
            ChildKind::Worker,
        ),
        ("down", ChildState::Stopped, ChildKind::Worker),
        ("back", ChildState::Restarting, ChildKind::Worker),
        (
            "sessions",
            ChildState::Running(sessions.pid()),
            ChildKind::Supervisor,
        ),
        (
            "temporary",
            ChildState::Running(temporary.pid()),
            ChildKind::Worker,
        ),
    ];
    let seen: Vec<_> = listed
        .iter()
        .map(|child| (&*child.id, child.state, child.kind))
        .collect();
    assert_eq!(seen, expected);
    let count = async || counts(supervisor.count_children().await.unwrap());
    assert_eq!(count().await, [5, 3, 4, 1]);
    end(&temporary, End::Normal).await;
    assert_eq!(count().await, [4, 2, 3, 1], "a temporary one is gone");
    supervisor.terminate_child("sessions").await.unwrap();
    assert_eq!(count().await, [4, 1, 3, 1], "a stopped one still counts");
    supervisor.delete_child("sessions").await.unwrap();
    assert_eq!(count().await, [3, 1, 3, 0]);
    supervisor.terminate_child("back").await.unwrap();
    supervisor.delete_child("back").await.unwrap();
    assert_eq!(count().await, [2, 1, 2, 0]);
}

#[ambit::test]
async fn x38_a_stopped_supervisor_returns_no_process() {
    let log = Log::new();
    let supervisor = mixed(&log).await;
    supervisor.stop().await.unwrap();
    for gone in [supervisor, Supervisor::named("nobody")] {
        let gone = &gone;
        assert_eq!(gone.which_children().await, Err(CallError::NoProcess));
        assert_eq!(gone.count_children().await, Err(CallError::NoProcess));
        let none = ChildError::NoProcess;
        assert_eq!(gone.terminate_child("up").await, Err(none.clone()));
        assert_eq!(gone.restart_child("up").await, Err(none.clone()));
        assert_eq!(gone.delete_child("up").await, Err(none.clone()));
        let spec = Role::new("new", &log).spec();
        assert_eq!(gone.start_child(spec).await, Err(none));
    }
}

/// A request that arrives while the supervisor stops is not executed.
#[ambit::test]
async fn a_stopping_supervisor_rejects_requests() {
    let log = Log::new();
    let supervisor = Supervisor::builder()
        .child(Role::new("a", &log).ending_after(SECOND).spec())
        .start()
        .await
        .unwrap();
    let late = Role::new("late", &log).spec();
    let (stopped, started, listed) = tokio::join!(
        supervisor.stop(),
        supervisor.start_child(late),
        supervisor.which_children(),
    );
    assert_eq!(stopped, Ok(()));
    assert_eq!(started, Err(ChildError::NoProcess));
    let (reason, executed) = (ExitReason::Normal, Executed::No);
    assert_eq!(listed, Err(CallError::Exited { reason, executed }));
    assert_eq!(log.all(), ["+a", "-a: shutdown"]);
}

#[ambit::test]
async fn questions_wait_for_an_init_that_hangs() {
    let log = Log::new();
    let role = Role::new("a", &log);
    let supervisor = Supervisor::builder().child(role.spec()).start();
    let supervisor = supervisor.await.unwrap();
    role.next(&[How::After(60 * SECOND)]);
    crash("a").await;
    let soon = supervisor.which_children().timeout(10 * SECOND).await;
    assert_eq!(soon, Err(CallError::Timeout));
    let soon = supervisor.terminate_child("b").timeout(10 * SECOND).await;
    assert_eq!(soon, Err(ChildError::Timeout));
    let (listed, took) = timed(pid(&supervisor, "a")).await;
    about(40 * SECOND, took);
    assert_eq!(listed, part("a").pid());

    role.next(&[How::Hangs]);
    crash("a").await;
    let waiting = tokio::spawn(supervisor.restart_child("a"));
    sleep(SECOND).await;
    assert!(!waiting.is_finished());
    let (stopped, took) = timed(supervisor.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)), "a stop does not wait");
    assert_eq!(waiting.await.unwrap(), Err(ChildError::NoProcess));
}

/// A child whose `#[init]` calls the supervisor that waits for it gets an error, and causes no deadlock.
struct Curious;

#[gen_server]
impl Curious {
    #[init]
    async fn init(log: Log, app: String) -> Self {
        let app = Supervisor::named(&app);
        match app.which_children().await {
            Err(CallError::Cycle { .. } | CallError::CallsItself) => log.add("no list"),
            other => log.add(format_args!("{other:?}")),
        }
        match app.terminate_child("curious").await {
            Err(ChildError::CallsItself) => log.add("no change"),
            other => log.add(format_args!("{other:?}")),
        }
        Self
    }

    #[call]
    async fn count(&mut self, app: String) -> usize {
        let children = Supervisor::named(&app).which_children().await;
        children.unwrap().len()
    }

    #[cast]
    fn crash(&mut self) {
        ambit::test::expect_crash(ambit::self_pid().unwrap());
        panic!("ouch")
    }
}

#[ambit::test]
async fn an_init_that_calls_its_own_supervisor_fails_immediately() {
    let log = Log::new();
    let spec = |id: &str| {
        let log = log.clone();
        ChildSpec::from_fn(move || Curious::start(log.clone(), "app".into())).id(id)
    };
    let start = Supervisor::builder().child(spec("curious")).start();
    let (supervisor, took) = timed(start.name("app")).await;
    let supervisor = supervisor.unwrap();
    assert_eq!(took, ms(0));
    assert_eq!(log.take(), ["no list", "no change"], "while it boots");
    let late = supervisor.start_child(spec("late")).await.unwrap();
    assert_eq!(log.take(), ["no list", "no change"], "while it is asked");
    late.crash().await.unwrap();
    settle().await;
    assert_eq!(log.take(), ["no list", "no change"], "while it restarts");
    assert_eq!(late.count("app".into()).await, Ok(2), "later it answers");
}
