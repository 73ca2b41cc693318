//! The children that are restarted together.

use ambit::prelude::*;
use ambit::supervisor::{ChildState, SupervisorBuilder};
use ambit::test::settle;

use crate::supervision::support::*;

const GROUPS: [Strategy; 2] = [Strategy::OneForAll, Strategy::RestForOne];

fn of(strategy: Strategy, roles: &[Role]) -> SupervisorBuilder {
    let builder = Supervisor::builder().strategy(strategy);
    let roles = roles.iter();
    roles.fold(builder, |builder, role| builder.child(role.spec()))
}

/// Returns the children a, b, c and d.
fn four_roles(log: &Log) -> [Role; 4] {
    ["a", "b", "c", "d"].map(|id| Role::new(id, log))
}

fn four(strategy: Strategy, log: &Log) -> SupervisorBuilder {
    of(strategy, &four_roles(log))
}

async fn pids(supervisor: &Supervisor) -> Vec<Pid> {
    let states = states(supervisor).await.into_iter();
    states.map(|(_, state)| running(Some(state))).collect()
}

#[ambit::test]
async fn sup_16_one_for_one_replaces_the_one_that_crashed() {
    let log = Log::new();
    let supervisor = four(Strategy::OneForOne, &log).start().await.unwrap();
    let before = pids(&supervisor).await;
    for id in ["a", "b", "c", "d"] {
        assert_eq!(part(id).add(5).await, Ok(5));
    }
    log.take();
    crash("b").await;
    assert_eq!(log.take(), ["-b: panic", "+b"]);
    let after = pids(&supervisor).await;
    for (n, id) in ["a", "b", "c", "d"].into_iter().enumerate() {
        let is_new = id == "b";
        assert_eq!(before[n] != after[n], is_new, "{id}");
        assert_eq!(part(id).add(1).await, Ok(if is_new { 1 } else { 6 }));
    }
}

#[ambit::test]
async fn sup_17_one_for_all_stops_the_others_in_reverse_and_starts_all() {
    let log = Log::new();
    let supervisor = four(Strategy::OneForAll, &log).start().await.unwrap();
    let before = pids(&supervisor).await;
    log.take();
    crash("b").await;
    let stops = ["-b: panic", "-d: shutdown", "-c: shutdown", "-a: shutdown"];
    assert_eq!(log.take(), [&stops[..], &["+a", "+b", "+c", "+d"]].concat());
    let after = pids(&supervisor).await;
    assert!(after.iter().all(|pid| !before.contains(pid)), "{after:?}");
}

#[ambit::test]
async fn sup_18_rest_for_one_takes_along_the_later_ones_only() {
    let log = Log::new();
    let supervisor = four(Strategy::RestForOne, &log).start().await.unwrap();
    let before = pids(&supervisor).await;
    log.take();
    crash("c").await;
    let all = ["-c: panic", "-d: shutdown", "+c", "+d"];
    assert_eq!(log.take(), all);
    let after = pids(&supervisor).await;
    assert_eq!(after[..2], before[..2]);
    assert!(after[2] != before[2] && after[3] != before[3]);
    crash("a").await;
    let stops = ["-a: panic", "-d: shutdown", "-c: shutdown", "-b: shutdown"];
    assert_eq!(log.take(), [&stops[..], &["+a", "+b", "+c", "+d"]].concat());
    crash("d").await;
    assert_eq!(log.take(), ["-d: panic", "+d"]);
}

#[ambit::test]
async fn sup_28_temporary_siblings_go_with_the_group_and_do_not_come_back() {
    for strategy in GROUPS {
        let log = Log::new();
        let temporary = |id| Role::new(id, &log).spec().restart(Restart::Temporary);
        let supervisor = Supervisor::builder()
            .strategy(strategy)
            .child(temporary("before"))
            .child(Role::new("a", &log).spec())
            .child(temporary("after"))
            .child(Role::new("b", &log).spec())
            .start()
            .await
            .unwrap();
        log.take();
        crash("a").await;
        let mut all = vec!["-a: panic", "-b: shutdown", "-after: shutdown"];
        let mut left = vec!["a", "b"];
        if strategy == Strategy::OneForAll {
            all.push("-before: shutdown");
        } else {
            left.insert(0, "before");
        }
        all.extend(["+a", "+b"]);
        assert_eq!(log.take(), all, "{strategy:?}");
        let ids: Vec<_> = states(&supervisor)
            .await
            .into_iter()
            .map(|one| one.0)
            .collect();
        assert_eq!(ids, left, "{strategy:?}");
        supervisor.start_child(temporary("after")).await.unwrap();
        supervisor.stop().await.unwrap();
    }
}

