//! The tests on the section "On one node of several" of the page "Applications": nodes on an in-memory network.

// ANCHOR: imports
use std::time::Duration;

use ambit::application::{Application, Applications};
use ambit::prelude::*;
use ambit_dist::{DistributedApplication, Node, StartType};
// ANCHOR_END: imports

use std::error::Error;

use ambit_dist::transport::Memory;

use crate::clusters::complete;

// ANCHOR: server
struct Billing;

#[gen_server]
impl Billing {
    #[init]
    fn new() -> Self {
        Self
    }
}
// ANCHOR_END: server

// ANCHOR: declare
fn billing(node: &Node) -> DistributedApplication {
    let start = |start: StartType| async move {
        println!("billing begins: {start}");
        let server = Billing::child_spec();
        Supervisor::builder().child(server).start().await
    };
    DistributedApplication::new(node, "billing", start)
        .nodes(["n1", "n2"])
        .any_of(["n3", "n4"])
        .failover_after(Duration::from_secs(5))
}
// ANCHOR_END: declare

async fn start(network: &Memory, number: u8, name: &str) -> Result<Node, Box<dyn Error>> {
    let transport = network.bind(([10, 0, 0, number], 9_000).into())?;
    let node = Node::builder(name).transport(transport);
    Ok(node.seeds(["10.0.0.1:9000"]).start().await?)
}

#[ambit::test]
async fn an_application_moves() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let n1 = start(&network, 1, "n1").await?;
    let n2 = start(&network, 2, "n2").await?;
    complete(&[&n1, &n2]).await;
    // ANCHOR: start
    // On each node, with its own `node`:
    let on_n1 = Supervisor::builder().child(billing(&n1).child_spec());
    let on_n1 = on_n1.start().await?;
    let on_n2 = Supervisor::builder().child(billing(&n2).child_spec());
    let _on_n2 = on_n2.start().await?;
    assert_eq!(billing(&n2).running().await.as_ref(), Some(n1.name()));
    // ANCHOR_END: start
    // ANCHOR: failover
    on_n1.stop().await?;
    n1.leave().await;
    // Five seconds later, with `StartType::Failover { from: n1 }`:
    while billing(&n2).running().await.as_ref() != Some(n2.name()) {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // ANCHOR_END: failover
    Ok(())
}

#[ambit::test]
async fn an_application_of_a_list() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let node = start(&network, 1, "n1").await?;
    let distributed = billing(&node);
    // ANCHOR: list
    let apps = Applications::new([
        Application::new("store"),
        Application::new("billing")
            .depends_on("store")
            .on_start(move || {
                let billing = distributed.clone();
                async move { billing.start().await }
            }),
    ]);
    apps.ensure_all_started("billing").await?;
    // ANCHOR_END: list
    assert_eq!(billing(&node).running().await.as_ref(), Some(node.name()));
    apps.stop_all().await?;
    assert_eq!(billing(&node).node(), None);
    Ok(())
}
