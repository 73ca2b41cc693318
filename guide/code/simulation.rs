//! What the page "Simulating a cluster" says, as tests.

// ANCHOR: imports
use std::collections::{BTreeSet, HashSet};
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit_dist::Node;
use ambit_dist::sim::{Cause, Chaos, Fault, Host, Sim, Sweep, always, note, replay, sometimes};
// ANCHOR_END: imports

// ANCHOR: server
struct Tickets {
    left: u64,
    orders: BTreeSet<u64>,
}

#[gen_server(remote = "guide.tickets")]
impl Tickets {
    #[init]
    fn new(left: u64) -> Self {
        let orders = BTreeSet::new();
        Self { left, orders }
    }

    #[call]
    fn sell(&mut self) {
        self.left -= 1;
    }

    /// Sells one ticket per order, even if the order is repeated.
    #[call]
    fn sell_for(&mut self, order: u64) {
        if self.orders.insert(order) {
            self.left -= 1;
        }
    }

    #[call]
    fn left(&self) -> u64 {
        self.left
    }
}
// ANCHOR_END: server

// ANCHOR: hosts
const PORT: u16 = 9_000;
const SECOND: Duration = Duration::from_secs(1);

/// A node on which others may start `Tickets`. It runs until the end.
async fn shop(host: Host) -> Result<(), Box<dyn Error>> {
    let node = host.node(PORT).start().await?;
    node.expose::<Tickets>();
    std::future::pending().await
}

/// A hundred tickets on another node.
async fn open(node: &Node, host: &Host, shop: &str) -> Result<TicketsSubject, Box<dyn Error>> {
    node.connect(host.address_of(shop, PORT)).await?;
    Ok(node.on(shop).start::<Tickets>((100,)).await?)
}
// ANCHOR_END: hosts

// ANCHOR: careless
/// Ten orders. An order without a reply within a second is repeated.
async fn careless(host: Host) -> Result<(), Box<dyn Error>> {
    let node = host.node(PORT).start().await?;
    let tickets = open(&node, &host, "shop").await?;
    for order in 1..=10 {
        while let Err(CallError::Timeout) = tickets.sell().timeout(SECOND).await {
            note!("order {order} once more");
        }
        tokio::time::sleep(SECOND / 5).await;
    }
    let left = tickets.left().await?;
    always!(left == 90, "one ticket per order", "{left} are left");
    Ok(())
}
// ANCHOR_END: careless

#[test]
fn a_network_without_faults() -> Result<(), Box<dyn Error>> {
    // ANCHOR: calm
    let mut sim = Sim::new(1);
    sim.host("shop", shop);
    sim.client("web", careless);
    let outcome = sim.run()?;
    assert!(outcome.time < 5 * SECOND);
    // ANCHOR_END: calm
    Ok(())
}

// ANCHOR: partition
fn partition(sim: &mut Sim) {
    sim.at(SECOND, Fault::Partition("shop".into(), "web".into()));
    sim.at(3 * SECOND, Fault::Heal("shop".into(), "web".into()));
    sim.host("shop", shop);
    sim.client("web", careless);
}
// ANCHOR_END: partition

#[test]
fn a_partition_finds_the_bug() {
    // ANCHOR: found
    let mut sim = Sim::new(1);
    partition(&mut sim);
    let error = sim.run().unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`one ticket per order` must always hold and does not"));
    assert!(error.host == "web" && error.at > 3 * SECOND);
    // ANCHOR_END: found
}

// ANCHOR: crash
/// Connects to a shop until it succeeds.
async fn reopen(node: &Node, host: &Host, shop: &str) -> TicketsSubject {
    loop {
        match open(node, host, shop).await {
            Ok(tickets) => return tickets,
            Err(error) => note!("{shop}: {error}"),
        }
        tokio::time::sleep(SECOND / 2).await;
    }
}

/// Monitors its tickets, and gets new ones when they are lost.
async fn patient(host: Host) -> Result<(), Box<dyn Error>> {
    let node = host.node(PORT).start().await?;
    let tickets = reopen(&node, &host, "shop").await;
    tickets.sell().await?;
    tickets.monitor().await;
    always!(host.now() < 10 * SECOND, "a crash is noticed");

    let tickets = reopen(&node, &host, "shop").await;
    always!(
        tickets.left().await? == 100,
        "a new incarnation starts empty"
    );
    Ok(())
}

