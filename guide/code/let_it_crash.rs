//! The tests on the page "Let it crash".

// ANCHOR: imports
use std::error::Error;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::{Backoff, PartitionSupervisor};
use ambit::task::Ready;
use ambit::test::{assert_restarted, assert_tree, crash, settle};
use tokio::net::TcpListener;
// ANCHOR_END: imports

// ANCHOR: shop
#[derive(Clone)]
struct Ledger {
    sold: u32,
}

#[gen_server]
impl Ledger {
    #[init]
    fn new(sold: u32) -> Self {
        Self { sold }
    }

    #[call]
    fn sell(&mut self, pieces: u32) -> u32 {
        self.sold += pieces;
        self.sold
    }
}

struct Counter {
    ledger: LedgerSubject,
}

#[gen_server]
impl Counter {
    #[init]
    fn new(ledger: LedgerSubject) -> Self {
        Self { ledger }
    }

    #[call]
    async fn serve(&mut self, pieces: u32) -> Result<u32, CallError> {
        self.ledger.sell(pieces).await
    }
}

struct Shop {
    sold_before: u32,
}

#[supervisor(strategy = RestForOne, restarts = 3, within = Duration::from_secs(5))]
impl Shop {
    /// The first child: the others depend on it.
    #[child(shutdown = Duration::from_secs(10))]
    fn ledger(&self) -> ChildSpec<Ledger> {
        Ledger::child_spec(self.sold_before)
    }

    /// Calls its sibling through the handle of the supervisor.
    #[child]
    fn counter(&self, shop: &ShopSubject) -> ChildSpec<Counter> {
        Counter::child_spec(shop.ledger())
    }

    /// One server per customer, started on demand.
    #[child]
    fn customers(&self) -> ChildSpec<DynamicSupervisor> {
        DynamicSupervisor::child_spec()
    }

    /// A plain future without messages.
    #[child(restart = Transient)]
    fn advertisement(&self) -> ChildSpec<Task> {
        ChildSpec::task("advertisement", || async {})
    }
}
// ANCHOR_END: shop

// ANCHOR: walk
#[ambit::test]
async fn a_shop_opens() -> Result<(), Box<dyn Error>> {
    let shop = Shop { sold_before: 40 }.start().await?; // all children are running, or this is an error
    settle().await;
    assert_tree!(
        shop,
        "
        ledger
        counter
        customers
        advertisement (stopped)
        "
    );

    let counter: CounterSubject = shop.counter(); // typed, and valid across restarts
    assert_eq!(counter.serve(2).await?, Ok(42));
    let old = counter.pid();
    assert_restarted!(counter, crash(&shop.ledger()).await); // restarts the counter as well
    assert_ne!(counter.pid(), old);
    assert_eq!(counter.serve(2).await?, Ok(42)); // `sold_before` again, and 2
    Ok(())
}
// ANCHOR_END: walk

// ANCHOR: data
fn ledger(id: &str) -> ChildSpec<Ledger> {
    Ledger::child_spec(0)
        .id(id) // default: the type name
        .restart(Restart::Transient) // default: Permanent
        .shutdown(Duration::from_secs(1)) // default: 5 s, Infinity for a supervisor
        .backoff(Backoff::constant(Duration::from_secs(2))) // default: at once
        .name(id) // default: none
}

#[ambit::test]
async fn children_as_data() -> Result<(), Box<dyn Error>> {
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .restarts(1, Duration::from_secs(60))
        .child(ledger("food"))
        .child(ledger("books"))
        .start()
        .name("ledgers")
        .await?;
    assert_eq!(LedgerSubject::named("books").sell(1).await?, 1);

    // A running supervisor can add, stop, restart and remove children.
    let toys: LedgerSubject = supervisor.start_child(ledger("toys")).await?;
    assert_eq!(toys.sell(3).await?, 3);
    supervisor.terminate_child("toys").await?; // its spec remains
    assert_eq!(toys.sell(3).await, Err(CallError::NoProcess));
    supervisor.restart_child("toys").await?;
    assert_eq!(toys.sell(3).await?, 3);
    supervisor.terminate_child("toys").await?;
    supervisor.delete_child("toys").await?; // now it is removed
    let gone = Supervisor::named("ledgers").restart_child("toys").await;
    assert_eq!(gone, Err(ChildError::NotFound));
    Ok(())
}
// ANCHOR_END: data

// ANCHOR: strategies
/// Crashes b, and returns which of the children a, b and c are new processes.
async fn new_after_a_crash_of_b(strategy: Strategy) -> Result<[bool; 3], Box<dyn Error>> {
    let child = |id: &str| Ledger::child_spec(0).id(id);
    let supervisor = Supervisor::builder().strategy(strategy).start().await?;
    let a = supervisor.start_child(child("a")).await?;
    let b = supervisor.start_child(child("b")).await?;
    let c = supervisor.start_child(child("c")).await?;
    let pids = || [a.pid(), b.pid(), c.pid()];
    let before = pids();
    crash(&b).await;
    settle().await;
    let now = pids();
    Ok([0, 1, 2].map(|n| now[n] != before[n]))
}

