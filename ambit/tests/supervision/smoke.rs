use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{expect_crash, settle};

struct Counter(u64);

#[gen_server]
impl Counter {
    #[init]
    fn init(at: u64) -> Self {
        Self(at)
    }
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.0 += by;
        self.0
    }
    #[cast]
    fn crash(&mut self) {
        panic!("ouch");
    }
}

fn spec(id: &str) -> ChildSpec<Counter> {
    ChildSpec::from_fn(|| Counter::start(0)).id(id)
}

#[ambit::test]
async fn a_crashed_child_is_started_again_and_its_handle_follows() {
    let supervisor = Supervisor::builder().start().await.unwrap();
    let one = supervisor.start_child(spec("one")).await.unwrap();
    let two = supervisor.start_child(spec("two")).await.unwrap();
    assert_eq!(one.add(2).await, Ok(2));
    assert_eq!(two.add(2).await, Ok(2));
    let (old, other) = (one.pid(), two.pid());
    expect_crash(&one);
    one.crash().await.unwrap();
    settle().await;
    assert_ne!(one.pid(), old);
    assert_eq!(two.pid(), other);
    assert_eq!(one.add(1).await, Ok(1));
    let children = supervisor.which_children().await.unwrap();
    assert_eq!(children.len(), 2);
    println!("{}", ambit::tree());
    supervisor.stop().await.unwrap();
    assert!(!one.is_alive());
    assert_eq!(
        supervisor.terminate_child("one").await,
        Err(ChildError::NoProcess)
    );
}

#[ambit::test]
async fn intensity() {
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .restarts(1, Duration::from_secs(5))
        .child(spec("a"))
        .child(spec("b"))
        .start()
        .await
        .unwrap();
    let pid = supervisor.which_children().await.unwrap()[0].clone();
    println!("{pid:?}");
    let a = supervisor.start_child(spec("c")).await.unwrap();
    expect_crash(&a);
    a.crash().await.unwrap();
    settle().await;
    expect_crash(&a);
    a.crash().await.unwrap();
    assert_eq!(supervisor.closed().await, ExitReason::Shutdown);
}

#[ambit::test]
async fn dynamic_and_partitioned_and_task() {
    let sessions = DynamicSupervisor::builder()
        .max_children(2)
        .start()
        .name("s")
        .await
        .unwrap();
    let a = sessions.start_child(Counter::child_spec_(1)).await.unwrap();
    assert_eq!(a.add(1).await, Ok(2));
    sessions
        .start_child(ChildSpec::task("idle", std::future::pending::<()>))
        .await
        .unwrap();
    assert_eq!(
        sessions.start_child(spec("x")).await.unwrap_err(),
        ChildError::MaxChildren
    );
    DynamicSupervisor::named("s")
        .terminate_child(a.pid())
        .await
        .unwrap();
    let shards =
        Partitioned::<Counter>::builder(|n| ChildSpec::from_fn(move || Counter::start(n as u64)))
            .partitions(3)
            .start()
            .await
            .unwrap();
    assert_eq!(shards.route(&-5_i32).add(0).await, Ok(2));
    shards.resize(1).await.unwrap();
    assert_eq!(shards.route(&5).add(0).await, Ok(0));
    shards.resize(3).await.unwrap();
    assert_eq!(shards.route(&5).add(0).await, Ok(2));
    sessions.stop().await.unwrap();
}

impl Counter {
    fn child_spec_(at: u64) -> ChildSpec<Self> {
        ChildSpec::from_fn(move || Self::start(at))
    }
}
