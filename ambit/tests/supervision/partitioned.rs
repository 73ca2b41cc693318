//! Supervisors of equal children, one per partition.

use ambit::supervisor::PartitionSupervisor;
use std::collections::BTreeMap;

use ambit::prelude::*;
use ambit::supervisor::{ChildKind, ChildState, PartitionSupervisorBuilder};
use ambit::test::{Probe, expect_crash, settle};

use crate::supervision::support::*;
use crate::support::process::{quiet, soon};

struct Shard {
    index: usize,
    sum: u64,
}

#[gen_server]
impl Shard {
    #[init]
    fn init(index: usize, sum: u64) -> Self {
        Self { index, sum }
    }
    #[call]
    fn index(&self) -> usize {
        self.index
    }
    #[call]
    fn add(&mut self, by: u64) -> u64 {
        self.sum += by;
        self.sum
    }
}

/// Returns a builder whose shards start with ten times their index.
fn shards() -> PartitionSupervisorBuilder<Shard> {
    PartitionSupervisor::builder(|index| Shard::child_spec(index, 10 * index as u64))
}

async fn four() -> PartitionSupervisor<Shard> {
    shards().partitions(4).start().await.unwrap()
}

#[ambit::test]
async fn part_01_the_supervisor_starts_one_identical_partition_per_thread() {
    let shards = shards().start().await.unwrap();
    let threads = std::thread::available_parallelism().unwrap().get();
    assert_eq!(shards.len(), threads);
    assert!(!shards.is_empty());
    let children = shards.which_children().await.unwrap();
    assert_eq!(children.len(), threads);
    for (index, child) in children.iter().enumerate() {
        assert_eq!(child.id, index.to_string());
        let shard = shards.route(&index);
        assert_eq!(running(Some(child.state)), shard.pid());
        assert_eq!(
            (child.kind, child.restart),
            (ChildKind::Worker, Restart::Permanent)
        );
    }
}

#[ambit::test]
async fn part_03_each_partition_has_arguments_of_its_index() {
    let shards = four().await;
    for index in 0..4_usize {
        let shard = shards.route(&index);
        assert_eq!(shard.index().await, Ok(index));
        assert_eq!(shard.add(1).await, Ok(10 * index as u64 + 1));
    }
    // A restarted shard keeps its value and its index.
    let shard = shards.route(&2);
    let old = shard.pid();
    kill(&shard);
    settle().await;
    assert_ne!(shard.pid(), old);
    assert_eq!(shards.route(&2), shard);
    assert_eq!((shard.index().await, shard.add(1).await), (Ok(2), Ok(21)));
    let third = state(&shards, "2").await;
    assert_eq!(third, Some(ChildState::Running(shard.pid())));
}

/// Integers are mapped by their absolute value, whatever their type; any other key always to the same partition.
#[ambit::test]
async fn keys_keep_their_partition() {
    let shards = four().await;
    for (shard, index) in [
        (shards.route(&7_u8), 3),
        (shards.route(&-7_i64), 3),
        (shards.route(&i32::MIN), 0),
        (shards.route(&u64::MAX), 3),
        (shards.route(&6_usize), 2),
    ] {
        assert_eq!(shard.index().await, Ok(index));
    }
    let mut hits = BTreeMap::new();
    for n in 0..100 {
        let key = format!("user {n}");
        let index = shards.route(&key).index().await.unwrap();
        assert_eq!(shards.route(key.as_str()).index().await, Ok(index));
        assert_eq!(four().await.route(&key).index().await, Ok(index));
        *hits.entry(index).or_insert(0) += 1;
    }
    assert_eq!(hits.len(), 4, "{hits:?}");
    assert!(hits.values().all(|hits| *hits > 5), "{hits:?}");
}

#[ambit::test]
async fn part_04_a_stop_returns_after_all_partitions_have_exited() {
    let start = || shards().partitions(4).start().name("shards");
    let running = start().await.unwrap();
    let mut probe = Probe::<u8>::new();
    let children: Vec<_> = (0..4).map(|index| running.route(&index)).collect();
    let pids: Vec<_> = children.iter().map(|child| child.pid()).collect();
    for pid in &pids {
        probe.monitor(*pid);
    }
    running.stop().await.unwrap();
    assert!(pids.iter().all(|pid| !ambit::is_alive(*pid)));
    for _ in 0..4 {
        let down = probe.next_within(ms(0)).await;
        assert!(matches!(down, Some(InboxEvent::Down(_))), "{down:?}");
    }
    assert!(start().await.is_ok(), "the name is free");
}

