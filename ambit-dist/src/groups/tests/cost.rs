//! A broadcast costs as much as its members, and a join or a leave does not depend on them. A monitor of a group does
//! not depend on the other groups.

use std::sync::atomic::Ordering;

use ambit::test::Probe;

use crate::Node;
use crate::groups::event::ClusterGroupEvent;
use crate::transport::Memory;

/// The visited memberships of a join and a leave, and of a broadcast, in a group of this many members.
async fn visits(members: usize) -> (u64, u64) {
    let transport = Memory::new().bind(([10, 0, 0, 1], 9_000).into()).unwrap();
    let node = Node::builder("a").transport(transport).start().await;
    let node = node.unwrap();
    let (groups, mut probe) = (node.groups(), Probe::<u32>::new());
    for _ in 0..members {
        groups.join("jobs", &probe.subject()).unwrap();
    }
    let count = || groups.groups.index.visits.load(Ordering::Relaxed);
    let before = count();
    groups.join("jobs", &probe.subject()).unwrap();
    groups.leave("jobs", &probe.subject()).unwrap();
    let between = count();
    assert_eq!(groups.broadcast::<u32>("jobs", 1), members);
    let after = count();
    for _ in 0..members {
        assert_eq!(probe.expect().await, 1);
    }
    assert_eq!(groups.groups.local.processes(), 1);
    drop(probe);
    while !groups.names().is_empty() {
        crate::rt::sleep(std::time::Duration::from_millis(1)).await;
    }
    assert_eq!(groups.groups.local.processes(), 0);
    (between - before, after - between)
}

#[ambit::test]
async fn a_broadcast_visits_its_members_and_a_join_as_many_among_four_times_as_many() {
    let (few, many) = (visits(100).await, visits(400).await);
    assert_eq!(few.0, 2);
    assert_eq!(many.0, few.0);
    assert_eq!((few.1, many.1), (100, 400));
}

/// The groups that a monitor of one group visits, among this many.
async fn visits_of_a_monitor(groups_of_scope: usize) -> u64 {
    let transport = Memory::new().bind(([10, 0, 0, 1], 9_000).into()).unwrap();
    let node = Node::builder("a").transport(transport).start().await;
    let node = node.unwrap();
    let (groups, probe) = (node.groups(), Probe::<u32>::new());
    for number in 0..groups_of_scope {
        groups.join(&number.to_string(), &probe.subject()).unwrap();
    }
    let events = Probe::<ClusterGroupEvent<u32>>::new();
    let count = || groups.groups.index.visits.load(Ordering::Relaxed);
    let before = count();
    let (members, _monitor) = groups.monitor::<u32>("7", events.recipient());
    assert_eq!(members, [probe.subject()]);
    count() - before
}

#[ambit::test]
async fn a_monitor_of_one_group_visits_no_other() {
    assert_eq!(visits_of_a_monitor(100).await, 1);
    assert_eq!(visits_of_a_monitor(400).await, 1);
}
