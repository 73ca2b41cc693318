//! The events that monitors of groups receive.

use std::collections::BTreeMap;

use ambit::group::{Group, GroupEvent};
use ambit::prelude::*;
use ambit::test::{Probe, fill_mailbox, settle};

type Watcher = Probe<GroupEvent<u8>>;

/// Formats the next event as a line: kind, group, members.
async fn line(watcher: &mut Watcher, names: &[(&str, Pid)]) -> String {
    let event = watcher.expect().await;
    let way = match &event {
        GroupEvent::Joined(_) => "joined",
        GroupEvent::Left(_) => "left",
    };
    let change = event.change();
    let pids: Vec<Pid> = change.members().iter().map(|member| member.pid()).collect();
    assert_eq!(pids, change.pids());
    let name = |pid| names.iter().find(|(_, own)| *own == pid).unwrap().0;
    let members = pids.into_iter().map(name);
    format!("{} {way} {}", members.collect::<String>(), change.group())
}

#[ambit::test]
async fn a_monitor_sees_every_change_of_its_group_in_order() {
    let group: Group<u8> = Group::new();
    let (a, b) = (Probe::<u8>::new(), Probe::<u8>::new());
    let names = [("a", a.pid()), ("b", b.pid())];
    let mut watcher = Watcher::new();
    group.join("x", &a.subject()).unwrap();
    let (members, monitor) = group.monitor("x", watcher.recipient());
    assert_eq!(members, [a.subject()]);
    group.join("y", &a.subject()).unwrap();
    group.join_all("x", [b.subject(), a.subject()]).unwrap();
    group.leave("x", &a.subject()).unwrap();
    group.leave("x", &a.subject()).unwrap();
    group.leave("x", &a.subject()).unwrap_err();
    drop(a);
    drop(b);
    for expected in ["ba joined x", "a left x", "a left x", "b left x"] {
        assert_eq!(line(&mut watcher, &names).await, expected);
    }
    watcher
        .refute_within(std::time::Duration::from_secs(1))
        .await;
    assert!(monitor.demonitor());
}

#[ambit::test]
async fn pg_15_a_monitor_of_a_scope_sees_all_groups_by_name() {
    let group: Group<u8> = Group::new();
    let (a, b) = (Probe::<u8>::new(), Probe::<u8>::new());
    let names = [("a", a.pid()), ("b", b.pid())];
    let mut watcher = Watcher::new();
    group.join_all("one", [a.subject(), b.subject()]).unwrap();
    group.join("two", &a.subject()).unwrap();
    let (all, monitor) = group.monitor_scope(watcher.recipient());
    let expected = [
        ("one".to_owned(), vec![a.subject(), b.subject()]),
        ("two".to_owned(), vec![a.subject()]),
    ];
    assert_eq!(all, BTreeMap::from(expected));
    group.join("three", &b.subject()).unwrap();
    group.leave("two", &a.subject()).unwrap();
    ambit::exit(a.subject(), ExitReason::Shutdown);
    drop(a);
    group.stop();
    for expected in [
        "b joined three",
        "a left two",
        "a left one",
        "b left one",
        "b left three",
    ] {
        assert_eq!(line(&mut watcher, &names).await, expected);
    }
    drop(monitor);
    group.start();
    group.join("four", &b.subject()).unwrap();
    assert_eq!(line(&mut watcher, &names).await, "b joined four");
}

#[ambit::test]
async fn pg_16_demonitor_returns_true_once_and_ends_the_events() {
    let group: Group<u8> = Group::new();
    let member = Probe::<u8>::new();
    let mut watcher = Watcher::new();
    let (_, monitor) = group.monitor("x", watcher.recipient());
    let (_, scope) = group.monitor_scope(watcher.recipient());
    group.join("x", &member.subject()).unwrap();
    let first = [watcher.expect().await, watcher.expect().await];
    assert_eq!(first[0].change().monitor(), monitor.reference());
    assert_eq!(first[1].change().monitor(), scope.reference());
    assert!(monitor.clone().demonitor());
    assert!(!monitor.demonitor());
    group.leave("x", &member.subject()).unwrap();
    assert_eq!(watcher.expect().await.change().monitor(), scope.reference());
    assert!(scope.demonitor());
    assert!(!scope.demonitor());
    group.join("x", &member.subject()).unwrap();
    settle().await;
    watcher
        .refute_within(std::time::Duration::from_secs(1))
        .await;
}

