//! Moves of placed servers, in memory and on a paused clock.

use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::DynamicSupervisor;
use ambit_dist::{PlaceError, PlacedServers, Placement};
use tokio::time::Instant;

use super::support::{all_on, alone, exposing, nodes, start, strict, three};
use crate::distribution::support::Net;
use crate::membership::support::complete;
use crate::names::support::{cut, until};

#[tokio::test(start_paused = true)]
async fn concurrent_starts_are_spread_over_the_members() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    start(&supervisor, &lots, ["1", "2", "3", "4", "5", "6"]).await;
    let mut all: Vec<_> = nodes(&lots).split(' ').map(str::to_owned).collect();
    all.sort();
    assert_eq!(all, ["a", "a", "b", "b", "c", "c"]);
    for id in ["1", "2", "3", "4", "5", "6"] {
        assert_eq!(lots.via(id).bid().await.unwrap(), 11);
    }
}

#[tokio::test(start_paused = true)]
async fn servers_of_a_lost_member_move_and_no_restart_is_counted() {
    let net = Net::new();
    let ([a, b, c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    start(&supervisor, &lots, ["1", "2", "3", "4", "5", "6"]).await;
    let kept: Vec<_> = lots.placed().into_iter().collect();
    cut(&net, &[&c], &[&a, &b]);
    let c_is_empty = || kept.len() == 6 && !nodes(&lots).contains(['c', '-']);
    until("the servers of c have moved", c_is_empty).await;
    for (id, before) in kept {
        let after = lots.node_of(&id);
        let moved = before.as_ref() == Some(c.name());
        assert_eq!(after != before, moved, "{id}: {before:?}, then {after:?}");
        assert_eq!(lots.via(id).bid().await.unwrap(), 11);
    }
    assert_eq!(supervisor.count_children().await.unwrap().active, 6);
    assert!(supervisor.is_alive());
}

#[tokio::test(start_paused = true)]
async fn the_servers_on_the_side_without_their_supervisor_end() {
    let net = Net::new();
    let ([a, b, c], [_, on_c]) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("c")).await;
    start(&supervisor, &lots, ["1"]).await;
    let server = lots.whereis("1").unwrap();
    let before = on_c.process_count();
    cut(&net, &[&c], &[&a, &b]);
    until("the server on c ends", || on_c.process_count() < before).await;
    assert_eq!(server.closed().await, ExitReason::NoConnection);
    until("it has no member", || nodes(&lots) == "-").await;
}

#[tokio::test(start_paused = true)]
async fn a_node_that_leaves_takes_over_no_server() {
    let net = Net::new();
    let ([a, _b, _c], [on_b, on_c]) = three(&net).await;
    let others = || on_b.process_count() + on_c.process_count();
    let none = others();
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    start(&supervisor, &lots, ["1", "2", "3", "4", "5", "6"]).await;
    let expected = nodes(&lots).replace(['b', 'c'], "-");
    // A server that is lost directly after its start is placed again only later.
    tokio::time::sleep(Duration::from_secs(1)).await;
    a.leave().await;
    until("the servers on the others end", || others() == none).await;
    tokio::time::sleep(Duration::from_secs(10)).await;
    assert_eq!(nodes(&lots), expected);
    assert_eq!(supervisor.count_children().await.unwrap().active, 6);
    let refused = supervisor.start_child(lots.child_spec("7", (10,))).await;
    let Err(ChildError::Start(StartError::Init(ExitReason::Error(report)))) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(report.downcast_ref(), Some(&PlaceError::Left));
}

#[tokio::test(start_paused = true)]
async fn a_pinned_server_waits_for_its_member() {
    let net = Net::new();
    let ([a, b, c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("c")).await;
    start(&supervisor, &lots, ["1"]).await;
    assert_eq!(lots.via("1").bid().await.unwrap(), 11);
    c.leave().await;
    drop(c);
    until("it has no member", || nodes(&lots) == "-").await;
    assert!(
        lots.via("1")
            .bid()
            .timeout(Duration::from_secs(1))
            .await
            .is_err()
    );
    let c = exposing(alone(&net, "c")).await;
    complete(&[&a, &b, &c]).await;
    all_on(&lots, "c").await;
    assert_eq!(lots.via("1").bid().await.unwrap(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_waits_for_its_member_can_be_terminated() {
    let net = Net::new();
    let ([a, _b, c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("c")).await;
    let child = supervisor.start_child(lots.child_spec("1", (10,)));
    let child = child.await.unwrap();
    c.leave().await;
    until("it has no member", || nodes(&lots) == "-").await;
    supervisor.terminate_child(child.pid()).await.unwrap();
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_ends_as_if_its_node_was_lost_is_not_started_in_a_loop() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    start(&supervisor, &lots, ["1"]).await;
    let begun = Instant::now();
    let mut starts = 0;
    while begun.elapsed() < Duration::from_secs(5) {
        if let Some(server) = lots.whereis("1") {
            starts += 1;
            ambit::exit(&server, ExitReason::NoConnection);
            server.closed().await;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!((10..=21).contains(&starts), "{starts} starts");
    until("it runs", || lots.whereis("1").is_some()).await;
    assert_eq!(lots.via("1").bid().await.unwrap(), 11);
}

#[tokio::test(start_paused = true)]
async fn a_crash_of_a_server_counts_as_a_restart() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let supervisor = DynamicSupervisor::builder().restarts(1, Duration::from_secs(60));
    let supervisor = supervisor.start().await.unwrap();
    let lots = PlacedServers::new(&a, Placement::pinned("b"));
    start(&supervisor, &lots, ["1"]).await;
    let first = lots.whereis("1").unwrap();
    assert_eq!(first.bid().await.unwrap(), 11);
    first.crash().await.unwrap();
    first.closed().await;
    all_on(&lots, "b").await;
    let second = lots.whereis("1").unwrap();
    assert_ne!(first.pid(), second.pid());
    assert_eq!(second.bid().await.unwrap(), 11);
    second.crash().await.unwrap();
    let reason = supervisor.closed().await;
    assert!(reason.to_string().contains("as the test asks"), "{reason}");
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_transient_server_that_ends_normally_is_gone() {
    let net = Net::new();
    let ([a, _b, _c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("b")).await;
    let spec = lots.child_spec("1", (10,)).restart(Restart::Transient);
    supervisor.start_child(spec).await.unwrap();
    lots.via("1").close().await.unwrap();
    until("the id is free", || lots.placed().is_empty()).await;
    start(&supervisor, &lots, ["1"]).await;
    assert_eq!(nodes(&lots), "b");
}

#[tokio::test(start_paused = true)]
async fn a_terminated_child_has_ended_on_its_member() {
    let net = Net::new();
    let ([a, _b, _c], [on_b, _]) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("b")).await;
    let before = on_b.process_count();
    let child = supervisor.start_child(lots.child_spec("1", (10,)));
    let child = child.await.unwrap();
    assert_eq!(on_b.process_count(), before + 1);
    supervisor.terminate_child(child.pid()).await.unwrap();
    assert_eq!(on_b.process_count(), before);
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_supervisor_ends_its_servers_everywhere() {
    let net = Net::new();
    let ([a, _b, _c], [on_b, on_c]) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::least_loaded()).await;
    let processes = || on_b.process_count() + on_c.process_count();
    let before = processes();
    start(&supervisor, &lots, ["1", "2", "3"]).await;
    assert_eq!(processes(), before + 2);
    supervisor.stop().await.unwrap();
    until("all servers have ended", || processes() == before).await;
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_killed_child_leaves_no_server_behind() {
    let net = Net::new();
    let ([a, _b, _c], [on_b, _]) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("b")).await;
    let before = on_b.process_count();
    let spec = lots.child_spec("1", (10,)).restart(Restart::Temporary);
    let child = supervisor.start_child(spec).await.unwrap();
    ambit::exit(&child, ExitReason::Kill);
    child.closed().await;
    until("the server has ended", || on_b.process_count() == before).await;
    assert_eq!(lots.placed(), []);
}

#[tokio::test(start_paused = true)]
async fn a_handle_with_when_available_waits_for_the_move() {
    let net = Net::new();
    let ([a, _b, c], _) = three(&net).await;
    let (supervisor, lots) = strict(&a, Placement::pinned("c")).await;
    let early = lots.via("1").when_available();
    let early = tokio::spawn(async move { early.bid().no_timeout().await });
    start(&supervisor, &lots, ["1"]).await;
    assert_eq!(early.await.unwrap(), Ok(11));
    c.leave().await;
    drop(c);
    until("it has no member", || nodes(&lots) == "-").await;
    let waiting = lots.via("1").when_available();
    let waiting = tokio::spawn(async move { waiting.bid().no_timeout().await });
    tokio::task::yield_now().await;
    let _c = exposing(alone(&net, "c")).await;
    assert_eq!(waiting.await.unwrap(), Ok(11));
}

#[ambit::test]
async fn a_crash_of_a_placed_server_is_reported_once() {
    let net = Net::new();
    let a = exposing(net.builder("a")).await;
    let lots = PlacedServers::new(&a, Placement::least_loaded());
    let supervisor = DynamicSupervisor::builder().start().await.unwrap();
    start(&supervisor, &lots, ["1"]).await;
    let server = lots.whereis("1").unwrap();
    // The test fails if another process is reported.
    ambit::test::crash(&server).await;
    assert_eq!(lots.via("1").when_available().bid().await.unwrap(), 11);
}
