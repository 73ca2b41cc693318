//! Starts and requests that do not wait: a tree that starts in parallel.

use std::future::pending;

use ambit::prelude::*;
use ambit::server::{Owned, PendingStart};
use ambit::supervisor::DynamicSupervisor;
use ambit::test::settle;
use tokio::time::{Instant, sleep};

use std::time::Duration;

use crate::supervision::support::*;

/// Takes three seconds to start.
struct Shard;

#[gen_server]
impl Shard {
    #[init]
    async fn load(fails: bool) -> Result<Self, ExitReason> {
        sleep(3 * SECOND).await;
        if fails {
            return Err(ExitReason::error("no such shard"));
        }
        Ok(Self)
    }

    #[call]
    fn ping(&self) -> u8 {
        7
    }
}

/// Starts its shards in its init.
struct Store {
    shards: Vec<ShardSubject>,
}

#[gen_server]
impl Store {
    #[init]
    async fn open(shards: usize) -> Result<Self, StartError> {
        let starts: Vec<PendingStart<Shard>> = (0..shards)
            .map(|_| Shard::start(false).link().send())
            .collect();
        let mut shards = Vec::new();
        for start in starts {
            shards.push(start.await?);
        }
        Ok(Self { shards })
    }

    #[call]
    fn shards(&self) -> Vec<ShardSubject> {
        self.shards.clone()
    }
}

#[ambit::test]
async fn an_init_starts_its_servers_at_the_same_time() {
    let began = Instant::now();
    let store = Store::start(20).await.unwrap();
    assert_eq!(began.elapsed(), 3 * SECOND, "not 60 s");
    let shards = store.shards().await.unwrap();
    for shard in &shards {
        assert_eq!(shard.ping().await, Ok(7));
    }
    let links = ambit::process_info(&store).unwrap().links;
    assert!(shards.iter().all(|shard| links.contains(&shard.pid())));
}

#[ambit::test]
async fn a_sent_start_takes_its_name_at_once_and_runs_unpolled() {
    let start = Shard::start(false).name("shard").send();
    assert!(ambit::whereis::<Shard>("shard").is_ok());
    sleep(3 * SECOND + ms(1)).await;
    let shard = ShardSubject::named("shard");
    assert_eq!(shard.ping().await, Ok(7), "nobody has polled its start");
    assert_eq!(start.await.unwrap().pid(), shard.pid());
}

#[ambit::test]
async fn a_sent_start_gives_its_failure_later() {
    let failed = Shard::start(true).send();
    let taken = Shard::start(false).name("shard").send();
    let refused = Shard::start(false).name("shard").send();
    let Err(StartError::AlreadyRegistered { holder }) = refused.await else {
        panic!("the name is taken")
    };
    assert_eq!(taken.await.unwrap().pid(), holder);
    assert_eq!(
        failed.await,
        Err(StartError::Init(ExitReason::error("no such shard")))
    );
}

#[ambit::test]
async fn a_start_timeout_counts_from_the_send() {
    let start = Shard::start(false).timeout(2 * SECOND).send();
    sleep(2 * SECOND + ms(500)).await;
    let began = Instant::now();
    assert_eq!(start.await, Err(StartError::Timeout));
    assert_eq!(began.elapsed(), Duration::ZERO);
}

#[ambit::test]
async fn a_sent_start_that_is_dropped_leaves_no_process() {
    for (time, polled) in [(0, false), (1, true), (4, false)] {
        let mut start = Shard::start(false).name("shard").send();
        sleep(time * SECOND).await;
        settle().await;
        if polled {
            assert!(poll_once(&mut start).await.is_pending());
        }
        let shard = ambit::whereis::<Shard>("shard").unwrap();
        drop(start);
        assert_eq!(shard.closed().await, ExitReason::Killed);
    }
}

/// Has its init done before a start on another thread looks.
struct Quick;

#[gen_server]
impl Quick {
    #[call]
    fn ping(&self) {}
}

#[ambit::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sent_start_that_is_dropped_at_once_leaves_no_process() {
    for _ in 0..2_000 {
        drop(Quick.start().send());
    }
    settle().await;
    let is_quick = |process: &&ambit::inspect::ProcessInfo| process.type_name == "Quick";
    let left = ambit::inspect::processes();
    assert_eq!(left.iter().filter(is_quick).count(), 0);
}

#[ambit::test]
async fn an_owned_start_can_be_sent() {
    let start = Shard::start(false).owned().send();
    let shard: Owned<ShardSubject> = start.await.unwrap();
    let end = shard.monitor();
    drop(shard);
    assert_eq!(end.await.reason, ExitReason::Normal);
}

#[ambit::test]
async fn children_of_a_dynamic_supervisor_are_started_at_the_same_time() {
    let workers = DynamicSupervisor::builder().start().await.unwrap();
    let began = Instant::now();
    let asked: Vec<_> = (0..10)
        .map(|_| workers.start_child(Shard::child_spec(false)).send())
        .collect();
    sleep(3 * SECOND).await;
    settle().await;
    assert_eq!(
        workers.count_children().await.unwrap().active,
        10,
        "unpolled"
    );
    for start in asked {
        start.await.unwrap();
    }
    assert_eq!(began.elapsed(), 3 * SECOND);
}

#[ambit::test]
async fn a_sent_request_is_executed_after_its_future_is_dropped() {
    let tree = Supervisor::builder().start().await.unwrap();
    let idle = ChildSpec::task("idle", pending::<()>);
    drop(tree.start_child(idle).send());
    settle().await;
    assert_eq!(states(&tree).await.len(), 1);
}

/// Takes a while to end.
struct Slow;

#[gen_server]
impl Slow {
    #[init]
    fn init() -> Self {
        Self
    }

    #[terminate]
    async fn terminate(&mut self, _: &ExitReason) {
        sleep(SECOND).await;
    }
}

#[ambit::test]
async fn the_end_of_a_child_overtakes_requests_that_wait_for_capacity() {
    let slow = Slow::child_spec().id("slow").shutdown(Shutdown::Infinity);
    let supervisor = Supervisor::builder().child(slow).start().mailbox(1);
    let supervisor = supervisor.await.unwrap();
    let began = Instant::now();
    let terminated = supervisor.terminate_child("slow").send();
    settle().await;
    let listed = [(); 3].map(|()| supervisor.which_children().send());
    settle().await;
    let all = async {
        terminated.await.unwrap();
        for list in listed {
            assert_eq!(list.await.unwrap().len(), 1);
        }
        supervisor.stop().await.unwrap();
    };
    tokio::time::timeout(60 * SECOND, all)
        .await
        .expect("no hang");
    assert_eq!(began.elapsed(), SECOND);
}