#[ambit::test]
async fn sup_29_a_group_restart_starts_those_that_were_stopped_or_done() {
    for strategy in GROUPS {
        let log = Log::new();
        let done = Role::new("done", &log).spec();
        let supervisor = Supervisor::builder()
            .strategy(strategy)
            .child(Role::new("first", &log).spec())
            .child(Role::new("a", &log).spec())
            .child(Role::new("stopped", &log).spec())
            .child(done.restart(Restart::Transient))
            .start()
            .await
            .unwrap();
        supervisor.terminate_child("first").await.unwrap();
        supervisor.terminate_child("stopped").await.unwrap();
        end(&part("done"), End::Normal).await;
        log.take();
        crash("a").await;
        let expected = match strategy {
            Strategy::OneForAll => &["-a: panic", "+first", "+a", "+stopped", "+done"][..],
            _ => &["-a: panic", "+a", "+stopped", "+done"],
        };
        assert_eq!(log.take(), expected, "{strategy:?}");
        let first = state(&supervisor, "first").await;
        let is_up = first != Some(ChildState::Stopped);
        assert_eq!(is_up, strategy == Strategy::OneForAll);
        supervisor.stop().await.unwrap();
    }
}

/// A group restart counts once, regardless of its size, and of further members that crashed.
#[ambit::test]
async fn the_restart_of_a_group_counts_once() {
    for strategy in GROUPS {
        let log = Log::new();
        let builder = four(strategy, &log).restarts(2, 5 * SECOND);
        let supervisor = builder.start().await.unwrap();
        crash("a").await;
        log.take();
        for id in ["a", "c", "d"] {
            part(id).crash().await.unwrap();
        }
        settle().await;
        let starts = log.take().into_iter().filter(|line| line.starts_with('+'));
        assert!(starts.eq(["+a", "+b", "+c", "+d"]), "{strategy:?}");
        assert_eq!(pids(&supervisor).await.len(), 4);
        crash("a").await;
        assert!(!supervisor.is_alive(), "{strategy:?}: the third");
    }
    // With `OneForOne`, each crash counts.
    let log = Log::new();
    let builder = four(Strategy::OneForOne, &log).restarts(2, 5 * SECOND);
    let supervisor = builder.start().await.unwrap();
    for id in ["a", "b", "c"] {
        part(id).crash().await.unwrap();
    }
    assert!(gave_up(&supervisor.closed().await));
}

/// A sibling that ends by itself during the stop of its group does not count.
#[ambit::test]
async fn a_sibling_that_dies_while_its_group_is_stopped_counts_for_nothing() {
    let log = Log::new();
    let slow = Role::new("c", &log).ending_after(SECOND);
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .restarts(1, 5 * SECOND)
        .child(Role::new("a", &log).spec())
        .child(Role::new("b", &log).spec())
        .child(slow.spec())
        .start()
        .await
        .unwrap();
    log.take();
    crash("a").await;
    assert_eq!(log.take(), ["-a: panic"], "c takes its time");
    crash("b").await;
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(log.take(), ["-b: panic", "-c: shutdown", "+a", "+b", "+c"]);
    assert!(supervisor.is_alive());
    assert_eq!(pids(&supervisor).await.len(), 3);
}

#[ambit::test]
async fn rest_for_one_tries_again_from_the_child_that_failed() {
    let log = Log::new();
    let roles = four_roles(&log);
    let c = &roles[2];
    let supervisor = of(Strategy::RestForOne, &roles).restarts(3, 5 * SECOND);
    let supervisor = supervisor.start().await.unwrap();
    log.take();
    c.next(&[How::Fails, How::Panics]);
    c.tries();
    crash("b").await;
    let stops = ["-b: panic", "-d: shutdown", "-c: shutdown"];
    // b is kept, d is started once.
    assert_eq!(log.take(), [&stops[..], &["+b", "+c", "+d"]].concat());
    assert_eq!(c.tries(), 3);
    assert_eq!(pids(&supervisor).await.len(), 4);
    crash("a").await;
    assert!(!supervisor.is_alive(), "each try counted");
}

#[ambit::test]
async fn one_for_all_tries_again_with_all_of_them() {
    let log = Log::new();
    let roles = four_roles(&log);
    let c = &roles[2];
    let supervisor = of(Strategy::OneForAll, &roles).restarts(2, 5 * SECOND);
    let supervisor = supervisor.start().await.unwrap();
    log.take();
    c.next(&[How::Fails]);
    crash("d").await;
    let stops = ["-d: panic", "-c: shutdown", "-b: shutdown", "-a: shutdown"];
    let first = ["+a", "+b", "-b: shutdown", "-a: shutdown"];
    let second = ["+a", "+b", "+c", "+d"];
    assert_eq!(log.take(), [stops, first, second].concat());
    crash("d").await;
    assert!(!supervisor.is_alive(), "each try counted");
}
