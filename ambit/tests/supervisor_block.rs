//! `#[supervisor]` blocks in use: the attributes of their methods determine the behaviour.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::{ChildInfo, ChildKind, ChildState};
use ambit::test::{await_restart, crash, settle};

struct Counter {
    value: u64,
}

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u64) -> Self {
        Self { value }
    }

    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.value += by;
        self.value
    }
}

struct Api {
    counter: CounterSubject,
}

#[gen_server]
impl Api {
    #[call]
    async fn add(&mut self, by: u64) -> Result<u64, CallError> {
        self.counter.add(by).await
    }
}

struct App {
    /// The value of the next counter.
    next: AtomicU64,
}

impl App {
    fn from(value: u64) -> Self {
        let next = AtomicU64::new(value);
        Self { next }
    }
}

#[supervisor(strategy = RestForOne, restarts = 5, within = Duration::from_secs(1), auto_shutdown = Any)]
impl App {
    /// Adds on behalf of its callers, through a sibling that is started after it.
    #[child(shutdown = Infinity)]
    fn api(&self, app: &AppSubject) -> ChildSpec<Api> {
        let counter = app.counter().when_available();
        Api::child_spec(move || Api {
            counter: counter.clone(),
        })
    }

    #[child(restart = Transient, significant = true)]
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(self.next.fetch_add(1, Ordering::Relaxed))
    }

    #[child(restart = Temporary, shutdown = Duration::from_secs(1))]
    fn idle(&self) -> Result<ChildSpec<Task<()>>, std::io::Error> {
        let spec = ChildSpec::task("another id", std::future::pending::<()>);
        Ok(spec.restart(Restart::Permanent))
    }
}

#[ambit::test]
async fn methods_are_children_in_their_order_and_with_their_options() {
    let app = App::from(10).start().await.unwrap();
    let said = |child: &ChildInfo| {
        let ChildInfo { id, restart, .. } = child.clone();
        (id, restart, child.shutdown, child.significant)
    };
    let mut children = app.which_children().await.unwrap();
    children.sort_by_key(|child| match child.state {
        ChildState::Running(pid) => pid,
        _ => Pid::NOBODY,
    });
    let said: Vec<_> = children.iter().map(said).collect();
    let second = Duration::from_secs(1);
    let expected = [
        ("api", Restart::Permanent, Shutdown::Infinity, false),
        (
            "counter",
            Restart::Transient,
            Shutdown::After(5 * second),
            true,
        ),
        ("idle", Restart::Temporary, Shutdown::After(second), false),
    ];
    assert_eq!(
        said,
        expected.map(|(id, restart, shutdown, flag)| (id.to_owned(), restart, shutdown, flag))
    );
    assert!(children.iter().all(|child| child.kind == ChildKind::Worker));
}

#[ambit::test]
async fn handles_follow_their_child_and_the_method_runs_again() {
    let app = App::from(10).start().await.unwrap();
    let (counter, idle) = (app.counter(), app.idle());
    assert_eq!(app.api().add(1).await.unwrap(), Ok(11));
    let old = counter.pid();
    crash(&counter).await;
    await_restart(&counter, old).await;
    assert_eq!(counter, app.counter());
    assert_eq!(app.api().add(1).await.unwrap(), Ok(12));
    // Temporary, and started after the counter, in the order of the methods.
    settle().await;
    assert!(!idle.is_alive());
}

#[ambit::test]
async fn the_end_of_a_significant_child_ends_the_supervisor() {
    let app = App::from(10).start().await.unwrap();
    app.counter().stop().await.unwrap();
    assert_eq!(app.closed().await, ExitReason::Shutdown);
    assert_eq!(app.counter().add(1).await, Err(CallError::NoProcess));
}

struct Failing;

#[supervisor]
impl Failing {
    #[child]
    fn never(&self) -> Result<ChildSpec<Task<()>>, String> {
        Err("no connection".into())
    }
}

#[ambit::test]
async fn an_error_of_a_method_is_a_failed_start() {
    let error = Failing.start().await.unwrap_err();
    let StartError::Init(ExitReason::ShutdownWith(detail)) = error else {
        panic!("{error}");
    };
    let said = detail.to_string();
    assert!(
        said.starts_with("failed to start child `never`: "),
        "{said}"
    );
    assert!(said.ends_with("no connection"), "{said}");
}

struct Outer {
    first: Arc<AtomicU64>,
}

#[supervisor]
impl Outer {
    #[child]
    fn app(&self) -> ChildSpec<App> {
        let first = self.first.clone();
        App::child_spec(move || App::from(first.fetch_add(10, Ordering::Relaxed)))
    }
}

#[ambit::test]
async fn supervisors_are_children_too() {
    let first = Arc::new(AtomicU64::new(10));
    let outer = Outer { first }.start().name("outer").await.unwrap();
    let app = outer.app();
    assert_eq!(app.counter().add(1).await, Ok(11));
    let [child] = <[ChildInfo; 1]>::try_from(outer.which_children().await.unwrap()).unwrap();
    let said = (child.kind, child.shutdown);
    assert_eq!(said, (ChildKind::Supervisor, Shutdown::Infinity));
    let old = app.pid();
    app.stop().await.unwrap();
    await_restart(&app, old).await;
    let again = OuterSubject::named("outer").app();
    assert_eq!(again.counter().add(1).await, Ok(21));
}
