//! Starts, failovers and takeovers, in memory and on a paused clock.

use std::time::Duration;

use ambit::prelude::*;
use ambit::process::Process;
use ambit::supervisor::Supervisor;
use ambit_dist::DistributedApplication;
use tokio::sync::oneshot;

use super::support::{Record, billing, nodes, pass, slow_billing, start, supervise};
use crate::distribution::support::Net;
use crate::membership::support::complete;
use crate::names::support::until;

#[tokio::test(start_paused = true)]
async fn x85_nodes_that_start_it_at_once_agree_on_the_first() {
    let (net, record) = (Net::new(), Record::default());
    let nodes = nodes(&net, ["c", "a", "b"]).await;
    let mut supervisors = Vec::new();
    for node in &nodes {
        let application = billing(node, &record).nodes(["a", "b", "c"]);
        supervisors.push(supervise(&application).await);
    }
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines(), ["a: normal"]);
    for node in &nodes {
        let application = billing(node, &record);
        until("all see it", || application.node().is_some()).await;
        assert_eq!(application.running().await.unwrap().as_str(), "a");
    }
}

#[ambit::test]
async fn x85_calls_that_start_it_at_the_same_moment_are_all_ok() {
    let (net, record) = (Net::new(), Record::default());
    let nodes = nodes(&net, ["c", "a", "b"]).await;
    let on = |node| billing(node, &record).nodes(["a", "b", "c"]);
    let starts = nodes.each_ref().map(on);
    let [c, a, b] = starts.each_ref();
    let (c, a, b) = tokio::join!(start(c), start(a), start(b));
    let controllers = [c, a, b].map(Result::unwrap);
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines(), ["a: normal"]);
    assert!(controllers.iter().all(|controller| controller.is_alive()));
}

#[tokio::test(start_paused = true)]
async fn x85_nodes_that_form_the_cluster_meanwhile_agree_on_the_first() {
    let (net, record) = (Net::new(), Record::default());
    let mut running = Vec::new();
    for name in ["b", "c", "a"] {
        let builder = net.builder(name).seeds([Net::at("a")]);
        let node = builder.start().await.unwrap();
        let application = billing(&node, &record).nodes(["a", "b", "c"]);
        running.push((supervise(&application).await, node));
    }
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines(), ["a: normal"]);
}

#[ambit::test]
async fn an_application_ends_on_a_node_that_leaves() {
    let (net, record) = (Net::new(), Record::default());
    let nodes = nodes(&net, ["a", "b"]).await;
    let mut supervisors = Vec::new();
    for node in &nodes {
        let application = billing(node, &record).nodes(["a", "b"]);
        supervisors.push(supervise(&application).await);
    }
    record.runs_on("a").await;
    nodes[0].leave().await;
    record.runs_on("b").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.running(), ["b"]);
    assert!(record.has("a: end"));
}

#[tokio::test(start_paused = true)]
async fn a_node_that_has_left_sees_no_application_of_another_node() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let on = |node| billing(node, &record).nodes(["a", "b"]);
    let _on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    let there = on(&b);
    assert_eq!(there.running().await.unwrap().as_str(), "a");
    b.leave().await;
    assert_eq!(there.node(), None);
    assert_eq!(there.running().await, None);
    assert_eq!(record.running(), ["a"]);
}

#[ambit::test]
async fn app_13_the_next_node_takes_over_from_one_that_is_killed_and_gives_it_back() {
    let (net, record) = (Net::new(), Record::default());
    let [b, c, a] = nodes(&net, ["b", "c", "a"]).await;
    let on = |node: &ambit_dist::Node| billing(node, &record).nodes(["a", "b", "c"]);
    let _on_b = supervise(&on(&b)).await;
    let _on_c = supervise(&on(&c)).await;
    let on_a = start(&on(&a)).await.unwrap();
    record.runs_on("a").await;

    // The node and its processes end, and the other nodes are not told.
    net.cut(a.local_addr(), b.local_addr());
    net.cut(a.local_addr(), c.local_addr());
    ambit::test::expect_crash(&on_a);
    ambit::exit(&on_a, ExitReason::Kill);
    on_a.closed().await;
    a.leave().await;
    drop(a);
    record.runs_on("b").await;
    assert_eq!(
        record.lines(),
        ["a: normal", "a: end", "b: failover from a"]
    );

    net.heal(Net::at("a"), b.local_addr());
    net.heal(Net::at("a"), c.local_addr());
    let a = net.builder("a").seeds([Net::at("b")]);
    let a = a.start().await.unwrap();
    complete(&[&a, &b, &c]).await;
    let _on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines()[3..], ["b: end", "a: takeover from b"]);
    assert_eq!(record.most(), 1);
}

