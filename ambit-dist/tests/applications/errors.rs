//! Controllers that do not start, and starts of the application that fail.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit::error::StartError;
use ambit::prelude::*;
use ambit_dist::{
    ApplicationControllerSubject, DistributedApplication, DistributedApplicationError, Node,
};
use tokio::time::Instant;

use super::support::{Record, billing, nodes, start, supervise};
use crate::distribution::support::Net;
use crate::names::support::until;

/// Returns the error of a start that must fail.
async fn refused(application: &DistributedApplication) -> DistributedApplicationError {
    match start(application).await {
        Err(StartError::Init(ExitReason::Error(report))) => {
            let error = report.downcast_ref::<DistributedApplicationError>();
            error.unwrap().clone()
        }
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was started"),
    }
}

#[ambit::test]
async fn a_node_that_is_not_in_the_list_is_an_error() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let error = refused(&billing(&a, &record).nodes([b.name()])).await;
    assert_eq!(
        error.to_string(),
        "the application `billing` is not to run on the node `a`: add it with `nodes` or `any_of`, or do not start the application there"
    );
}

#[ambit::test]
async fn a_second_controller_on_a_node_is_an_error() {
    let (net, record) = (Net::new(), Record::default());
    let [a, _b] = nodes(&net, ["a", "b"]).await;
    let application = billing(&a, &record).nodes(["a"]);
    let first = start(&application).await.unwrap();
    record.runs_on("a").await;
    let error = refused(&application).await;
    assert_eq!(
        error.to_string(),
        "a controller of the application `billing` runs already on the node `a`: start it once per node"
    );
    first.stop().await.unwrap();
    assert_eq!(record.lines(), ["a: normal", "a: end"]);
    // The node is free again at once.
    let again = start(&application).await.unwrap();
    record.runs_on("a").await;
    again.stop().await.unwrap();
}

#[ambit::test]
async fn a_start_that_fails_ends_the_controller_and_the_next_node_starts_it() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let fails = |_| async { Err::<Process, _>("the disk is full") };
    let failing = DistributedApplication::new(&a, "billing", fails).nodes(["a", "b"]);
    let controller = start(&failing).await.unwrap();
    ambit::test::expect_crash(&controller);
    let _on_b = supervise(&billing(&b, &record).nodes(["a", "b"])).await;
    let reason = controller.closed().await;
    assert_eq!(reason.to_string(), "the disk is full");
    record.runs_on("b").await;
}

#[ambit::test]
async fn a_killed_controller_takes_the_application_with_it() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let on = |node| billing(node, &record).nodes(["a", "b"]);
    let controller = start(&on(&a)).await.unwrap();
    let _on_b = supervise(&on(&b)).await;
    record.runs_on("a").await;
    let top = record.on("a");
    ambit::test::expect_crash(&controller);
    ambit::exit(&controller, ExitReason::Kill);
    assert_eq!(top.closed().await, ExitReason::Shutdown);
    until("b runs it", || record.has("b: failover from a")).await;
}

/// Time that an application takes to stop.
const SLOW: Duration = Duration::from_secs(7);

/// Starts an application on a node, kills its controller, and starts another one. Returns the application and this one.
async fn restarted(
    node: &Node,
    record: &Record,
) -> (DistributedApplication, ApplicationControllerSubject) {
    let stopping = Arc::new(AtomicBool::new(false));
    let stops = stopping.clone();
    let application = billing(node, record).nodes([node.name()]).on_stop(move || {
        stops.store(true, Ordering::Relaxed);
        tokio::time::sleep(SLOW)
    });
    let killed = start(&application).await.unwrap();
    record.runs_on(node.name().as_str()).await;
    ambit::test::expect_crash(&killed);
    ambit::exit(&killed, ExitReason::Kill);
    killed.closed().await;
    let restarted = start(&application).await.unwrap();
    until("it stops", || stopping.load(Ordering::Relaxed)).await;
    (application, restarted)
}

#[ambit::test]
async fn a_restarted_controller_waits_until_the_application_has_stopped() {
    let (net, record) = (Net::new(), Record::default());
    let [a] = nodes(&net, ["a"]).await;
    let (application, restarted) = restarted(&a, &record).await;
    let begin = Instant::now();
    assert_eq!(application.running().await.as_ref(), Some(a.name()));
    assert!(begin.elapsed() > SLOW - Duration::from_secs(1));
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(application.node().as_ref(), Some(a.name()));
    assert_eq!(record.lines(), ["a: normal", "a: end", "a: normal"]);
    restarted.stop().no_timeout().await.unwrap();
}

#[ambit::test]
async fn a_controller_that_waits_for_the_application_ends_after_it() {
    let (net, record) = (Net::new(), Record::default());
    let [a] = nodes(&net, ["a"]).await;
    let (application, restarted) = restarted(&a, &record).await;
    let begin = Instant::now();
    restarted.stop().no_timeout().await.unwrap();
    assert!(begin.elapsed() > SLOW - Duration::from_secs(1));
    // Nothing is left to wait for.
    let again = start(&application).await.unwrap();
    record.runs_on("a").await;
    again.stop().no_timeout().await.unwrap();
    assert_eq!(
        record.lines(),
        ["a: normal", "a: end", "a: normal", "a: end"]
    );
}

#[ambit::test]
async fn a_top_process_that_does_not_stop_is_killed_after_the_shutdown_timeout() {
    let (net, is_killed) = (Net::new(), Arc::new(AtomicBool::new(false)));
    let [a] = nodes(&net, ["a"]).await;
    let stubborn = |_| async {
        let top = ambit::spawn(|mut inbox: Inbox<()>| async move {
            inbox.trap_exits(true);
            std::future::pending::<()>().await;
        });
        ambit::test::expect_crash(&top);
        Ok::<_, ExitReason>(top)
    };
    let stopped = is_killed.clone();
    let application = DistributedApplication::new(&a, "stubborn", stubborn)
        .nodes(["a"])
        .shutdown_timeout(Duration::from_secs(7))
        .on_stop(move || {
            stopped.store(true, Ordering::Relaxed);
            std::future::ready(())
        });
    let controller = start(&application).await.unwrap();
    assert_eq!(application.running().await.unwrap().as_str(), "a");
    let begin = Instant::now();
    controller.stop().no_timeout().await.unwrap();
    assert!(begin.elapsed() >= Duration::from_secs(7));
    assert!(is_killed.load(Ordering::Relaxed));
    assert_eq!(application.node(), None);
}
