//! The tests on the page "Names in a cluster": nodes on an in-memory network, on a virtual clock.

// ANCHOR: imports
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::{ClusterRegistry, ConflictChoice, ConflictPolicy, NameEvent, RegisterNameError};
// ANCHOR_END: imports

use std::error::Error;

use ambit_dist::Node;
use ambit_dist::transport::Memory;

use crate::clusters::complete;

/// Starts the nodes `a`, `b`, .. by the seed `a`, and waits until they are connected with each other.
async fn cluster<const N: usize>(network: &Memory) -> Result<[Node; N], Box<dyn Error>> {
    let mut nodes = Vec::new();
    for (number, name) in (1..).zip(["a", "b", "c", "d"]).take(N) {
        let transport = network.bind(([10, 0, 0, number], 9_000).into())?;
        let node = Node::builder(name).transport(transport);
        nodes.push(node.seeds(["10.0.0.1:9000"]).start().await?);
    }
    complete(&nodes.iter().collect::<Vec<_>>()).await;
    Ok(nodes.try_into().expect("as many as there are names"))
}

// ANCHOR: server
struct Cart {
    items: u32,
}

// Other nodes call the process behind a name, so its protocol has a wire name.
#[gen_server(remote = "shop.cart")]
impl Cart {
    #[init]
    fn new() -> Self {
        Self { items: 0 }
    }

    #[call]
    fn add(&mut self, items: u32) -> u32 {
        self.items += items;
        self.items
    }
}
// ANCHOR_END: server

/// Waits until a node sees a name.
async fn sees(node: &Node, name: &str) {
    let names = node.names();
    let mut events = names.events();
    while names.node_of(name).is_none() {
        events.next().await;
    }
}

#[ambit::test]
async fn names() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b, c] = cluster(&network).await?;
    // ANCHOR: register
    let cart = Cart::start().await?;
    a.names().register("cart-17", &cart).await?;
    // Every connected node finds it now.
    let found = b.names().whereis::<Cart>("cart-17").ok_or("no cart")?;
    assert_eq!(found.add(1).await?, 1);
    let follower = CartSubject::via(&c.names(), "cart-17");
    assert_eq!(follower.add(1).await?, 2);
    // ANCHOR_END: register

    // ANCHOR: taken
    let other = Cart::start().await?;
    let taken = c.names().register("cart-17", &other).await;
    let node = a.id().clone();
    assert_eq!(taken, Err(RegisterNameError::Taken { node }));
    // ANCHOR_END: taken

    // ANCHOR: wait
    let names = b.names();
    let waiting = names
        .lookup::<Cart>("cart-18")
        .timeout(Duration::from_secs(2));
    let (found, registered) = tokio::join!(async { waiting.await }, async {
        c.names().register("cart-18", &other).await
    },);
    registered?;
    assert_eq!(found?.add(5).await?, 5);
    // ANCHOR_END: wait

    // ANCHOR: moves
    b.names()
        .re_register("cart-17", &Cart::start().await?)
        .await?;
    assert_eq!(b.names().node_of("cart-17").as_ref(), Some(b.id()));
    // ANCHOR_END: moves
    Ok(())
}

#[ambit::test]
async fn reservation() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b] = cluster(&network).await?;
    // ANCHOR: reserve
    let reserved = a.names().reserve("nightly-report").await?;
    assert!(b.names().reserve("nightly-report").await.is_err());
    // Only the node with the reservation starts the server.
    let report = Cart::start().await?;
    reserved.register(&report).await?;
    // ANCHOR_END: reserve
    assert!(b.names().whereis::<Cart>("nightly-report").is_some());
    Ok(())
}

#[ambit::test]
async fn registry() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b] = cluster(&network).await?;
    // ANCHOR: registry
    // The same on each node: the type of the keys, of the processes, and of the values.
    let carts = |node| ClusterRegistry::<u64, Cart, String>::open(node, "carts");

    let cart = Cart::start().await?;
    carts(&a).register(17, &cart, "open".into()).await?;
    assert_eq!(carts(&b).value(&17).as_deref(), Some("open"));
    let far = carts(&b).wait_for(17).await?;
    assert_eq!(far.add(3).await?, 3);
    carts(&a).update_value(&17, |_| "paid".into())?;
    // ANCHOR_END: registry

    // ANCHOR: events
    let mut events = carts(&b).events();
    ambit::exit(&cart, ExitReason::Shutdown);
    let name = 17;
    while events.next().await != Some(NameEvent::Unregistered { name }) {}
    assert!(carts(&b).lookup(&17).is_none());
    // ANCHOR_END: events
    Ok(())
}

#[ambit::test]
async fn conflict() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let [a, b] = cluster(&network).await?;
    // ANCHOR: conflict
    let mut members = a.membership().events();
    network.cut(a.local_addr(), b.local_addr());
    members.next().await;
    // Neither side sees the other, so both registrations succeed.
    let (first, second) = (Cart::start().await?, Cart::start().await?);
    a.names().register("cart-17", &first).await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    b.names().register("cart-17", &second).await?;

    network.heal(a.local_addr(), b.local_addr());
    // The older claim stays. The other process gets an exit signal.
    // ANCHOR_END: conflict
    ambit::test::expect_crash(&second);
    // ANCHOR: conflict_end
    let reason = second.closed().await;
    assert!(reason.to_string().contains("name conflict"));
    assert!(first.is_alive());
    // ANCHOR_END: conflict_end
    sees(&b, "cart-17").await;
    assert_eq!(b.names().node_of("cart-17").as_ref(), Some(a.id()));

    // ANCHOR: policy
    let policy = || {
        ConflictPolicy::choose(
            |conflict| match conflict.first.name < conflict.second.name {
                true => ConflictChoice::First,
                false => ConflictChoice::Second,
            },
        )
    };
    for node in [&a, &b] {
        node.names().set_conflict_policy(policy());
    }
    // ANCHOR_END: policy
    Ok(())
}