#[ambit::test]
async fn part_05_requests_without_a_supervisor_return_no_process() {
    let stopped = four().await;
    stopped.stop().await.unwrap();
    for gone in [stopped, PartitionSupervisor::<Shard>::named("nobody")] {
        assert_eq!((gone.len(), gone.is_empty()), (0, true));
        let none = CallError::NoProcess;
        assert_eq!(gone.route(&1).index().await, Err(none.clone()));
        assert_eq!(
            gone.route("ada").when_available().index().await,
            Err(none.clone())
        );
        assert_eq!(gone.which_children().await, Err(none.clone()));
        assert_eq!(gone.count_children().await, Err(none));
        assert_eq!(gone.resize(1).await, Err(ChildError::NoProcess));
    }
}

async fn hit(shards: &PartitionSupervisor<Shard>) -> Vec<usize> {
    let mut hit = Vec::new();
    for key in 0..8_u32 {
        hit.push(shards.route(&key).index().await.unwrap());
        let name = format!("user {key}");
        assert!(shards.route(&name).index().await.unwrap() < shards.len());
    }
    hit
}

#[ambit::test]
async fn part_06_after_a_resize_every_key_finds_an_active_partition() {
    let shards = four().await;
    assert_eq!(hit(&shards).await, [0, 1, 2, 3, 0, 1, 2, 3]);
    let last = shards.route(&3);
    let before = shards.route(&0).pid();
    for partitions in [3, 1, 2, 4, 4] {
        assert_eq!(shards.resize(partitions).await, Ok(()));
        assert_eq!(shards.len(), partitions);
        let expected: Vec<_> = (0..8).map(|key| key % partitions).collect();
        assert_eq!(hit(&shards).await, expected);
        let count = counts(shards.count_children().await.unwrap());
        assert_eq!(count, [4, partitions, 4, 0]);
        // A handle to an unused partition waits until it is used again.
        assert_eq!(last.is_alive(), partitions == 4);
    }
    assert_eq!(shards.route(&0).pid(), before, "who stays is left alone");
}

#[ambit::test]
async fn part_07_with_no_partition_nothing_is_found_and_none_is_added() {
    let shards = four().await;
    assert_eq!(shards.resize(0).await, Ok(()));
    assert_eq!((shards.len(), shards.is_empty()), (0, true));
    let none = CallError::NoProcess;
    assert_eq!(shards.route(&1).index().await, Err(none.clone()));
    assert_eq!(shards.route("ada").index().await, Err(none));
    assert_eq!(counts(shards.count_children().await.unwrap()), [4, 0, 4, 0]);
    for partitions in [5, 100] {
        let refused = shards.resize(partitions).await;
        let Err(ChildError::BadSpec(text)) = refused else {
            panic!("{refused:?}")
        };
        assert!(text.contains("4 partitions"), "{text}");
    }
    assert_eq!(shards.len(), 0, "nothing changed");
    assert_eq!(shards.resize(4).await, Ok(()));
    assert_eq!(hit(&shards).await, [0, 1, 2, 3, 0, 1, 2, 3]);
}

/// An interrupted resize is completed by the next one.
#[ambit::test]
async fn a_resize_that_was_given_up_can_be_done_again() {
    let log = Log::new();
    let inside = log.clone();
    let parts = PartitionSupervisor::<Part>::builder(move |_| {
        let role = Role::new("a", &inside).ending_after(10 * SECOND);
        ChildSpec::from_fn(move || role.start()).shutdown(60 * SECOND)
    });
    let parts = parts.partitions(4).start().await.unwrap();
    let (late, took) = timed(parts.resize(1).timeout(15 * SECOND)).await;
    assert_eq!(late, Err(ChildError::Timeout));
    about(15 * SECOND, took);
    assert_eq!(parts.resize(1).await, Ok(()));
    assert_eq!(counts(parts.count_children().await.unwrap()), [4, 1, 4, 0]);
    assert_eq!(parts.resize(4).await, Ok(()));
    for key in 0..4 {
        assert_eq!(parts.route(&key).add(1).await, Ok(1));
    }
    assert_eq!(parts.resize(2).await, Ok(()));
    assert_eq!(counts(parts.count_children().await.unwrap()), [4, 2, 4, 0]);
}

#[ambit::test]
async fn x47_options_that_make_no_sense_fail_the_start() {
    for builder in [
        shards().partitions(0),
        shards().partitions(usize::MAX),
        shards().restarts(1, ms(0)),
        shards().restarts(1, std::time::Duration::MAX),
    ] {
        let error = builder.start().await.unwrap_err();
        assert!(matches!(error, StartError::BadSpec(_)), "{error:?}");
    }
    let failing = PartitionSupervisor::<Part>::builder(|index| {
        let hows = if index == 2 { &[How::Fails][..] } else { &[] };
        let role = Role::new("a", &Log::new()).starting(hows);
        ChildSpec::from_fn(move || role.start())
    });
    let error = failing.partitions(4).start().await.unwrap_err();
    assert!(failed_child(&error).contains("child `2`"), "{error}");
    assert_eq!(ambit::inspect::processes().len(), 1);
}

