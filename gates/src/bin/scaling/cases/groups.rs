//! Groups: members, monitors, broadcasts.

use ambit::group::{Group, GroupEvent};
use ambit::prelude::*;

use super::{Order, SECOND, end, idle, turns};
use crate::case::{Case, case};
use crate::run::Run;

const EACH: &str = "each member gets the message, or is in the answer";

#[rustfmt::skip] // a table: one line per case
pub(super) fn all() -> Vec<Case> {
    vec![
        case!("groups/join one group", 1_000, ["Group::join"], |run, n| join(run, n, 1)),
        case!("groups/join many groups", 1_000, [], |run, n| join(run, n, n)),
        case!("groups/join all at once", 1_000, ["Group::join_all"], join_all),
        case!("groups/join with one process, many groups", 1_000, [], join_by_one),
        case!("groups/leave in order", 1_000, ["Group::leave"], |run, n| leave(run, n, Order::Forward)),
        case!("groups/leave at random", 1_000, [], |run, n| leave(run, n, Order::Random)),
        case!("groups/leave many groups", 1_000, [], leave_by_one),
        case!("groups/join one group often, and leave", 1_000, [], join_often),
        case!("groups/members end, in order", 1_000, [], |run, n| members_end(run, n, Order::Forward)),
        case!("groups/members end, at random", 1_000, [], |run, n| members_end(run, n, Order::Random)),
        case!("groups/end of a member of many", 1_000, [], end_of_one),
        case!("groups/monitor many groups, and demonitor", 1_000, ["Group::monitor", "GroupMonitor::demonitor", "GroupMonitor::reference"], |run, n| monitor(run, n, n)),
        case!("groups/monitor one group often, and demonitor", 1_000, [], |run, n| monitor(run, n, 1)),
        case!("groups/monitors end", 1_000, [], monitors_end),
        case!("groups/join while monitored", 1_000, ["Group::monitor_scope", "GroupChange::members", "GroupEvent::change"], join_monitored),
        case!("groups/broadcast", 1_000, ["Group::broadcast", "Group::broadcast_within"], broadcast).linear(EACH),
        case!("groups/members", 1_000, ["Group::members", "Group::local_members", "Group::groups"], members).linear(EACH),
    ]
}

fn name(index: usize) -> String {
    format!("group {index}")
}

fn joined(n: usize) -> (Group<()>, Vec<Subject<()>>) {
    let (group, all) = (Group::new(), idle(n));
    for process in &all {
        group.join("all", process).expect("it lives");
    }
    (group, all)
}

async fn join(mut run: Run, n: usize, groups: usize) {
    let (group, all) = (Group::<()>::new(), idle(n));
    run.begin().await;
    for (index, process) in all.iter().enumerate() {
        group
            .join(&name(index % groups), process)
            .expect("it lives");
    }
    run.end().await;
}

async fn join_all(mut run: Run, n: usize) {
    let (group, all) = (Group::<()>::new(), idle(n));
    run.begin().await;
    group.join_all("all", &all).expect("they live");
    run.end().await;
}

fn joined_by_one(n: usize) -> (Group<()>, Subject<()>) {
    let (group, one) = (Group::<()>::new(), idle(1).remove(0));
    for index in 0..n {
        group.join(&name(index), &one).expect("it lives");
    }
    (group, one)
}

async fn join_by_one(mut run: Run, n: usize) {
    run.begin().await;
    let joined = joined_by_one(n);
    run.end().await;
    drop(joined);
}

async fn leave(mut run: Run, n: usize, order: Order) {
    let (group, all) = joined(n);
    run.begin().await;
    for index in order.of(n) {
        group.leave("all", &all[index]).expect("it is a member");
    }
    run.end().await;
}

async fn leave_by_one(mut run: Run, n: usize) {
    let (group, one) = joined_by_one(n);
    run.begin().await;
    for index in Order::Random.of(n) {
        group.leave(&name(index), &one).expect("it is a member");
    }
    run.end().await;
}

async fn join_often(mut run: Run, n: usize) {
    let (group, one) = (Group::<()>::new(), idle(1).remove(0));
    run.begin().await;
    for _ in 0..n {
        group.join("all", &one).expect("it lives");
    }
    for _ in 0..n {
        group.leave("all", &one).expect("it is a member");
    }
    run.end().await;
}

async fn members_end(mut run: Run, n: usize, order: Order) {
    let (group, all) = joined(n);
    turns(2).await;
    run.begin().await;
    for index in order.of(n) {
        end(&all[index]).await;
    }
    run.end().await;
    assert!(group.members("all").is_empty());
}

async fn end_of_one(mut run: Run, n: usize) {
    let (group, one) = joined_by_one(n);
    turns(2).await;
    run.begin().await;
    end(&one).await;
    run.end().await;
    assert!(group.groups().is_empty());
}

/// A server that receives the events of a group.
struct Listening {
    heard: u64,
}

#[gen_server]
impl Listening {
    #[init]
    fn init() -> Self {
        Self { heard: 0 }
    }

    #[call]
    fn heard(&self) -> u64 {
        self.heard
    }

    #[info]
    fn on_event(&mut self, event: GroupEvent<()>) {
        self.heard += event.change().members().len() as u64;
    }
}

async fn listening() -> ListeningSubject {
    Listening::start().await.expect("it starts")
}

async fn monitor(mut run: Run, n: usize, groups: usize) {
    let (group, listening) = (Group::<()>::new(), listening().await);
    run.begin().await;
    let monitor = |index: usize| {
        group
            .monitor(&name(index % groups), listening.recipient())
            .1
    };
    let monitors: Vec<_> = (0..n).map(monitor).collect();
    for index in Order::Random.of(n) {
        let _ = monitors[index].reference();
        assert!(monitors[index].demonitor());
    }
    run.end().await;
}

async fn monitors_end(mut run: Run, n: usize) {
    let group = Group::<()>::new();
    let (mut all, mut monitors) = (Vec::new(), Vec::new());
    for _ in 0..n {
        let listening = listening().await;
        monitors.push(group.monitor("all", listening.recipient()).1);
        all.push(listening);
    }
    run.begin().await;
    for index in Order::Random.of(n) {
        end(&all[index]).await;
    }
    run.end().await;
}

async fn join_monitored(mut run: Run, n: usize) {
    let (group, listening, all) = (Group::<()>::new(), listening().await, idle(n));
    let _one = group.monitor("all", listening.recipient());
    let _scope = group.monitor_scope(listening.recipient());
    run.begin().await;
    for process in &all {
        group.join("all", process).expect("it lives");
        turns(1).await;
    }
    while listening.heard().await.expect("it lives") < 2 * n as u64 {
        turns(1).await;
    }
    run.end().await;
}

async fn broadcast(mut run: Run, n: usize) {
    let (group, _all) = joined(n);
    run.begin().await;
    assert_eq!(group.broadcast("all", ()), n);
    assert_eq!(group.broadcast_within("all", (), SECOND).await, n);
    run.end().await;
}

async fn members(mut run: Run, n: usize) {
    let (group, one) = joined_by_one(n);
    for process in idle(n) {
        group.join(&name(0), &process).expect("it lives");
    }
    run.begin().await;
    assert_eq!(group.members(&name(0)).len(), n + 1);
    assert_eq!(group.local_members(&name(0)).len(), n + 1);
    assert_eq!(group.groups().len(), n);
    run.end().await;
    drop(one);
}
