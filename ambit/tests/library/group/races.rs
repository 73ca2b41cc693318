//! Joins, leaves and exits at the same time, on several threads.

use ambit::group::{Group, GroupEvent};
use ambit::prelude::*;
use ambit::test::Probe;

fn member() -> Subject<u8> {
    ambit::spawn(|mut inbox: Inbox<u8>| async move {
        inbox.recv().await;
    })
}

#[ambit::test(flavor = "multi_thread")]
async fn pg_06_a_leave_and_an_exit_at_once_leave_no_ghost() {
    let group: Group<u8> = Group::new();
    let mut watcher = Probe::<GroupEvent<u8>>::new();
    group.monitor("race", watcher.recipient());
    for round in 0..500 {
        let member = member();
        group.join("race", &member).unwrap();
        let (leaver, leaving) = (member.clone(), group.clone());
        let left = tokio::spawn(async move { leaving.leave("race", &leaver).is_ok() });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        ambit::exit(&member, ExitReason::Shutdown);
        member.closed().await;
        assert!(group.members("race").is_empty(), "a ghost in round {round}");
        left.await.unwrap();
        assert!(matches!(watcher.expect().await, GroupEvent::Joined(_)));
        assert!(matches!(watcher.expect().await, GroupEvent::Left(_)));
    }
    assert!(group.groups().is_empty());
}

#[ambit::test(flavor = "multi_thread")]
async fn a_join_and_an_exit_at_once_leave_no_ghost() {
    let group: Group<u8> = Group::new();
    for round in 0..500 {
        let member = member();
        let (joiner, joining) = (member.clone(), group.clone());
        let joined = tokio::spawn(async move { joining.join("race", &joiner) });
        if round % 2 == 0 {
            tokio::task::yield_now().await;
        }
        ambit::exit(&member, ExitReason::Shutdown);
        joined.await.unwrap().unwrap();
        member.closed().await;
        assert!(group.groups().is_empty(), "a ghost in round {round}");
    }
}

/// Three tasks join, leave and kill; a monitor still knows the exact members.
#[ambit::test(flavor = "multi_thread")]
async fn snapshot_and_events_are_the_members() {
    let group: Group<u8> = Group::new();
    let mut watcher = Probe::<GroupEvent<u8>>::new();
    let mut seen = Vec::new();
    for round in 0..20 {
        let before = member();
        group.join("x", &before).unwrap();
        let tasks: Vec<_> = (0..3)
            .map(|_| tokio::spawn(shuffle(group.clone())))
            .collect();
        let (snapshot, monitor) = group.monitor("x", watcher.recipient());
        seen.clear();
        seen.extend(snapshot.iter().map(|member| member.pid()));
        let mut kept = Vec::new();
        for task in tasks {
            kept.extend(task.await.unwrap());
        }
        let last = member();
        group.join("x", &last).unwrap();
        while !seen.contains(&last.pid()) {
            apply(&mut seen, &watcher.expect().await);
        }
        assert!(monitor.demonitor());
        let members: Vec<Pid> = group
            .members("x")
            .iter()
            .map(|member| member.pid())
            .collect();
        assert_eq!(seen, members, "round {round}");
        assert!(members.contains(&before.pid()));
        for member in kept.into_iter().chain([before, last]) {
            member.stop().await.unwrap();
        }
        assert!(group.groups().is_empty());
    }
}

fn apply(seen: &mut Vec<Pid>, event: &GroupEvent<u8>) {
    for pid in event.change().pids().iter().copied() {
        match event {
            GroupEvent::Joined(_) => seen.push(pid),
            GroupEvent::Left(_) => {
                let newest = seen.iter().rposition(|own| *own == pid);
                seen.remove(newest.expect("who leaves has joined"));
            }
        }
    }
}

/// Returns the members that have not left.
async fn shuffle(group: Group<u8>) -> Vec<Subject<u8>> {
    let mut kept = Vec::new();
    for n in 0..40 {
        let member = member();
        group.join("x", &member).unwrap();
        if n % 3 == 0 {
            group.join("x", &member).unwrap();
            group.leave("x", &member).unwrap();
        }
        match n % 4 {
            0 => ambit::exit(&member, ExitReason::Shutdown),
            1 => group.leave("x", &member).unwrap(),
            _ => {}
        }
        if n % 4 == 0 {
            member.closed().await;
        } else {
            kept.push(member);
        }
    }
    kept
}

#[ambit::test(flavor = "multi_thread")]
async fn no_event_arrives_after_demonitor_has_returned() {
    let (group, marks) = (Group::<u8>::new(), Group::<u8>::new());
    let own = Probe::<u8>::new();
    for round in 0..300 {
        let mut watcher = Probe::<GroupEvent<u8>>::new();
        let (_, monitor) = group.monitor("x", watcher.recipient());
        marks.monitor("mark", watcher.recipient());
        let (joining, subject) = (group.clone(), own.subject());
        let changes = tokio::spawn(async move {
            for _ in 0..5 {
                joining.join("x", &subject).unwrap();
                joining.leave("x", &subject).unwrap();
            }
        });
        if round % 2 == 0 {
            // In the middle of the changes, or after them.
            assert_eq!(watcher.expect().await.change().group(), "x");
        }
        assert!(monitor.demonitor());
        marks.join("mark", &own.subject()).unwrap();
        changes.await.unwrap();
        marks.leave("mark", &own.subject()).unwrap();
        while watcher.expect().await.change().group() == "x" {}
        let next = watcher.expect().await;
        assert_eq!(next.change().group(), "mark", "round {round}");
    }
}
