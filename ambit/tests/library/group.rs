//! Groups: membership, monitors, and casts to all members.

mod monitors;
mod races;

use std::time::{Duration, Instant};

use ambit::error::CastError;
use ambit::group::{Group, JoinError, NotJoined};
use ambit::prelude::*;
use ambit::test::{Probe, fill_mailbox, settle};

use crate::support::real_time::takes_linear_time;

struct Worker {
    done: Vec<u32>,
}

#[gen_server(mailbox = 4)]
impl Worker {
    #[init]
    fn new() -> Self {
        Self { done: Vec::new() }
    }
    #[cast]
    fn work(&mut self, amount: u32) {
        self.done.push(amount);
    }
    #[call]
    fn done(&self) -> Vec<u32> {
        self.done.clone()
    }
}

async fn workers(count: usize) -> Vec<WorkerSubject> {
    let mut workers = Vec::new();
    for _ in 0..count {
        workers.push(Worker::start().await.unwrap());
    }
    workers
}

fn work(amount: u32) -> WorkerCast {
    WorkerCast::Work { amount }
}

#[ambit::test]
async fn pg_01_a_join_and_a_leave_are_seen_at_once() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    assert!(group.groups().is_empty() && group.members("x").is_empty());
    group.join("x", &a).unwrap();
    group.join("x", &b).unwrap();
    group.join("w", &a).unwrap();
    assert_eq!(group.members("x"), [a.clone(), b.clone()]);
    assert_eq!(group.local_members("x"), [a.clone(), b.clone()]);
    assert_eq!(group.groups(), ["w", "x"]);
    group.leave("x", &a).unwrap();
    assert_eq!(group.members("x"), std::slice::from_ref(&b));
    assert_eq!(group.local_members("x"), [b]);
    assert_eq!(group.members("w"), [a]);
}

#[ambit::test]
async fn a_process_is_as_many_members_as_it_has_joined() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    for worker in [&a, &b, &a] {
        group.join("x", worker).unwrap();
    }
    assert_eq!(group.members("x"), [a.clone(), b.clone(), a.clone()]);
    assert_eq!(group.broadcast("x", work(1)), 3);
    assert_eq!(a.done().await.unwrap(), [1, 1]);
    group.leave("x", &a).unwrap();
    assert_eq!(
        group.members("x"),
        [a.clone(), b.clone()],
        "the newest goes"
    );
    group.leave("x", &a).unwrap();
    assert_eq!(group.leave("x", &a), Err(NotJoined));
    assert_eq!(group.members("x"), [b]);
}

#[ambit::test]
async fn pg_03_a_non_member_cannot_leave() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    assert_eq!(group.leave("x", &a), Err(NotJoined));
    group.join("x", &a).unwrap();
    assert_eq!(group.leave("x", &b), Err(NotJoined));
    assert_eq!(group.leave("y", &a), Err(NotJoined));
    assert_eq!(group.members("x"), [a]);
    assert_eq!(group.groups(), ["x"]);
    assert_eq!(
        NotJoined.to_string(),
        "the process is not a member of this group: join the group first"
    );
}

#[ambit::test]
async fn pg_04_a_group_is_removed_with_its_last_member() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    group.join("left", &a).unwrap();
    group.leave("left", &a).unwrap();
    assert!(group.groups().is_empty());
    for _ in 0..2 {
        group.join("died", &b).unwrap();
    }
    group.join("both", &b).unwrap();
    group.join("both", &a).unwrap();
    ambit::test::expect_crash(&b);
    ambit::exit(&b, ExitReason::Kill);
    b.closed().await;
    assert_eq!(group.groups(), ["both"]);
    assert_eq!(group.members("both"), [a]);
}

#[ambit::test]
async fn a_member_is_removed_before_its_exit_is_observable() {
    let group: Group<Worker> = Group::new();
    let mut probe = Probe::<()>::new();
    let [a] = workers(1).await.try_into().unwrap();
    group.join("x", &a).unwrap();
    probe.monitor(&a);
    ambit::test::crash(&a).await;
    probe.expect_down().await;
    assert!(group.groups().is_empty());
}

#[ambit::test]
async fn several_join_together_or_not_at_all() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    let nobody = WorkerSubject::named("nobody");
    let refused = group.join_all("x", [&a, &nobody, &b]);
    assert_eq!(refused, Err(JoinError::NoProcess));
    assert!(group.groups().is_empty());
    group.join_all("x", [&a, &b, &a]).unwrap();
    assert_eq!(group.members("x"), [a.clone(), b, a]);
    group.join_all::<&WorkerSubject>("empty", []).unwrap();
    assert_eq!(group.groups(), ["x"]);
}

#[ambit::test]
async fn stopped_processes_are_not_members() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    a.stop().await.unwrap();
    assert_eq!(group.join("x", &a), Ok(()));
    assert!(group.groups().is_empty());
    assert_eq!(group.join_all("x", [&a, &b]), Ok(()));
    assert_eq!(group.members("x"), [b]);
}

