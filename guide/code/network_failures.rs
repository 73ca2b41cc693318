//! The tests on the page "Network failures": two nodes on an in-memory network that is cut and restored, on a
//! virtual clock.

// ANCHOR: imports
use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::retry::Retry;
use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{Node, StartOnError};
// ANCHOR_END: imports

use tokio::time::sleep;

// ANCHOR: till
struct Till {
    euros: u64,
    /// The reply to each booking, by its number.
    booked: BTreeMap<u64, u64>,
}

#[gen_server(remote = "shop.till")]
impl Till {
    #[init]
    fn new() -> Self {
        let booked = BTreeMap::new();
        Self { euros: 0, booked }
    }

    #[call]
    fn euros(&self) -> u64 {
        self.euros
    }

    #[call]
    fn pay(&mut self, euros: u64) -> u64 {
        self.euros += euros;
        self.euros
    }

    /// Books once per number of the payer. Repeats get the same reply.
    #[call]
    fn book(&mut self, number: u64, euros: u64) -> u64 {
        if let Some(answer) = self.booked.get(&number) {
            return *answer;
        }
        let answer = self.pay(euros);
        self.booked.insert(number, answer);
        answer
    }

    #[cast]
    fn tip(&mut self, euros: u64) {
        self.euros += euros;
    }
}
// ANCHOR_END: till

// ANCHOR: two
/// Two machines, and the network between them.
struct Two {
    network: Memory,
    a: Node,
    b: Node,
}

async fn node(network: &Memory, name: &str, address: &str) -> Result<Node, Box<dyn Error>> {
    let transport = network.bind(address.parse()?)?;
    let node = Node::builder(name).transport(transport);
    let node = node.system(System::builder().build()?).start().await?;
    node.expose::<Till>();
    Ok(node)
}

impl Two {
    async fn new() -> Result<Self, Box<dyn Error>> {
        let network = Memory::new();
        let transport = network.bind("10.0.0.1:9000".parse()?)?;
        let a = Node::builder("a").transport(transport).start().await?;
        let b = node(&network, "b", "10.0.0.2:9000").await?;
        a.connect(b.local_addr()).await?;
        Ok(Self { network, a, b })
    }

    /// Drops everything that this node sends.
    fn silence(&self, node: &Node) {
        let [a, b] = [&self.a, &self.b].map(Node::local_addr);
        let other = if node.local_addr() == a { b } else { a };
        self.network.cut_one_way(node.local_addr(), other);
    }

    async fn mend(&self) -> Result<(), Box<dyn Error>> {
        self.network.mend(self.a.local_addr(), self.b.local_addr());
        self.a.connect(self.b.local_addr()).await?;
        Ok(())
    }
}
// ANCHOR_END: two

#[ambit::test]
async fn maybe() -> Result<(), Box<dyn Error>> {
    // ANCHOR: maybe
    for (silent, was_executed) in [("b", true), ("a", false)] {
        let two = Two::new().await?;
        let till = two.a.on("b").start::<Till>(()).await?;
        // It has replied, so its node knows that the start was confirmed.
        assert_eq!(till.euros().await?, 0);
        // The connection is cut in one direction only.
        two.silence(if silent == "a" { &two.a } else { &two.b });
        let executed = Executed::Maybe;
        let lost = Err(CallError::NoConnection { executed });
        assert_eq!(till.pay(5).await, lost);

        two.mend().await?;
        assert_eq!(till.euros().await?, if was_executed { 5 } else { 0 });
    }
    // ANCHOR_END: maybe
    Ok(())
}

#[ambit::test]
async fn casts() -> Result<(), Box<dyn Error>> {
    // ANCHOR: casts
    let two = Two::new().await?;
    let till = two.a.on("b").start::<Till>(()).await?;
    assert_eq!(till.euros().await?, 0);
    let monitor = till.monitor();
    two.silence(&two.a);
    // The connection is cut, and neither node has detected it.
    assert_eq!(till.tip(1).await, Ok(()));
    monitor.await;
    assert_eq!(till.tip(1).await, Err(CastError::NoConnection));

    two.mend().await?;
    assert_eq!(till.euros().await?, 0);
    // ANCHOR_END: casts
    Ok(())
}

// ANCHOR: links
#[ambit::test]
async fn both_sides_continue(mut inbox: Inbox<()>) -> Result<(), Box<dyn Error>> {
    let two = Two::new().await?;
    inbox.trap_exits(true);
    let watched = two.a.on("b").start::<Till>(()).await?;
    let linked = two.a.on("b").start::<Till>(()).link().await?;
    inbox.monitor(&watched);
    watched.pay(5).await?;
    two.silence(&two.a);

    for _ in 0..2 {
        let reason = match inbox.next().await {
            InboxEvent::Down(down) => down.reason,
            InboxEvent::Exit(exit) => exit.reason,
            InboxEvent::Message(()) => continue,
        };
        assert_eq!(reason, ExitReason::NoConnection);
    }
    two.mend().await?;
    // The monitored worker still runs. The linked one got the same signal and has ended.
    assert_eq!(watched.euros().await?, 5);
    assert_eq!(linked.euros().await, Err(CallError::NoProcess));
    Ok(())
}
// ANCHOR_END: links

#[ambit::test]
async fn starts() -> Result<(), Box<dyn Error>> {
    // ANCHOR: starts
    let two = Two::new().await?;
    two.silence(&two.b);
    let started = two.a.on("b").start::<Till>(()).await;
    let Err(StartOnError::Call { node, error, .. }) = started else {
        panic!("the node cannot have answered");
    };
    let executed = Executed::Maybe;
    assert_eq!((&*node, error), ("b", CallError::NoConnection { executed }));
    // ANCHOR_END: starts
    Ok(())
}

#[ambit::test]
async fn lives() -> Result<(), Box<dyn Error>> {
    // ANCHOR: lives
    let Two { network, a, b } = Two::new().await?;
    let till = a.on("b").start::<Till>(()).await?;
    let first = b.id().clone();
    b.leave().await;
    drop(b);

    let b = node(&network, "b", "10.0.0.2:9000").await?;
    a.connect(b.local_addr()).await?;
    assert_eq!(first.name, b.id().name);
    assert!(first.incarnation < b.id().incarnation);
    assert_eq!(till.euros().await, Err(CallError::NoProcess));
    // ANCHOR_END: lives
    Ok(())
}

#[ambit::test]
async fn retries() -> Result<(), Box<dyn Error>> {
    let two = Two::new().await?;
    let till = two.a.on("b").start::<Till>(()).await?;
    two.silence(&two.b);
    let network = two.network.clone();
    let [a, b] = [&two.a, &two.b].map(Node::local_addr);
    let repair = async {
        sleep(Duration::from_secs(20)).await;
        network.mend(a, b);
        Ok(())
    };
    let pay = async {
        // ANCHOR: retry
        let second = Duration::from_secs(1);
        let patient = Retry::unlimited().exponential(second, 10 * second);
        let patient = patient.within(60 * second);
        let number = 17;
        let total = patient
            .run(|| till.book(number, 5))
            .when(CallError::is_transient_if_idempotent)
            .await?;
        assert_eq!(total, 5);
        // ANCHOR_END: retry
        Ok::<_, Box<dyn Error>>(())
    };
    tokio::try_join!(repair, pay)?;
    assert_eq!(till.euros().await?, 5);
    Ok(())
}