#[ambit::test]
async fn pg_17_a_watcher_may_end_and_may_be_a_member() {
    let group: Group<GroupEvent<u8>> = Group::new();
    let own: Group<u8> = Group::new();
    let mut watcher = Probe::<GroupEvent<GroupEvent<u8>>>::new();
    let member = Watcher::new();
    let (_, of_member) = own.monitor("x", member.recipient());
    let (_, of_watcher) = group.monitor("x", watcher.recipient());
    group.join("x", &member.subject()).unwrap();
    assert_eq!(
        watcher.expect().await.change().members(),
        [member.subject()]
    );
    drop(member);
    assert!(matches!(watcher.expect().await, GroupEvent::Left(_)));
    assert!(!of_member.demonitor(), "it ended with its watcher");
    drop(watcher);
    assert!(!of_watcher.demonitor());
    let next = Probe::<u8>::new();
    own.join("x", &next.subject()).unwrap();
    assert_eq!(own.members("x"), [next.subject()], "the scope goes on");
}

/// A server that is a member of the group it monitors.
struct Selfish {
    seen: Vec<usize>,
}

#[gen_server]
impl Selfish {
    #[init]
    fn new() -> Self {
        Self { seen: Vec::new() }
    }
    #[info]
    fn on_change(&mut self, event: GroupEvent<Self>) {
        self.seen.push(event.change().pids().len());
    }
    #[call]
    fn seen(&self) -> Vec<usize> {
        self.seen.clone()
    }
}

#[ambit::test]
async fn pg_17_a_process_that_monitors_its_own_group_is_notified_of_itself() {
    let group: Group<Selfish> = Group::new();
    let own = Selfish::start().await.unwrap();
    group.monitor("x", own.recipient());
    group.join_all("x", [&own, &own]).unwrap();
    group.leave("x", &own).unwrap();
    assert_eq!(own.seen().await.unwrap(), [2, 1]);
    own.stop().await.unwrap();
    assert!(group.groups().is_empty());
}

#[ambit::test]
async fn x58_each_monitor_of_one_process_has_its_own_event() {
    let group: Group<u8> = Group::new();
    let member = Probe::<u8>::new();
    let mut watcher = Watcher::new();
    let mut expected = Vec::new();
    for _ in 0..3 {
        let (_, monitor) = group.monitor("x", watcher.recipient());
        expected.push(monitor.reference());
    }
    group.join("x", &member.subject()).unwrap();
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(watcher.expect().await.change().monitor());
    }
    seen.sort();
    assert_eq!(seen, expected);
    watcher
        .refute_within(std::time::Duration::from_secs(1))
        .await;
}

#[ambit::test]
async fn events_need_no_capacity() {
    let group: Group<u8> = Group::new();
    let member = Probe::<u8>::new();
    let mut watcher = Watcher::new();
    let full = fill_mailbox(watcher.subject());
    group.monitor("x", watcher.recipient());
    for _ in 0..2000 {
        group.join("x", &member.subject()).unwrap();
    }
    for _ in 0..2000 {
        watcher.expect().await;
    }
    drop(full);
}

#[ambit::test]
async fn the_monitor_of_a_stopped_watcher_has_ended() {
    let group: Group<u8> = Group::new();
    let member = Probe::<u8>::new();
    group.join("x", &member.subject()).unwrap();
    let watcher = Watcher::new();
    let recipient = watcher.recipient();
    drop(watcher);
    let (members, monitor) = group.monitor("x", recipient);
    assert_eq!(members, [member.subject()]);
    assert!(!monitor.demonitor());
}

#[ambit::test]
async fn events_arrive_before_the_down_of_the_member() {
    let group: Group<u8> = Group::new();
    let mut watcher = Watcher::new();
    for _ in 0..50 {
        let member = ambit::spawn(|mut inbox: Inbox<u8>| async move {
            inbox.recv().await;
        });
        let (_, monitor) = group.monitor("x", watcher.recipient());
        group.join("x", &member).unwrap();
        watcher.monitor(&member);
        member.send(1).await.unwrap();
        assert!(matches!(watcher.expect().await, GroupEvent::Joined(_)));
        assert!(matches!(watcher.expect().await, GroupEvent::Left(_)));
        watcher.expect_down().await;
        assert!(monitor.demonitor());
    }
}