#[ambit::test]
async fn a_name_joins_for_the_process_that_holds_it() {
    let group: Group<Worker> = Group::new();
    let old = Worker::start().name("worker").await.unwrap();
    let named = WorkerSubject::named("worker");
    group.join("x", &named).unwrap();
    ambit::unregister("worker").unwrap();
    let new = Worker::start().name("worker").await.unwrap();
    assert_eq!(group.members("x"), std::slice::from_ref(&old));
    assert_eq!(group.broadcast("x", work(1)), 1);
    assert_eq!(old.done().await.unwrap(), [1]);
    assert_eq!(new.done().await.unwrap(), [0u32; 0]);
    assert_eq!(
        group.leave("x", &named),
        Err(NotJoined),
        "it means the new one"
    );
}

#[ambit::test]
async fn pg_11_a_scope_that_was_stopped_has_forgotten_its_members() {
    let group: Group<Worker> = Group::new();
    let [a, b] = workers(2).await.try_into().unwrap();
    group.join_all("x", [&a, &b]).unwrap();
    group.stop();
    assert!(group.groups().is_empty());
    group.start();
    assert!(group.groups().is_empty() && group.members("x").is_empty());
    group.join("x", &a).unwrap();
    assert_eq!(group.members("x"), std::slice::from_ref(&a));
    a.stop().await.unwrap();
    assert!(group.groups().is_empty(), "its end is still seen");
}

#[ambit::test]
async fn pg_12_join_and_leave_fail_in_a_stopped_scope() {
    let group: Group<Worker> = Group::new();
    let [a] = workers(1).await.try_into().unwrap();
    group.join("x", &a).unwrap();
    group.stop();
    group.stop();
    assert_eq!(group.join("x", &a), Err(JoinError::Stopped));
    assert_eq!(group.join_all("x", [&a]), Err(JoinError::Stopped));
    assert_eq!(group.leave("x", &a), Err(NotJoined));
    assert_eq!(group.broadcast("x", work(1)), 0);
    group.start();
    assert_eq!(group.join("x", &a), Ok(()));
}

#[ambit::test]
async fn x55_equal_names_in_two_scopes_are_unrelated() {
    let (one, two) = (Group::<Worker>::new(), Group::<Worker>::new());
    let [a, b] = workers(2).await.try_into().unwrap();
    one.join("x", &a).unwrap();
    two.join("x", &b).unwrap();
    assert_eq!(one.members("x"), std::slice::from_ref(&a));
    assert_eq!(two.leave("x", &a), Err(NotJoined));
    one.stop();
    assert_eq!(two.members("x"), [b]);
    assert_eq!(one.join("x", &a), Err(JoinError::Stopped));
}

#[ambit::test]
async fn a_named_scope_is_shared_by_all_its_users() {
    let [a] = workers(1).await.try_into().unwrap();
    Group::<Worker>::scope("shop").join("x", &a).unwrap();
    assert_eq!(
        Group::<Worker>::scope("shop").members("x"),
        std::slice::from_ref(&a)
    );
    assert!(Group::<Worker>::scope("other").groups().is_empty());
    assert!(Group::<u8>::scope("shop").groups().is_empty());
    a.stop().await.unwrap();
    assert!(Group::<Worker>::scope("shop").groups().is_empty());
}

#[test]
#[should_panic(expected = "a named scope belongs to a system: call this in a tokio runtime")]
fn a_named_scope_needs_a_system() {
    drop(Group::<u8>::scope("shop"));
}

#[ambit::test]
async fn a_broadcast_returns_the_number_of_members_reached() {
    let group: Group<Worker> = Group::new();
    let [a, b, c] = workers(3).await.try_into().unwrap();
    assert_eq!(group.broadcast("x", work(1)), 0, "nobody is in");
    group.join_all("x", [&a, &b, &c]).unwrap();
    let full = fill_mailbox(&b);
    assert_eq!(group.broadcast("x", work(2)), 2);
    drop(full);
    assert_eq!(group.broadcast("x", work(3)), 3);
    assert_eq!(a.done().await.unwrap(), [2, 3]);
    assert_eq!(b.done().await.unwrap(), [3]);
    assert_eq!(b.work(4).now(), Ok(()));
    assert_eq!(c.done().await.unwrap(), [2, 3]);
}

#[ambit::test]
async fn a_broadcast_with_timeout_waits_for_slow_members_without_delaying_others() {
    let group: Group<Worker> = Group::new();
    let [slow, quick] = workers(2).await.try_into().unwrap();
    group.join_all("x", [&slow, &quick]).unwrap();
    let full = fill_mailbox(&slow);
    let sending = group.clone();
    let time = Duration::from_secs(5);
    let sent = tokio::spawn(async move { sending.broadcast_within("x", work(1), time).await });
    settle().await;
    assert_eq!(
        quick.done().await.unwrap(),
        [1],
        "though the slow one was asked first"
    );
    assert!(!sent.is_finished());
    drop(full);
    assert_eq!(sent.await.unwrap(), 2);
    assert_eq!(slow.done().await.unwrap(), [1]);
}