#[ambit::test]
async fn x48_partitions_are_listed_by_index_and_counted_by_kind() {
    let shards = four().await;
    let ids = |children: Vec<(String, ChildState)>| -> Vec<String> {
        children.into_iter().map(|one| one.0).collect()
    };
    assert_eq!(ids(states(&shards).await), ["0", "1", "2", "3"]);
    assert_eq!(counts(shards.count_children().await.unwrap()), [4, 4, 4, 0]);
    let rooms = PartitionSupervisor::builder(|_| DynamicSupervisor::child_spec());
    let rooms = rooms.partitions(12).start().await.unwrap();
    let expected: Vec<_> = (0..12).map(|index| index.to_string()).collect();
    assert_eq!(ids(states(&rooms).await), expected);
    assert_eq!(
        counts(rooms.count_children().await.unwrap()),
        [12, 12, 0, 12]
    );
    let room = Role::new("a", &Log::new()).spec();
    let room = rooms.route("lobby").start_child(room).await.unwrap();
    assert_eq!(room.add(1).await, Ok(1));
}

/// All partitions share one restart window.
#[ambit::test]
async fn the_restarts_of_all_partitions_count_together() {
    let shards = shards().partitions(4).restarts(2, 5 * SECOND);
    let shards = shards.start().await.unwrap();
    for key in [0, 1, 2] {
        assert!(shards.is_alive());
        let shard = shards.route(&key);
        expect_crash(&shard);
        kill(&shard);
        settle().await;
    }
    assert!(!shards.is_alive());
}

/// Two resizes at once, in either order of their requests: the later one wins, and every key has a partition.
#[ambit::test]
async fn two_resizes_at_once_leave_no_hole() {
    let shards = four().await;
    for wanted in 0..=4 {
        for other in 0..=4 {
            let (first, second) = tokio::join!(shards.resize(wanted), shards.resize(other));
            assert_eq!((first, second), (Ok(()), Ok(())), "{wanted}, then {other}");
            assert_eq!(shards.len(), other);
            let count = counts(shards.count_children().await.unwrap());
            assert_eq!(count, [4, other, 4, 0], "{wanted}, then {other}");
            for key in 0..other {
                assert_eq!(shards.route(&key).index().await, Ok(key));
            }
        }
    }
}

/// Calls the partition of a key, and retries if it was killed while the call was queued.
async fn index_of(shards: &PartitionSupervisor<Shard>, key: usize) -> Result<usize, CallError> {
    loop {
        let answer = shards.route(&key).when_available().index().await;
        if !matches!(answer, Err(CallError::Exited { .. })) {
            return answer;
        }
    }
}

/// Partitions and the supervisor itself crash during several resizes.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn resizes_and_crashes_at_once_leave_no_hole() {
    let (_system, _entered) = quiet();
    for round in 0..100_usize {
        let spec = shards().restarts(100, SECOND).partitions(4).child_spec();
        let parent = Supervisor::builder().restarts(100, SECOND);
        let parent = parent.child(spec.id("shards").name("shards"));
        let parent = parent.start().await.unwrap();
        let shards = PartitionSupervisor::<Shard>::named("shards");
        let supervisor = shards.pid();
        let resizes = [round % 5, 4 - round % 4, 1 + round % 3].map(|wanted| {
            let shards = shards.clone();
            tokio::spawn(async move { shards.resize(wanted).await })
        });
        for victim in 0..round % 4 {
            ambit::exit(shards.route(&(victim + round)), ExitReason::Kill);
            tokio::task::yield_now().await;
        }
        if round % 3 == 0 {
            ambit::exit(&shards, ExitReason::Kill);
        }
        for resize in resizes {
            let answer = soon(resize).await.unwrap();
            let is_answer = matches!(answer, Ok(()) | Err(ChildError::NoProcess));
            assert!(is_answer, "round {round}: {answer:?}");
        }
        for key in 0..shards.len() {
            let answer = soon(index_of(&shards, key)).await;
            let is_same = shards.pid() == supervisor;
            assert!(answer == Ok(key) || !is_same, "round {round}: {answer:?}");
        }
        // A killed supervisor is restarted.
        soon(async {
            while shards.resize(4).await != Ok(()) {
                tokio::task::yield_now().await;
            }
        })
        .await;
        for key in 0..4_usize {
            let answer = soon(index_of(&shards, key)).await;
            assert_eq!(answer, Ok(key), "round {round}");
        }
        parent.stop().await.unwrap();
    }
}
