//! Partitions: each side runs the application, and afterwards one node does.

use std::time::Duration;

use super::support::{Record, billing, nodes, pass, supervise};
use crate::distribution::support::Net;
use crate::names::support::{apart, cut, heal};

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