#[ambit::test]
async fn a_patient_broadcast_waits_for_all_of_them_at_once() {
    let group: Group<Worker> = Group::new();
    let slow = workers(20).await;
    group.join_all("x", &slow).unwrap();
    let full: Vec<_> = slow.iter().map(fill_mailbox).collect();
    let begun = tokio::time::Instant::now();
    let time = Duration::from_secs(3);
    assert_eq!(group.broadcast_within("x", work(1), time).await, 0);
    assert_eq!(begun.elapsed().as_secs(), 3, "not three for each");
    drop(full);
    for worker in slow {
        assert_eq!(worker.done().await.unwrap(), [0u32; 0], "it was withdrawn");
    }
}

#[ambit::test]
async fn a_patient_broadcast_that_is_dropped_withdraws_what_waits() {
    let group: Group<Worker> = Group::new();
    let [slow, quick] = workers(2).await.try_into().unwrap();
    group.join_all("x", [&slow, &quick]).unwrap();
    let full = fill_mailbox(&slow);
    let time = Duration::from_secs(5);
    let broadcast = group.broadcast_within("x", work(1), time);
    assert!(
        tokio::time::timeout(Duration::from_secs(1), broadcast)
            .await
            .is_err()
    );
    drop(full);
    assert_eq!(slow.done().await.unwrap(), [0u32; 0]);
    assert_eq!(quick.done().await.unwrap(), [1]);
}

#[ambit::test]
async fn a_member_that_ends_while_a_broadcast_waits_is_not_counted() {
    let group: Group<Worker> = Group::new();
    let [slow, quick] = workers(2).await.try_into().unwrap();
    group.join_all("x", [&slow, &quick]).unwrap();
    let full = fill_mailbox(&slow);
    let sending = group.clone();
    let time = Duration::from_secs(5);
    let sent = tokio::spawn(async move { sending.broadcast_within("x", work(1), time).await });
    settle().await;
    ambit::exit(&slow, ExitReason::Shutdown);
    assert_eq!(sent.await.unwrap(), 1);
    drop(full);
    assert_eq!(slow.work(1).await, Err(CastError::NoProcess));
}

#[ambit::test(flavor = "multi_thread")]
async fn x57_a_join_is_quick_among_ten_thousand_groups() {
    takes_linear_time("joins", 1_000, async |many| {
        let group: Group<u8> = Group::new();
        let members: Vec<_> = (0..10).map(|_| Probe::<u8>::new()).collect();
        let begun = Instant::now();
        for n in 0..many {
            let member = &members[n % members.len()];
            group
                .join(&format!("group {n}"), &member.subject())
                .unwrap();
        }
        group.join("one more", &members[0].subject()).unwrap();
        assert_eq!(group.groups().len(), many + 1);
        drop(members);
        assert!(group.groups().is_empty());
        begun.elapsed()
    })
    .await;
}

#[ambit::test(flavor = "multi_thread")]
async fn ten_thousand_members_join_hear_and_end() {
    takes_linear_time("members", 1_000, async |many| {
        let group: Group<u8> = Group::new();
        let begun = Instant::now();
        let body = |mut inbox: Inbox<u8>| async move { while inbox.recv().await.is_some() {} };
        let members: Vec<_> = (0..many).map(|_| ambit::spawn(body)).collect();
        for member in &members {
            group.join("all", member).unwrap();
        }
        assert_eq!(group.broadcast("all", 1), many);
        assert_eq!(group.members("all"), members);
        for member in &members {
            member.stop().await.unwrap();
        }
        assert!(group.groups().is_empty());
        begun.elapsed()
    })
    .await;
}

#[ambit::test]
async fn a_named_scope_exists_while_it_is_used(inbox: Inbox<u8>) {
    let scope = || Group::<u8>::scope("chat");
    scope().join("lobby", &inbox.subject()).unwrap();
    assert_eq!(scope().members("lobby"), [inbox.subject()]);
    scope().leave("lobby", &inbox.subject()).unwrap();
    assert!(scope().groups().is_empty());
    // It stays stopped, even though no handle exists.
    scope().stop();
    let refused = scope().join("lobby", &inbox.subject());
    assert_eq!(refused, Err(JoinError::Stopped));
    scope().start();
    scope().join("lobby", &inbox.subject()).unwrap();
    let watcher = Probe::new();
    let (members, monitor) = scope().monitor("lobby", watcher.recipient());
    assert_eq!(members, [inbox.subject()]);
    assert!(monitor.demonitor());
}
