//! Status that handles share is read immediately, whatever its processes do; status that only a process has is
//! requested from it, and the request can time out.

use ambit::supervisor::PartitionSupervisor;
use std::time::Duration;

use ambit::group::Group;
use ambit::prelude::*;
use ambit::pubsub::PubSub;
use ambit::sys;
use ambit::task::TaskSupervisor;
use ambit::test::Probe;

const SECOND: Duration = Duration::from_secs(1);

struct Worker;

#[gen_server]
impl Worker {
    #[init]
    fn init() -> Self {
        Self
    }
}

/// No future is involved: none of these calls suspends.
#[ambit::test]
async fn state_shared_by_handles_is_readable_while_every_process_is_suspended() {
    let pool = Pool::builder(Worker::child_spec()).size(2).start();
    let pool = pool.await.unwrap();
    let parts = PartitionSupervisor::<Worker>::builder(|_| Worker::child_spec());
    let parts = parts.partitions(3).start().await.unwrap();
    let (group, topic) = (Group::<u8>::new(), PubSub::new().topic::<u8>("numbers"));
    let registry: Registry<String, Worker> = Registry::unique();
    let probe = Probe::<u8>::new();
    group.join("numbers", &probe.subject()).unwrap();
    assert!(topic.subscribe(&probe.recipient()));
    let workers = pool.workers();
    registry.register("first", &workers[0].handle).unwrap();
    for process in ambit::inspect::processes() {
        if process.type_name == "Worker" {
            sys::suspend(process.pid).await.unwrap();
        }
    }
    assert_eq!((pool.status().free, pool.workers()), (2, workers));
    assert_eq!((parts.len(), registry.len()), (3, 1));
    assert_eq!(
        (group.groups(), group.members("numbers").len()),
        (vec!["numbers".to_owned()], 1)
    );
    assert_eq!(
        (topic.subscribers().len(), topic.lag(probe.pid())),
        (1, Some(0))
    );
    assert!(pool.is_alive() && ambit::process_info(&pool).is_some());
}

#[ambit::test]
async fn state_private_to_a_process_is_read_with_a_call_that_can_time_out() {
    let supervisor = Supervisor::builder().start().await.unwrap();
    let dynamic = DynamicSupervisor::builder().start().await.unwrap();
    let tasks = TaskSupervisor::builder().start().await.unwrap();
    let counts = [
        supervisor.count_children().timeout(SECOND).await,
        dynamic.count_children().timeout(SECOND).await,
        tasks.count_children().timeout(SECOND).await,
    ];
    assert!(
        counts
            .iter()
            .all(|counts| counts.as_ref().unwrap().specs == 0)
    );
    for process in [&*supervisor, &*dynamic] {
        process.stop().await.unwrap();
    }
    let gone = [
        supervisor.which_children().await.map(|all| all.len()),
        dynamic.which_children().await.map(|all| all.len()),
    ];
    assert_eq!(gone, [Err(CallError::NoProcess), Err(CallError::NoProcess)]);
}
