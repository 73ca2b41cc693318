//! Requests to supervisors as futures, and requests between children.

use ambit::prelude::*;
use ambit::supervisor::ChildState;
use ambit::test::settle;
use tokio::time::sleep;

use crate::supervision::support::*;

#[ambit::test]
async fn a_polled_request_is_executed_after_its_future_is_dropped() {
    let log = Log::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = |id, how| Role::new(id, &log).starting(&[how]).spec();
    drop(supervisor.start_child(spec("never asked", How::Well)));
    let mut ask = supervisor.start_child(spec("dropped", How::After(SECOND)));
    assert!(poll_once(&mut ask).await.is_pending());
    drop(ask);
    let late = supervisor.start_child(spec("late", How::After(SECOND)));
    let (late, took) = timed(late.timeout(ms(500))).await;
    assert_eq!(late, Err(ChildError::Timeout));
    about(ms(500), took);
    let children = states(&supervisor).await;
    let ids: Vec<_> = children.iter().map(|child| &*child.0).collect();
    assert_eq!(ids, ["dropped", "late"]);
    assert_eq!(log.all(), ["+dropped", "+late"]);
}

#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thread_may_wait_for_an_answer_unless_it_drives_a_runtime() {
    let log = Log::new();
    let supervisor = Supervisor::builder().start().await.unwrap();
    let here = supervisor.terminate_child("a").blocking();
    assert_eq!(here, Err(ChildError::BlocksRuntime));
    let here = supervisor.which_children().blocking();
    assert_eq!(here, Err(CallError::BlocksRuntime));
    let (spec, other) = (Role::new("a", &log).spec(), supervisor.clone());
    let elsewhere = std::thread::spawn(move || other.start_child(spec).blocking());
    let child = tokio::task::spawn_blocking(|| elsewhere.join().unwrap());
    let child = child.await.unwrap().unwrap();
    assert_eq!(child.add(1).await, Ok(1));
}

/// Calls its sibling in its `#[init]`.
struct Api {
    first: Result<u64, CallError>,
}

#[gen_server]
impl Api {
    #[init]
    async fn init(sibling: PartSubject) -> Self {
        let first = sibling.add(1).await;
        Self { first }
    }
    #[call]
    fn first(&self) -> Result<u64, CallError> {
        self.first.clone()
    }
    #[cast]
    fn crash(&mut self) {
        ambit::test::expect_crash(ambit::self_pid().unwrap());
        panic!("ouch")
    }
}

struct App {
    log: Log,
    calls: Log,
}

#[supervisor(strategy = RestForOne, auto_shutdown = Any)]
impl App {
    #[child]
    fn sum(&self) -> ChildSpec<Part> {
        Role::new("sum", &self.log).spec()
    }

    #[child]
    fn api(&self, app: &AppSubject) -> ChildSpec<Api> {
        Api::child_spec(app.sum())
    }

    /// Only the settings of the first call count.
    #[child]
    fn fickle(&self) -> ChildSpec<Part> {
        self.calls.add("fickle");
        let spec = Role::new("fickle", &self.log).spec();
        match self.calls.all().len() {
            1 => spec.restart(Restart::Permanent),
            _ => spec.restart(Restart::Temporary).id("other"),
        }
    }

    #[child(restart = Transient, significant = true)]
    fn last(&self) -> ChildSpec<Part> {
        Role::new("last", &self.log).spec()
    }
}

#[ambit::test]
async fn a_child_may_ask_a_sibling_that_runs_in_its_init() {
    let (log, calls) = (Log::new(), Log::new());
    let app = App {
        log: log.clone(),
        calls: calls.clone(),
    };
    let app = app.start().await.unwrap();
    assert_eq!(app.api().first().await, Ok(Ok(1)));
    app.api().crash().await.unwrap();
    settle().await;
    assert_eq!(app.api().first().await, Ok(Ok(2)));
    for n in 2..=3 {
        let old = app.fickle().pid();
        assert_eq!(calls.all().len(), n);
        crash("fickle").await;
        assert!(app.fickle().is_alive() && app.fickle().pid() != old);
    }
    let children = states(&app).await;
    let ids: Vec<_> = children.iter().map(|child| &*child.0).collect();
    assert_eq!(ids, ["sum", "api", "fickle", "last"]);
    end(&part("last"), End::Normal).await;
    assert_eq!(app.closed().await, ExitReason::Shutdown);
}

#[ambit::test]
async fn a_child_with_a_slow_init_fails_to_start() {
    let role = Role::new("a", &Log::new());
    let spec = || {
        let role = role.clone();
        ChildSpec::from_fn(move || role.start().timeout(2 * SECOND)).id("a")
    };
    let supervisor = Supervisor::builder().start().await.unwrap();
    role.next(&[How::Hangs]);
    let (refused, took) = timed(supervisor.start_child(spec())).await;
    assert_eq!(refused, Err(ChildError::Start(StartError::Timeout)));
    about(2 * SECOND, took);
    let child = supervisor.start_child(spec()).await.unwrap();
    role.next(&[How::After(10 * SECOND), How::After(SECOND)]);
    role.tries();
    end(&child, End::Crash).await;
    // Between the attempts it is listed as restarting.
    let (listed, took) = timed(state(&supervisor, "a")).await;
    assert_eq!(listed, Some(ChildState::Restarting));
    about(2 * SECOND, took);
    let (new, took) = timed(pid(&supervisor, "a")).await;
    assert_eq!((new, role.tries()), (child.pid(), 2));
    about(SECOND, took);
}

#[derive(Clone)]
enum Above {
    Fixed(Supervisor),
    Dynamic(DynamicSupervisor),
}

/// Calls its supervisor in its `#[init]`.
struct Curious;

#[gen_server]
impl Curious {
    #[init]
    async fn init(above: Above) -> Result<Self, CallError> {
        match above {
            Above::Fixed(supervisor) => drop(supervisor.which_children().await?),
            Above::Dynamic(supervisor) => {
                supervisor.which_children().await?;
                supervisor.count_children().await?;
            }
        }
        Ok(Self)
    }
}

#[ambit::test]
async fn an_init_may_ask_a_supervisor_that_does_not_wait_for_it() {
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let spec = Curious::child_spec(Above::Dynamic(sessions.clone()));
    let child = sessions.start_child(spec).await.unwrap();
    assert!(child.is_alive());
}

/// A restart is in progress then, for which the replies to others wait.
#[ambit::test]
async fn an_init_may_ask_its_dynamic_supervisor_at_a_restart() {
    let sessions = DynamicSupervisor::builder().start().await.unwrap();
    let spec = Curious::child_spec(Above::Dynamic(sessions.clone()));
    let child = sessions.start_child(spec).await.unwrap();
    let old = child.pid();
    kill(&child);
    sleep(SECOND).await;
    let counts = sessions.count_children().timeout(SECOND).await;
    assert_eq!(counts.map(|counts| counts.active), Ok(1));
    assert!(child.is_alive() && child.pid() != old);
}

#[ambit::test]
async fn an_init_that_calls_the_supervisor_waiting_for_it_is_rejected_immediately() {
    let supervisor = Supervisor::builder().start().await.unwrap();
    let spec = Curious::child_spec(Above::Fixed(supervisor.clone()));
    let (started, took) = timed(supervisor.start_child(spec)).await;
    let text = format!("{started:?}");
    assert!(text.contains("wait for itself"), "{text}");
    assert_eq!(took, std::time::Duration::ZERO);
}
