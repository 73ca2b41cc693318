//! How a cluster forms, in every order of starts. In memory, on the virtual clock.

use std::time::Duration;

use ambit_dist::discovery::Seeds;
use ambit_dist::{Node, Reconnect};
use tokio::time::sleep;

use super::support::await_peers;
use crate::distribution::support::Net;

fn seeds(names: &[&str]) -> Seeds {
    Seeds::new(names.iter().map(|name| Net::at(name).to_string())).unwrap()
}

/// Starts a node with these seeds.
async fn start(net: &Net, name: &str, list: &[&str]) -> Node {
    let node = net.builder(name).discover(seeds(list));
    node.start().await.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_cluster_forms_when_all_nodes_start_at_once() {
    let net = Net::new();
    let list = ["a", "b", "c"];
    let (a, b, c) = tokio::join!(
        start(&net, "a", &list),
        start(&net, "b", &list),
        start(&net, "c", &list)
    );
    await_peers(&a, &["b", "c"]).await;
    await_peers(&b, &["a", "c"]).await;
    await_peers(&c, &["a", "b"]).await;
    // A node finds itself in the list, and does not dial it.
    sleep(Duration::from_secs(60)).await;
    assert_eq!(a.discovery()[0].candidates.len(), 3);
    assert_eq!(
        (a.peers().len(), b.peers().len(), c.peers().len()),
        (2, 2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_cluster_forms_when_the_seeds_start_last() {
    let net = Net::new();
    let list = ["x", "y"];
    let (a, b) = (start(&net, "a", &list).await, start(&net, "b", &list).await);
    sleep(Duration::from_secs(300)).await;
    assert_eq!((a.peers().len(), b.peers().len()), (0, 0));
    let x = start(&net, "x", &list).await;
    await_peers(&x, &["a", "b"]).await;
    let y = start(&net, "y", &list).await;
    await_peers(&y, &["a", "b", "x"]).await;
    await_peers(&a, &["x", "y"]).await;
    await_peers(&b, &["x", "y"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_node_joins_when_all_seeds_but_one_are_gone() {
    let net = Net::new();
    let list = ["x", "y", "z"];
    let (x, y) = (start(&net, "x", &list).await, start(&net, "y", &list).await);
    let z = start(&net, "z", &list).await;
    await_peers(&z, &["x", "y"]).await;
    for seed in [x, y] {
        seed.leave().await;
    }
    let a = start(&net, "a", &list).await;
    await_peers(&a, &["z"]).await;
    await_peers(&z, &["a"]).await;
    // The seeds come back, and are found again without a restart of the others.
    let (x, y) = (start(&net, "x", &list).await, start(&net, "y", &list).await);
    await_peers(&a, &["x", "y", "z"]).await;
    await_peers(&z, &["a", "x", "y"]).await;
    assert_eq!((x.peers().len(), y.peers().len()), (3, 3));
}

#[tokio::test(start_paused = true)]
async fn seeds_of_the_builder_and_discovered_ones_are_both_dialled() {
    let net = Net::new();
    let (b, c) = (net.node("b").await, net.node("c").await);
    let a = net.builder("a").seeds([b.local_addr()]);
    let a = a.discover(seeds(&["c", "b"])).start().await.unwrap();
    await_peers(&a, &["b", "c"]).await;
    assert_eq!((b.peers().len(), c.peers().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn candidates_are_dialled_only_if_the_node_may_dial_them() {
    let net = Net::new();
    let (_b, _c) = (net.node("b").await, net.node("c").await);
    let network = format!("{}/32", Net::at("c").ip());
    let a = net.builder("a").allow_addresses([network.as_str()]);
    let a = a.discover(seeds(&["b", "c"])).start().await.unwrap();
    let never = net.builder("d").reconnect(Reconnect::Never);
    let never = never.discover(seeds(&["b", "c"])).start().await.unwrap();
    await_peers(&a, &["c"]).await;
    sleep(Duration::from_secs(60)).await;
    assert_eq!((a.peers().len(), never.peers().len()), (1, 0));
    assert_eq!(never.discovery()[0].candidates.len(), 2);
}