fn crash(sim: &mut Sim) {
    sim.host("shop", shop);
    sim.client("web", patient);
    sim.at(2 * SECOND, Fault::Crash("shop".into()));
    sim.at(10 * SECOND, Fault::Bounce("shop".into()));
}
// ANCHOR_END: crash

#[test]
fn a_crash_loses_what_was_in_memory() -> Result<(), Box<dyn Error>> {
    let mut sim = Sim::new(1);
    crash(&mut sim);
    sim.run()?;
    Ok(())
}

// ANCHOR: careful
/// Ten orders at two shops. An order has a number, so repeating it does no harm.
async fn careful(host: Host) -> Result<(), Box<dyn Error>> {
    let node = host.node(PORT).start().await?;
    let north = reopen(&node, &host, "north").await;
    let south = reopen(&node, &host, "south").await;
    let mut rng = host.rng("orders");
    for order in 1..=10 {
        let tickets = if rng.chance(0.5) { &north } else { &south };
        let mut asked = 1;
        while let Err(error) = tickets.sell_for(order).timeout(SECOND).await {
            note!("order {order}: {error}");
            asked += 1;
            tokio::time::sleep(SECOND / 5).await;
        }
        sometimes!(asked > 1, "an order is given again");
        tokio::time::sleep(SECOND / 10).await;
    }
    let mut left = 0;
    for tickets in [&north, &south] {
        left += loop {
            match tickets.left().await {
                Ok(left) => break left,
                Err(error) => note!("not counted: {error}"),
            }
            tokio::time::sleep(SECOND / 5).await;
        };
    }
    always!(left == 190, "one ticket per order", "{left} are left");
    sometimes!(true, "all orders are through");
    Ok(())
}

fn shops(sim: &mut Sim) {
    sim.host("north", shop);
    sim.host("south", shop);
    sim.host("web", careful);
    let chaos = Chaos::until(4 * SECOND).every(SECOND / 10..=SECOND / 2);
    sim.chaos(chaos.lasts(SECOND..=3 * SECOND));
    sim.tick(SECOND / 100).limit(10 * SECOND);
}
// ANCHOR_END: careful

#[test]
fn a_sweep() {
    // ANCHOR: sweep
    let report = Sweep::over(0..12).run(shops);
    report.assert_passed();
    // ANCHOR_END: sweep
    assert_eq!(report.runs, 12);
}

#[test]
fn a_seed_that_failed_fails_again() {
    // ANCHOR: reproduce
    let report = Sweep::over(0..2)
        .reproduce_with(|seed| format!("SEED={seed} cargo test one_seed"))
        .run(partition);
    let first = &report.failures[0];
    let text = first.to_string();
    assert!(text.contains("reproduce with: SEED=0 cargo test one_seed"));

    let again = replay(first.seed, partition).unwrap_err();
    assert_eq!((&again.cause, again.at), (&first.cause, first.at));
    // ANCHOR_END: reproduce
}

// ANCHOR: one_seed
/// `SEED=17 cargo test one_seed -- --nocapture`
#[test]
fn one_seed() -> Result<(), Box<dyn Error>> {
    let seed = std::env::var("SEED").map_or(Ok(1), |seed| seed.parse())?;
    let run = replay(seed, shops);
    let events = run
        .as_ref()
        .map_or_else(|error| &error.events, |outcome| &outcome.events);
    for event in events {
        println!("{event}");
    }
    run?;
    Ok(())
}
// ANCHOR_END: one_seed

#[test]
fn the_order_of_a_hash_set_is_found() {
    // ANCHOR: hash
    let error = replay(1, |sim| {
        sim.client("web", |_| async {
            let seats: HashSet<u64> = (1..=100).collect();
            for seat in seats {
                note!("seat {seat}");
            }
        });
    });
    let cause = error.unwrap_err().cause;
    assert!(matches!(cause, Cause::NotTheSame { .. }));
    assert!(cause.to_string().contains("seat "));
    // ANCHOR_END: hash
}

#[test]
fn a_run_from_the_same_seed_is_identical() -> Result<(), Box<dyn Error>> {
    // ANCHOR: same
    replay(1, |sim| {
        sim.client("web", |host| async move {
            let seats: BTreeSet<u64> = (1..=100).collect();
            let seats: Vec<u64> = seats.into_iter().collect();
            let mut rng = host.rng("seats");
            let began = tokio::time::Instant::now();
            tokio::time::sleep(SECOND).await;
            note!("seat {:?} at {}", rng.pick(&seats), host.wall_clock());
            note!("after {:?}", began.elapsed());
        });
    })?;
    // ANCHOR_END: same
    Ok(())
}
