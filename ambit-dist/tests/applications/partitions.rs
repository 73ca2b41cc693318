//! Partitions: each side runs the application, and afterwards one node does.

use std::time::Duration;

use ambit_dist::{DistributedApplication, Node};

use super::support::{Billing, Record, billing, nodes, pass, supervise};
use crate::distribution::support::Net;
use crate::names::support::{apart, cut, heal, until};

#[tokio::test(start_paused = true)]
async fn app_13_both_sides_of_a_partition_run_it_and_afterwards_the_preferred_node() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b, c] = nodes(&net, ["a", "b", "c"]).await;
    let mut supervisors = Vec::new();
    for node in [&a, &b, &c] {
        let application = billing(node, &record).nodes(["a", "b", "c"]);
        supervisors.push(supervise(&application).await);
    }
    record.runs_on("a").await;
    cut(&net, &[&a], &[&b, &c]);
    apart(&[&a], &[&b, &c]).await;
    pass(Duration::from_secs(5)).await;
    assert_eq!(record.running(), ["a", "b"]);
    heal(&net, &[&a], &[&b, &c]);
    record.runs_on("a").await;
    pass(Duration::from_secs(60)).await;
    let expected = ["a: normal", "b: failover from a", "b: end"];
    assert_eq!(record.lines(), expected);
}

#[tokio::test(start_paused = true)]
async fn app_13_three_sides_agree_again() {
    let (net, record) = (Net::new(), Record::default());
    let [c, b, a] = nodes(&net, ["c", "b", "a"]).await;
    let mut supervisors = Vec::new();
    for node in [&c, &b, &a] {
        let application = billing(node, &record).nodes(["b", "c", "a"]);
        supervisors.push(supervise(&application).await);
    }
    record.runs_on("b").await;
    cut(&net, &[&a], &[&b, &c]);
    cut(&net, &[&b], &[&c]);
    apart(&[&a], &[&b, &c]).await;
    apart(&[&b], &[&c]).await;
    pass(Duration::from_secs(5)).await;
    let mut running = record.running();
    running.sort();
    assert_eq!(running, ["a", "b", "c"]);
    heal(&net, &[&a], &[&b, &c]);
    heal(&net, &[&b], &[&c]);
    record.runs_on("b").await;
    pass(Duration::from_secs(60)).await;
    assert_eq!(record.running(), ["b"]);
    assert_eq!(record.lines().len(), 5, "{:?}", record.lines());
}

/// The other node registers the application as running first, but holds it for a shorter time.
#[tokio::test(start_paused = true)]
async fn a_node_whose_start_was_overtaken_in_a_partition_is_shown_as_running_afterwards() {
    let (net, record) = (Net::new(), Record::default());
    let [a, b] = nodes(&net, ["a", "b"]).await;
    let recorded = record.clone();
    let slow = DistributedApplication::new(&a, "billing", move |start| {
        let record = recorded.clone();
        async move {
            record.note("a: starts");
            pass(Duration::from_secs(30)).await;
            Billing::start("a".to_owned(), start.to_string(), record).await
        }
    });
    let slow = slow.any_of(["a", "b"]);
    let _on_a = supervise(&slow).await;
    let _on_b = supervise(&billing(&b, &record).any_of(["a", "b"])).await;
    until("it starts", || record.has("a: starts")).await;
    cut(&net, &[&a], &[&b]);
    apart(&[&a], &[&b]).await;
    record.runs_on("b").await;
    until("both run it", || record.running() == ["b", "a"]).await;
    heal(&net, &[&a], &[&b]);
    record.runs_on("a").await;
    let running = tokio::time::timeout(Duration::from_secs(60), slow.running());
    assert_eq!(running.await.unwrap().unwrap().as_str(), "a");
    assert_eq!(slow.node().unwrap().as_str(), "a");
}

#[tokio::test(start_paused = true)]
async fn a_node_that_took_over_without_a_gap_has_its_own_preference_in_a_conflict() {
    let (net, record) = (Net::new(), Record::default());
    let [c, b, a] = nodes(&net, ["c", "b", "a"]).await;
    let on = async |node: &Node| {
        let application = billing(node, &record).nodes(["a", "b", "c"]);
        supervise(&application.overlapping_takeover()).await
    };
    let _on_c = on(&c).await;
    record.runs_on("c").await;
    let _on_a = on(&a).await;
    record.runs_on("a").await;
    let _on_b = on(&b).await;
    pass(Duration::from_secs(5)).await;
    cut(&net, &[&a], &[&b, &c]);
    apart(&[&a], &[&b, &c]).await;
    until("both sides run it", || record.running() == ["a", "b"]).await;
    heal(&net, &[&a], &[&b, &c]);
    record.runs_on("a").await;
    pass(Duration::from_secs(60)).await;
    assert_eq!(record.running(), ["a"]);
    assert!(!record.has("a: end"), "{:?}", record.lines());
}
