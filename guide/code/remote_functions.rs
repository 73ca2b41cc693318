//! What the page "Functions of other nodes" says, as tests.

// ANCHOR: imports
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use ambit::prelude::*;
use tokio::sync::watch;
// ANCHOR_END: imports

use std::error::Error;

use ambit::system::System;
use ambit_dist::transport::Memory;
use ambit_dist::{Node, NodeBuilder};

// ANCHOR: functions
#[rpc]
fn area(w: f64, h: f64) -> Result<f64, String> {
    match w < 0.0 || h < 0.0 {
        true => Err("a side is negative".to_owned()),
        false => Ok(w * h),
    }
}

static STARTED: LazyLock<Instant> = LazyLock::new(Instant::now);

#[rpc(name = "shop.uptime", timeout = Duration::from_secs(30))]
async fn uptime() -> Duration {
    tokio::task::yield_now().await;
    STARTED.elapsed()
}
// ANCHOR_END: functions

fn builder(network: &Memory, name: &str) -> Result<NodeBuilder, Box<dyn Error>> {
    let transport = network.bind("10.0.0.1:0".parse()?)?;
    Ok(Node::builder(name).transport(transport))
}

/// Two nodes, `a` connected to `b`.
async fn pair() -> Result<(Node, Node), Box<dyn Error>> {
    let network = Memory::new();
    let a = builder(&network, "a")?.start().await?;
    let b = builder(&network, "b")?.system(System::builder().build()?);
    let b = b.start().await?;
    a.connect(b.local_addr()).await?;
    Ok((a, b))
}

#[ambit::test]
async fn called() -> Result<(), Box<dyn Error>> {
    let (a, b) = pair().await?;
    // ANCHOR: called
    // On b:
    b.expose_rpc::<area>();
    b.expose_rpc::<uptime>();
    // On a:
    assert_eq!(a.on("b").call(area(2.0, 3.0)).await??, 6.0);
    println!("b is up for {:?}", a.on("b").call(uptime()).await?);
    // And locally:
    assert_eq!(area(2.0, 3.0).run().await?, 6.0);
    // ANCHOR_END: called
    Ok(())
}

// ANCHOR: broken
#[rpc(name = "shop.broken")]
fn broken() -> u64 {
    panic!("on purpose")
}
// ANCHOR_END: broken

#[ambit::test]
async fn errors() -> Result<(), Box<dyn Error>> {
    let (a, b) = pair().await?;
    // ANCHOR: errors
    let refused = a.on("b").call(area(2.0, 3.0)).await;
    assert_eq!(refused, Err(CallError::NotExposed));

    b.expose_rpc::<area>();
    let negative = a.on("b").call(area(-2.0, 3.0)).await?;
    assert_eq!(negative, Err("a side is negative".to_owned()));

    b.expose_rpc::<broken>();
    let Err(CallError::Exited { reason, .. }) = a.on("b").call(broken()).await else {
        return Err("it has not panicked".into());
    };
    assert!(reason.to_string().contains("on purpose"));

    let executed = Executed::No;
    let missing = a.on("missing").call(area(2.0, 3.0)).await;
    assert_eq!(missing, Err(CallError::NoConnection { executed }));
    // ANCHOR_END: errors
    Ok(())
}

// ANCHOR: cancelled
/// How many calls of `report` are running.
static RUNNING: LazyLock<watch::Sender<u32>> = LazyLock::new(|| watch::channel(0).0);

/// Cleans up when it is dropped, for any reason.
struct Draft;

impl Drop for Draft {
    fn drop(&mut self) {
        RUNNING.send_modify(|running| *running -= 1);
    }
}

#[rpc(name = "shop.report")]
async fn report() -> String {
    RUNNING.send_modify(|running| *running += 1);
    let _draft = Draft;
    std::future::pending().await
}
// ANCHOR_END: cancelled

#[ambit::test]
async fn cancelled() -> Result<(), Box<dyn Error>> {
    let (a, b) = pair().await?;
    // ANCHOR: given_up
    // On b:
    b.expose_rpc::<report>();
    let mut running = RUNNING.subscribe();
    // On a:
    let second = Duration::from_secs(1);
    let late = a.on("b").call(report()).timeout(second).await;
    assert_eq!(late, Err(CallError::Timeout));
    // Its caller has given up: it is ended on b.
    running.wait_for(|running| *running == 0).await?;

    let pending = a.on("b").call(report()).send()?;
    running.wait_for(|running| *running == 1).await?;
    drop(pending);
    running.wait_for(|running| *running == 0).await?;
    // ANCHOR_END: given_up
    Ok(())
}

#[ambit::test]
async fn many() -> Result<(), Box<dyn Error>> {
    let network = Memory::new();
    let a = builder(&network, "a")?.start().await?;
    let mut others = Vec::new();
    for name in ["b", "c"] {
        let node = builder(&network, name)?.system(System::builder().build()?);
        let node = node.start().await?;
        node.expose_rpc::<area>();
        a.connect(node.local_addr()).await?;
        others.push(node);
    }
    // ANCHOR: many
    // All requests are sent before the first reply is awaited.
    let names: Vec<_> = a.peers().into_iter().map(|peer| peer.id.name).collect();
    let asked = names.iter().map(|name| {
        let call = a.on(name).call(area(2.0, 3.0));
        (name, call.send())
    });
    let asked: Vec<_> = asked.collect();
    for (name, pending) in asked {
        println!("{name}: {}", pending?.await??);
    }
    // ANCHOR_END: many
    assert_eq!(names.len(), 2);
    Ok(())
}

// ANCHOR: find
struct Stock(u64);

#[gen_server(remote = "shop.stock")]
impl Stock {
    #[call]
    fn left(&self) -> u64 {
        self.0
    }
}

/// Returns the stock of the called node. Waits for a restart, if there is one.
#[rpc(name = "shop.find_stock")]
async fn find_stock() -> Option<StockSubject> {
    let stock = ambit::wait_for::<Stock>("stock");
    stock.timeout(Duration::from_secs(2)).await.ok()
}
// ANCHOR_END: find

#[ambit::test]
async fn found() -> Result<(), Box<dyn Error>> {
    let (a, b) = found_on_b().await?;
    // ANCHOR: found
    // On b:
    b.expose_rpc::<find_stock>();
    // On a:
    let stock = a.on("b").call(find_stock()).await?;
    let stock = stock.ok_or("b has no stock")?;
    assert_eq!(stock.left().await?, 7);
    // ANCHOR_END: found
    Ok(())
}

/// Two nodes, and a stock on `b`.
async fn found_on_b() -> Result<(Node, Node), Box<dyn Error>> {
    #[rpc(name = "shop.open")]
    async fn open() -> bool {
        Stock(7).start().name("stock").await.is_ok()
    }
    let (a, b) = pair().await?;
    b.expose_rpc::<open>();
    assert!(a.on("b").call(open()).await?);
    Ok((a, b))
}