#[tokio::test(start_paused = true)]
async fn app_13_a_node_that_leaves_hands_over_and_the_order_holds() {
    let (net, record) = (Net::new(), Record::default());
    let [c, b, a] = nodes(&net, ["c", "b", "a"]).await;
    let on = |node: &ambit_dist::Node| billing(node, &record).nodes(["a", "b", "c"]);
    let _on_c = supervise(&on(&c)).await;
    let on_b = supervise(&on(&b)).await;
    let on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    on_a.stop().await.unwrap();
    a.leave().await;
    record.runs_on("b").await;
    on_b.stop().await.unwrap();
    record.runs_on("c").await;
    let expected = [
        "a: normal",
        "a: end",
        "b: failover from a",
        "b: end",
        "c: failover from b",
    ];
    assert_eq!(record.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn app_13_a_node_that_starts_alone_waits_for_the_others_first() {
    let (net, record) = (Net::new(), Record::default());
    let [b, _a] = nodes(&net, ["b", "a"]).await;
    let application = billing(&b, &record)
        .nodes(["a", "b"])
        .sync_timeout(Duration::from_secs(9));
    let _on_b = supervise(&application).await;
    pass(Duration::from_secs(8)).await;
    assert_eq!(record.lines(), Vec::<String>::new());
    pass(Duration::from_secs(2)).await;
    record.runs_on("b").await;
    assert_eq!(record.lines(), ["b: normal"]);
}

#[tokio::test(start_paused = true)]
async fn app_13_a_failover_waits_for_its_time() {
    let (net, record) = (Net::new(), Record::default());
    let [b, a] = nodes(&net, ["b", "a"]).await;
    let after = Duration::from_secs(20);
    let on = |node| {
        billing(node, &record)
            .nodes(["a", "b"])
            .failover_after(after)
    };
    let _on_b = supervise(&on(&b)).await;
    let on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    // A controller that is back in time keeps the application.
    on_a.stop().await.unwrap();
    pass(Duration::from_secs(19)).await;
    let on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines(), ["a: normal", "a: end", "a: normal"]);
    on_a.stop().await.unwrap();
    pass(Duration::from_secs(19)).await;
    assert_eq!(record.running(), Vec::<String>::new());
    record.runs_on("b").await;
    assert!(record.has("b: failover from a"));
}

#[tokio::test(start_paused = true)]
async fn an_overlapping_takeover_runs_both_for_a_moment() {
    let (net, record) = (Net::new(), Record::default());
    let [b, a] = nodes(&net, ["b", "a"]).await;
    let on = |node| {
        let application = billing(node, &record).nodes(["a", "b"]);
        application
            .overlapping_takeover()
            .sync_timeout(Duration::from_secs(1))
    };
    let _on_b = supervise(&on(&b)).await;
    record.runs_on("b").await;
    let _on_a = supervise(&on(&a)).await;
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(
        record.lines(),
        ["b: normal", "a: takeover from b", "b: end"]
    );
    assert_eq!(record.most(), 2);
    let application = on(&b);
    assert_eq!(application.running().await.unwrap().as_str(), "a");
}

/// The registration of the node that stops is still waiting for a member that does not answer.
#[ambit::test]
async fn a_controller_that_loses_the_application_during_its_start_keeps_running() {
    let (net, record) = (Net::in_memory(), Record::default());
    let [b, a, c] = nodes(&net, ["b", "a", "c"]).await;
    let on = |node: &ambit_dist::Node| {
        let application = slow_billing(node, &record).nodes(["a", "b"]);
        application
            .overlapping_takeover()
            .sync_timeout(Duration::from_millis(10))
    };
    let on_b = start(&on(&b)).await.unwrap();
    until("b starts it", || record.has("b: starts")).await;
    net.cut(b.local_addr(), c.local_addr());
    let on_a = start(&on(&a)).await.unwrap();
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert!(record.has("b: normal") && record.has("a: takeover from b"));
    assert_eq!(record.running(), ["a"]);
    assert!(on_a.is_alive() && on_b.is_alive());
}

#[tokio::test(start_paused = true)]
async fn equal_nodes_do_not_take_over_from_each_other() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let on = |node| {
        let application = billing(node, &record).any_of(["a", "b"]);
        application.sync_timeout(Duration::from_secs(1))
    };
    let on_b = supervise(&on(&b)).await;
    record.runs_on("b").await;
    let _on_a = supervise(&on(&a)).await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines(), ["b: normal"]);
    on_b.stop().await.unwrap();
    record.runs_on("a").await;
}

