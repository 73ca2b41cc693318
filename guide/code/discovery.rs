//! The tests on the page "Discovery".

// ANCHOR: imports
use std::net::{IpAddr, SocketAddr};

use ambit_dist::discovery::{
    Discovery, DiscoveryError, Dns, MulticastDns, NextCandidates, Seeds, Srv,
};
use ambit_dist::{Auth, MemberEvent, Node, NodeBuilder};
use tokio::sync::watch;
// ANCHOR_END: imports

use std::error::Error;
use std::time::Duration;

use ambit::system::System;
use ambit_dist::Cookie;
use ambit_dist::transport::Memory;

fn machine(network: &Memory, name: &str, number: u8) -> Result<NodeBuilder, Box<dyn Error>> {
    let transport = network.bind(([10, 0, 0, number], 9_000).into())?;
    let node = Node::builder(name).transport(transport);
    Ok(node.system(System::builder().build()?))
}

#[ambit::test]
async fn seeds() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let (a, b) = (machine(&network, "a", 1)?, machine(&network, "b", 2)?);
    // ANCHOR: seeds
    // `AMBIT_SEEDS=10.0.0.1:9000,node-2.example.com:9000`
    let from_env = Seeds::from_env()?;
    let fixed: Seeds = "10.0.0.1:9000, 10.0.0.2:9000".parse()?;
    let a = a.discover(from_env).discover(fixed).start().await?;
    // ANCHOR_END: seeds
    let mut events = a.membership().events();
    let b = b.start().await?;
    let node = b.id().clone();
    assert_eq!(events.next().await, Some(MemberEvent::Up { node }));
    // ANCHOR: status
    for source in a.discovery() {
        println!("{}: {:?}", source.source, source.candidates);
        if let Some(error) = source.error {
            println!("  {error}");
        }
    }
    // ANCHOR_END: status
    let all = a.discovery();
    assert_eq!(
        (all[0].source.as_str(), all[1].candidates.len()),
        ("no seeds", 2)
    );
    Ok(())
}

// ANCHOR: pod
/// Returns the settings of a node in a pod. The downward API provides the name and the address of the pod.
fn pod(name: &str, address: IpAddr, auth: Auth) -> NodeBuilder {
    Node::builder(name)
        .listen("0.0.0.0:9000")
        .advertise(SocketAddr::new(address, 9_000))
        .auth(auth)
        .discover(Dns::kubernetes("shop", "production", 9_000))
}
// ANCHOR_END: pod

#[test]
fn the_service_fits_its_source() -> Result<(), Box<dyn Error>> {
    let service = include_str!("discovery.yaml");
    for line in [
        "name: shop",
        "namespace: production",
        "clusterIP: None",
        "publishNotReadyAddresses: true",
        "port: 9000",
    ] {
        assert!(service.contains(line), "{line}");
    }
    let source = Dns::kubernetes("shop", "production", 9_000);
    assert_eq!(
        source.description(),
        "DNS shop.production.svc.cluster.local:9000"
    );
    drop(pod(
        "shop-0",
        [10, 0, 0, 1].into(),
        Auth::cookie(Cookie::generate()?).into(),
    ));
    Ok(())
}

#[test]
fn other_sources() {
    // ANCHOR: others
    let pods = Srv::new("_ambit._udp.shop.production.svc.cluster.local");
    let office = MulticastDns::new();
    let node = Node::builder("a").discover(pods).discover(office);
    // ANCHOR_END: others
    assert!(format!("{node:?}").contains("name: \"a\""));
}

// ANCHOR: own
/// Follows a list that another part of the program maintains.
struct Inventory(watch::Receiver<Result<Vec<SocketAddr>, String>>);

impl Discovery for Inventory {
    fn next(&mut self) -> NextCandidates<'_> {
        Box::pin(async {
            // `None` ends the source. Its last candidates remain.
            self.0.changed().await.ok()?;
            let list = self.0.borrow_and_update().clone();
            Some(list.map_err(DiscoveryError::new))
        })
    }

    fn description(&self) -> String {
        "the inventory".to_owned()
    }
}
// ANCHOR_END: own

#[ambit::test]
async fn a_source_of_your_own() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let (a, b) = (machine(&network, "a", 1)?, machine(&network, "b", 2)?);
    // ANCHOR: owned
    let (list, inventory) = watch::channel(Ok(Vec::new()));
    let a = a.discover(Inventory(inventory)).start().await?;
    let b = b.start().await?;
    let mut events = a.membership().events();
    list.send(Ok(vec![b.local_addr()]))?;
    let node = b.id().clone();
    assert_eq!(events.next().await, Some(MemberEvent::Up { node }));

    // An error keeps the candidates, and so does an empty list the connection.
    list.send(Err(
        "the inventory does not answer: check its URL".to_owned()
    ))?;
    // ANCHOR_END: owned
    tokio::time::sleep(Duration::from_secs(1)).await;
    let status = &a.discovery()[0];
    assert_eq!(status.candidates, [b.local_addr()]);
    assert!(status.error.is_some());
    list.send(Ok(Vec::new()))?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(a.discovery()[0].candidates.is_empty() && a.peer("b").is_some());
    Ok(())
}

#[ambit::test]
async fn names_in_a_test() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let (a, b) = (machine(&network, "a", 1)?, machine(&network, "b", 2)?);
    // ANCHOR: resolver
    let names = |_host: String, port: u16| async move {
        let pods = [1, 2].map(|number| SocketAddr::from(([10, 0, 0, number], port)));
        Ok(pods.to_vec())
    };
    let source = || Dns::new("shop.test", 9_000).resolve_with(names);
    let a = a.discover(source()).start().await?;
    let b = b.discover(source()).start().await?;
    // ANCHOR_END: resolver
    let mut events = a.events();
    while a.peer("b").is_none() {
        events.next().await;
    }
    assert_eq!(a.discovery()[0].candidates.len(), 2);
    drop(b);
    Ok(())
}