#[ambit::test]
async fn the_children_that_restart_together() -> Result<(), Box<dyn Error>> {
    let new = new_after_a_crash_of_b(Strategy::OneForOne).await?;
    assert_eq!(new, [false, true, false]);
    let new = new_after_a_crash_of_b(Strategy::RestForOne).await?;
    assert_eq!(new, [false, true, true]);
    let new = new_after_a_crash_of_b(Strategy::OneForAll).await?;
    assert_eq!(new, [true, true, true]);
    Ok(())
}
// ANCHOR_END: strategies

// ANCHOR: start
#[ambit::test]
async fn a_supervisor_starts_with_all_its_children_or_not_at_all() -> Result<(), Box<dyn Error>> {
    let supervisor = Supervisor::builder()
        .child(ledger("food"))
        .child(ledger("books").name("food")) // the name is unique
        .start();
    let Err(StartError::Init(ExitReason::ShutdownWith(why))) = supervisor.await else {
        panic!("it has started")
    };
    let why = why.to_string();
    assert!(why.starts_with("failed to start child `books`: "));
    assert!(ambit::whereis::<Ledger>("food").is_err()); // it has been stopped
    Ok(())
}
// ANCHOR_END: start

// ANCHOR: sessions
struct Basket;

#[gen_server]
impl Basket {
    #[call]
    fn check_out(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }
}

#[ambit::test]
async fn children_of_a_dynamic_supervisor() -> Result<(), Box<dyn Error>> {
    let customers = DynamicSupervisor::builder().max_children(2).start().await?;
    let spec = || Basket::child_spec(|| Basket).restart(Restart::Transient);
    let ada = customers.start_child(spec()).await?;
    let bob = customers.start_child(spec()).await?;
    let eve = customers.start_child(spec()).await;
    assert_eq!(eve, Err(ChildError::MaxChildren));

    ada.check_out().await?; // a clean end: removed
    settle().await;
    assert_eq!(customers.count_children().await?.specs, 1);
    assert_restarted!(bob, crash(&bob).await); // restarted alone
    customers.terminate_child(bob.pid()).await?;
    assert_eq!(customers.count_children().await?.specs, 0);
    Ok(())
}
// ANCHOR_END: sessions

// ANCHOR: partitions
#[ambit::test]
async fn one_server_split_into_partitions() -> Result<(), Box<dyn Error>> {
    let shards = PartitionSupervisor::<Ledger>::builder(|_| Ledger::child_spec(0));
    let ledgers = shards.partitions(4).start().await?;
    ledgers.route("food").sell(2).await?; // one key, one child
    assert_eq!(ledgers.route("food").sell(1).await?, 3);
    Ok(())
}
// ANCHOR_END: partitions

// ANCHOR: ready
async fn listen(address: SocketAddr, ready: Ready) -> io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    ready.notify();
    loop {
        let (_socket, _peer) = listener.accept().await?;
    }
}

#[ambit::test(real_time)]
async fn a_port_in_use_fails_the_start() -> Result<(), Box<dyn Error>> {
    let holder = TcpListener::bind("127.0.0.1:0").await?;
    let taken = holder.local_addr()?;

    let listener = ChildSpec::task_with_ready("listener", move |ready| listen(taken, ready));
    let server = Supervisor::builder().child(listener).start().await;
    let error = server.unwrap_err().to_string();
    assert!(error.contains("failed to start child `listener`: Address already in use"));
    Ok(())
}
// ANCHOR_END: ready

// ANCHOR: parallel
struct Shard;

#[gen_server]
impl Shard {
    #[init]
    async fn load(_part: u8) -> Self {
        tokio::time::sleep(Duration::from_secs(3)).await;
        Self
    }
}

struct Store {
    shards: Vec<ShardSubject>,
}

#[gen_server]
impl Store {
    #[init]
    async fn open(parts: u8) -> Result<Self, StartError> {
        let starts: Vec<_> = (0..parts)
            .map(|part| Shard::start(part).link().send())
            .collect();
        let mut shards = Vec::new();
        for start in starts {
            shards.push(start.await?);
        }
        Ok(Self { shards })
    }

    #[call]
    fn len(&self) -> usize {
        self.shards.len()
    }
}

#[ambit::test]
async fn all_shards_load_in_parallel() -> Result<(), Box<dyn Error>> {
    let began = tokio::time::Instant::now();
    let store = Store::start(16).await?;
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    assert_eq!(store.len().await?, 16);
    Ok(())
}
// ANCHOR_END: parallel
