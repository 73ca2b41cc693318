//! The process of a storage node: a replica and a keeper.

use std::error::Error;
use std::net::SocketAddr;
use std::time::Duration;

use ambit_dist::{Auth, Member, Node, Timeouts};
use tokio::time::timeout;

use crate::keeper::{Keeper, STORE, stores};
use crate::replica::{NODES, Replica, name_of};

/// The argument of a node that was killed and is started again.
pub(crate) const AGAIN: &str = "again";

/// The time for all nodes of a new cluster to join.
const JOIN: Duration = Duration::from_secs(30);

/// Returns short timeouts: a killed node is down for the others after one or two seconds. If the machine is so busy
/// that a running node is taken for lost, calls fail for a while, and no answer is wrong.
pub(crate) fn timeouts() -> Timeouts {
    larger_examples::impatient().probe(Duration::from_millis(200))
}

/// Runs the process, until the first process has ended.
pub(crate) async fn run(name: &str, first: SocketAddr, is_new: bool) -> Result<(), Box<dyn Error>> {
    let node = Node::builder(name).auth(Auth::cookie(larger_examples::cookie()?));
    let node = node.role(STORE).seeds([first]).timeouts(timeouts());
    let node = node.start().await?;
    tokio::select! {
        biased;
        ended = larger_examples::first_has_ended() => ended?,
        served = serve(&node, is_new) => served?,
    }
    node.leave().await;
    Ok(())
}

/// Serves until the future is dropped.
async fn serve(node: &Node, is_new: bool) -> Result<(), Box<dyn Error>> {
    let name = node.id().name.as_str();
    let replica = match is_new {
        true => Replica::default(),
        false => Replica::recover(&node.names(), name).await?,
    };
    // Only a replica that has everything gets the name under which the shards find it.
    let replica = replica.start().await?;
    node.names().register(name_of(name), &replica).await?;
    if is_new {
        timeout(JOIN, all_nodes(node)).await?;
    }
    let _keeper = Keeper::start(node.clone()).await?;
    std::future::pending().await
}

/// Waits until all nodes have joined, so that the first one does not start all shards.
async fn all_nodes(node: &Node) {
    let is_complete = |_: &[Member]| stores(node).len() == NODES.len();
    node.membership().wait_until(is_complete).await;
}