#[tokio::test(start_paused = true)]
async fn a_restarted_controller_keeps_the_application_among_equal_nodes() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b, c] = nodes(&net, ["a", "b", "c"]).await;
    let on = |node| {
        let application = billing(node, &record).any_of(["a", "b", "c"]);
        application.failover_after(Duration::from_secs(10))
    };
    // `c` is absent, so the start after the restart would wait for it.
    let on_b = Supervisor::builder().child(on(&b).child_spec());
    let on_b = on_b.start().await.unwrap();
    record.runs_on("b").await;
    let _on_a = supervise(&on(&a)).await;
    record.on("b").end(ExitReason::Normal).await.unwrap();
    until("it has ended", || record.has("b: end")).await;
    record.runs_on("b").await;
    pass(Duration::from_secs(30)).await;
    let expected = ["b: normal", "b: end", "b: normal"];
    assert_eq!(record.lines(), expected);
    // A node whose controller starts after the loss waits as the other one does.
    on_b.stop().await.unwrap();
    pass(Duration::from_secs(1)).await;
    let _on_c = supervise(&on(&c)).await;
    pass(Duration::from_secs(8)).await;
    assert_eq!(record.running(), Vec::<String>::new());
    record.runs_on("a").await;
    assert!(record.has("a: failover from b"));
}

#[ambit::test]
async fn an_application_that_ends_for_good_moves_and_its_controller_ends_for_the_same_reason() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let on = |node: &ambit_dist::Node| billing(node, &record).nodes(["a", "b"]);
    let controller = start(&on(&a)).await.unwrap();
    let _on_b = supervise(&on(&b)).await;
    record.runs_on("a").await;
    let top = record.on("a");
    let reason = ExitReason::error("no more paper");
    ambit::test::expect_crash(&top);
    ambit::test::expect_crash(&controller);
    top.end(reason.clone()).await.unwrap();
    assert_eq!(controller.closed().await.to_string(), "no more paper");
    record.runs_on("b").await;
    let expected = ["a: normal", "a: end", "b: failover from a"];
    assert_eq!(record.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_is_restarted_runs_the_application_again() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let after = Duration::from_secs(10);
    let on = |node| {
        billing(node, &record)
            .nodes(["a", "b"])
            .failover_after(after)
    };
    let on_a = Supervisor::builder().child(on(&a).child_spec());
    let _on_a = on_a.start().await.unwrap();
    let _on_b = supervise(&on(&b)).await;
    record.runs_on("a").await;
    record.on("a").end(ExitReason::Normal).await.unwrap();
    until("it has ended", || record.has("a: end")).await;
    record.runs_on("a").await;
    pass(Duration::from_secs(30)).await;
    assert_eq!(record.lines(), ["a: normal", "a: end", "a: normal"]);
}

#[tokio::test(start_paused = true)]
async fn on_stop_runs_after_the_end_and_before_the_next_start() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let stopped = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let on = |node: &ambit_dist::Node| {
        let (record, stopped) = (record.clone(), stopped.clone());
        let application = billing(node, &record).nodes(["a", "b"]);
        application.on_stop(move || {
            let (record, stopped) = (record.clone(), stopped.clone());
            async move {
                tokio::time::sleep(Duration::from_secs(3)).await;
                stopped.lock().unwrap().push(record.lines());
            }
        })
    };
    let on_a = supervise(&on(&a)).await;
    let _on_b = supervise(&on(&b)).await;
    record.runs_on("a").await;
    on_a.stop().await.unwrap();
    record.runs_on("b").await;
    assert_eq!(*stopped.lock().unwrap(), [["a: normal", "a: end"]]);
}

/// How a start ends after it has linked a process that takes its time to stop.
#[derive(Clone, Copy, Debug)]
enum FailedStart {
    Fails,
    Panics,
    /// Its controller is stopped meanwhile.
    Hangs,
}

async fn fail(how: FailedStart, record: Record) -> Result<Process, &'static str> {
    record.note("a: starts");
    let (traps, is_trapping) = oneshot::channel();
    let helper = ambit::spawn_link(move |mut inbox: Inbox<()>| async move {
        inbox.trap_exits(true);
        traps.send(()).unwrap();
        inbox.next().await;
        tokio::time::sleep(Duration::from_secs(5)).await;
        record.note("a: helper ended");
    });
    helper.map_err(|_| "not in a process")?;
    is_trapping.await.map_err(|_| "it has ended")?;
    match how {
        FailedStart::Fails => Err("no database"),
        FailedStart::Panics => panic!("no database"),
        FailedStart::Hangs => std::future::pending().await,
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_start_releases_the_application_after_its_linked_processes_have_ended() {
    for how in [FailedStart::Fails, FailedStart::Panics, FailedStart::Hangs] {
        let (net, record) = (Net::new(), Record::default());
        let [b, a] = nodes(&net, ["b", "a"]).await;
        let on_b = supervise(&billing(&b, &record).nodes(["a", "b"])).await;
        let recorded = record.clone();
        let application =
            DistributedApplication::new(&a, "billing", move |_| fail(how, recorded.clone()));
        let on_a = supervise(&application.nodes(["a", "b"])).await;
        until("it starts", || record.has("a: starts")).await;
        if matches!(how, FailedStart::Hangs) {
            on_a.stop().await.unwrap();
        }
        record.runs_on("b").await;
        let expected = ["a: starts", "a: helper ended", "b: failover from a"];
        assert_eq!(record.lines(), expected, "{how:?}");
        on_b.stop().await.unwrap();
    }
}
