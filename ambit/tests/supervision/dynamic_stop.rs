//! Dynamic supervisors: concurrent starts, and the concurrent stop of all children.

use ambit::process::Watched;
use ambit::supervisor::Backoff;
use std::future::pending;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{Probe, expect_crash, settle};
use tokio::time::{Instant, sleep};

use crate::supervision::support::*;

const HOUR: Duration = Duration::from_secs(3600);

#[ambit::test]
async fn an_init_that_hangs_does_not_hold_up_other_starts() {
    let log = Log::new();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let spec = |id, how| Role::new(id, &log).starting(&[how]).spec();
    let (hung, slow, ready, listed) = tokio::join!(
        timed(sessions.start_child(spec("hung", How::FailsAfter(60 * SECOND)))),
        timed(sessions.start_child(spec("slow", How::After(10 * SECOND)))),
        timed(sessions.start_child(spec("ready", How::Well))),
        timed(sessions.which_children()),
    );
    let no = StartError::Init(ExitReason::error("no"));
    assert_eq!(hung.0, Err(ChildError::Start(no)));
    about(60 * SECOND, hung.1);
    about(10 * SECOND, slow.1);
    assert!(slow.0.is_ok() && ready.0.is_ok());
    assert_eq!((ready.1, listed.1), (ms(0), ms(0)));
    assert_eq!(log.all(), ["+ready", "+slow"]);
    // A restart that hangs delays no other child.
    let role = Role::new("moody", &log);
    let moody = sessions.start_child(role.spec()).await.unwrap();
    role.next(&[How::Hangs]);
    end(&moody, End::Crash).await;
    let (late, took) = timed(sessions.start_child(spec("late", How::Well))).await;
    assert_eq!((late.is_ok(), took), (true, ms(0)));
}

/// The number of concurrent starts is limited: the others wait, and are refused when the supervisor stops.
#[ambit::test]
async fn many_starts_that_hang_end_with_the_supervisor_at_once() {
    let log = Log::new();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let hanging = |_| {
        let role = Role::new("hung", &log).starting(&[How::Hangs]);
        tokio::spawn(sessions.start_child(ChildSpec::from_fn(move || role.start())))
    };
    let starts: Vec<_> = (0..40).map(hanging).collect();
    settle().await;
    assert!(
        ambit::inspect::processes().len() < 40,
        "they do not all begin"
    );
    let further = sessions.start_child(Role::new("further", &log).spec());
    let further = further.timeout(SECOND).await;
    assert_eq!(further, Err(ChildError::Timeout));
    let counts = sessions.count_children().await.unwrap();
    assert_eq!(counts.specs, 0, "only starts wait");
    let (stopped, took) = timed(sessions.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    for start in starts {
        assert_eq!(start.await.unwrap(), Err(ChildError::NoProcess));
    }
    assert_eq!(ambit::inspect::processes().len(), 1, "the test");
}

/// All children are stopped at once, each with its own shutdown time from that moment.
#[ambit::test]
async fn x41_each_child_is_stopped_in_its_own_way_at_the_same_time() {
    let log = Log::new();
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let mut probe = Probe::<u8>::new();
    let plans = [
        (Shutdown::Infinity, 10 * SECOND, ExitReason::Shutdown),
        (Shutdown::Brutal, ms(0), ExitReason::Killed),
        (Shutdown::After(2 * SECOND), 2 * SECOND, ExitReason::Killed),
        (Shutdown::After(7 * SECOND), 7 * SECOND, ExitReason::Killed),
        (Shutdown::After(HOUR), 10 * SECOND, ExitReason::Shutdown),
    ];
    let mut expected = Vec::new();
    for (shutdown, time, reason) in plans {
        let role = Role::new("a", &log).ending_after(10 * SECOND);
        let spec = ChildSpec::from_fn(move || role.start()).shutdown(shutdown);
        let child = sessions.start_child(spec).await.unwrap();
        expect_crash(&child);
        probe.monitor(&child);
        expected.push((Watched::Process(child.pid()), time, reason));
    }
    let began = Instant::now();
    let stop = tokio::spawn({
        let sessions = sessions.clone();
        async move { sessions.stop().await }
    });
    expected.sort_by_key(|one| one.1);
    for _ in 0..expected.len() {
        let down = probe.next_within(HOUR).await;
        let Some(InboxEvent::Down(down)) = down else {
            panic!("{down:?}")
        };
        let at = expected
            .iter()
            .position(|one| one.0 == down.target)
            .unwrap();
        let (_, time, reason) = expected.remove(at);
        assert_eq!(down.reason, reason);
        about(time, began.elapsed());
    }
    assert_eq!(stop.await.unwrap(), Ok(()));
    about(10 * SECOND, began.elapsed());
}

/// Ends with a reason of its own choice when it is asked to shut down.
struct Stubborn;

#[gen_server]
impl Stubborn {
    #[init]
    fn init() -> Self {
        Self
    }
    #[cast]
    async fn finish(&mut self, reason: ExitReason) -> Flow {
        sleep(SECOND).await;
        Flow::Stop(reason)
    }
    #[terminate]
    fn terminate(&mut self, reason: &ExitReason) {
        assert!(!matches!(reason, ExitReason::Shutdown), "no time for that");
    }
}

#[ambit::test]
async fn x42_watchers_see_the_reason_that_a_child_gives_itself() {
    let reasons = [
        ExitReason::Normal,
        ExitReason::shutdown_with("saved"),
        ExitReason::error("not saved"),
    ];
    for by_pid in [true, false] {
        for reason in &reasons {
            let sessions = DynamicSupervisor::builder().start().await.unwrap();
            let spec = ChildSpec::from_fn(Stubborn::start);
            let child = sessions.start_child(spec).await.unwrap();
            let mut probe = Probe::<u8>::new();
            probe.monitor(&child);
            expect_crash(&child);
            child.finish(reason.clone()).await.unwrap();
            settle().await;
            if by_pid {
                assert_eq!(sessions.terminate_child(child.pid()).await, Ok(()));
            }
            assert_eq!(sessions.stop().await, Ok(()));
            assert_eq!(&probe.expect_down().await.reason, reason);
        }
        // The same if its shutdown fails.
        let sessions = DynamicSupervisor::builder().start().await.unwrap();
        let spec = ChildSpec::from_fn(Stubborn::start);
        let child = sessions.start_child(spec).await.unwrap();
        let mut probe = Probe::<u8>::new();
        probe.monitor(&child);
        expect_crash(&child);
        assert_eq!(sessions.stop().await, Ok(()));
        let reason = probe.expect_down().await.reason;
        assert!(matches!(reason, ExitReason::Panic(_)), "{reason:?}");
    }
}

/// A child that waits for its restart has no process to stop.
#[ambit::test]
async fn a_stop_forgets_the_children_that_wait_for_a_restart() {
    let role = Role::new("a", &Log::new());
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let spec = role.spec().backoff(Backoff::constant(HOUR));
    let child = sessions.start_child(spec).await.unwrap();
    let task = ChildSpec::task("task", pending::<()>);
    sessions.start_child(task).await.unwrap();
    end(&child, End::Crash).await;
    role.tries();
    let (stopped, took) = timed(sessions.stop()).await;
    assert_eq!((stopped, took), (Ok(()), ms(0)));
    sleep(2 * HOUR).await;
    assert_eq!(role.tries(), 0);
}
