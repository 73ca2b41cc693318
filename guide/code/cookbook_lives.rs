//! The recipes on starting and restarting.

// ANCHOR: imports
use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::{Probe, assert_restarted, crash, start_supervised};
use tokio::sync::watch;

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: pool
/// Represents the pool of a database library, which is cheap to clone.
#[derive(Clone, Default)]
struct Pool(Arc<AtomicU32>);

struct Orders {
    pool: Pool,
}

#[gen_server]
impl Orders {
    #[init]
    fn new(pool: Pool) -> Self {
        Self { pool }
    }
    #[call]
    fn order(&mut self) -> u32 {
        self.pool.0.fetch_add(1, Ordering::Relaxed) + 1
    }
}

#[ambit::test]
async fn children_share_a_pool() -> Result<(), Box<dyn Error>> {
    let pool = Pool::default();
    let orders = |id: &str| Orders::child_spec(pool.clone()).id(id); // cloned again for each restart
    let supervisor = Supervisor::builder().start().await?;
    let left = supervisor.start_child(orders("left")).await?;
    let right = supervisor.start_child(orders("right")).await?;
    assert_eq!((left.order().await?, right.order().await?), (1, 2));
    assert_restarted!(left, crash(&left).await);
    assert_eq!(left.order().await?, 3);
    Ok(())
}
// ANCHOR_END: pool

// ANCHOR: config
#[derive(Clone, Default)]
struct Config {
    greeting: String,
}

struct Greeter {
    config: watch::Receiver<Config>,
}

#[gen_server]
impl Greeter {
    #[init]
    fn new(config: watch::Receiver<Config>) -> Self {
        Self { config }
    }
    #[call]
    fn greet(&self) -> String {
        self.config.borrow().greeting.clone()
    }
}

/// The supervisor has the settings, and passes each child its part.
struct App {
    config: watch::Receiver<Config>,
}

#[supervisor]
impl App {
    #[child]
    fn greeter(&self) -> ChildSpec<Greeter> {
        Greeter::child_spec(self.config.clone())
    }
}

#[ambit::test]
async fn children_get_settings_and_changes() -> Result<(), Box<dyn Error>> {
    let greeting = "hello".into();
    let (change, config) = watch::channel(Config { greeting });
    let app = App { config }.start().await?;
    assert_eq!(app.greeter().greet().await?, "hello");
    change.send_modify(|config| config.greeting = "good day".into());
    assert_eq!(app.greeter().greet().await?, "good day");
    Ok(())
}
// ANCHOR_END: config

// ANCHOR: per_key
/// The cart of one customer. It ends after ten idle minutes.
struct Cart {
    things: u32,
}

const IDLE: Duration = Duration::from_secs(600);

#[gen_server]
impl Cart {
    #[init]
    fn new(ctx: &mut Context<Self>) -> Self {
        ctx.idle_timeout(IDLE);
        Self { things: 0 }
    }
    #[call]
    fn add(&mut self, ctx: &mut Context<Self>) -> u32 {
        ctx.idle_timeout(IDLE); // every message cancels it
        self.things += 1;
        self.things
    }
    #[info]
    fn on_silence(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        ctx.stop(ExitReason::Normal);
    }
}

#[derive(Clone)]
struct Carts {
    supervisor: DynamicSupervisor,
    customers: Registry<u64, Cart>,
}

impl Carts {
    async fn of(&self, customer: u64) -> Result<CartSubject, ChildError> {
        if let Some(cart) = self.customers.lookup(&customer) {
            return Ok(cart);
        }
        let spec = Cart::child_spec().restart(Restart::Temporary);
        let spec = spec.via(&self.customers, customer);
        match self.supervisor.start_child(spec).await {
            Err(ChildError::Start(StartError::AlreadyRegistered { .. })) => {
                Ok(self.customers.via(customer)) // another request was faster
            }
            started => started,
        }
    }
}

#[ambit::test]
async fn a_server_per_customer() -> Result<(), Box<dyn Error>> {
    let supervisor = DynamicSupervisor::builder().start().await?;
    let customers = Registry::unique();
    let carts = Carts {
        supervisor,
        customers,
    };
    assert_eq!(carts.of(7).await?.add().await?, 1);
    assert_eq!(carts.of(7).await?.add().await?, 2);
    let end = carts.of(7).await?.monitor();
    assert_eq!(end.await.reason, ExitReason::Normal); // ten minutes later
    assert_eq!(carts.of(7).await?.add().await?, 1);
    Ok(())
}
// ANCHOR_END: per_key

// ANCHOR: task
#[ambit::test]
async fn a_loop_under_a_supervisor() -> Result<(), Box<dyn Error>> {
    let mut polled = Probe::<u32>::new();
    let to = polled.recipient();
    let poller = move || {
        let to = to.clone();
        async move {
            for n in 0.. {
                to.send(n).await?;
                tokio::time::sleep(SECOND).await;
            }
            Ok::<_, CastError>(())
        }
    };
    let task = start_supervised(ChildSpec::task("poller", poller)).await;
    assert_eq!((polled.expect().await, polled.expect().await), (0, 1));
    assert_restarted!(task, crash(&task).await);
    assert_eq!(polled.expect().await, 0); // it starts again
    Ok(())
}
// ANCHOR_END: task

// ANCHOR: connect
/// Connects, and retries. Callers get an error meanwhile.
struct Link {
    peer: Arc<AtomicBool>,
    is_up: bool,
}

struct TryAgain;

#[gen_server]
impl Link {
    #[init]
    fn new(ctx: &mut Context<Self>, peer: Arc<AtomicBool>) -> Self {
        ctx.continue_with(LinkContinue::Connect);
        let is_up = false;
        Self { peer, is_up }
    }

    #[continue_with]
    async fn connect(&mut self, ctx: &mut Context<Self>) {
        self.is_up = self.peer.load(Ordering::Relaxed); // `TcpStream::connect(..).await`
        if !self.is_up {
            ctx.send_after(SECOND, TryAgain);
        }
    }

    #[info]
    fn on_try_again(&mut self, ctx: &mut Context<Self>, _: TryAgain) {
        ctx.continue_with(LinkContinue::Connect);
    }

    #[call]
    fn send(&mut self, _line: String) -> Result<(), &'static str> {
        if self.is_up {
            Ok(())
        } else {
            Err("not connected yet")
        }
    }
}

#[ambit::test]
async fn an_unavailable_peer_does_not_stop_the_server() -> Result<(), Box<dyn Error>> {
    let peer = Arc::new(AtomicBool::new(false));
    let link = start_supervised(Link::child_spec(peer.clone())).await; // at once
    assert_eq!(link.send("a".into()).await?, Err("not connected yet"));
    peer.store(true, Ordering::Relaxed);
    tokio::time::sleep(2 * SECOND).await;
    assert_eq!(link.send("a".into()).await?, Ok(()));
    Ok(())
}
// ANCHOR_END: connect

// ANCHOR: generic
/// One server for any key and value.
struct Cache<K, V> {
    entries: BTreeMap<K, V>,
}

#[gen_server]
impl<K: Ord, V: Clone> Cache<K, V> {
    #[init]
    fn new() -> Self {
        let entries = BTreeMap::new();
        Self { entries }
    }
    #[cast]
    fn put(&mut self, key: K, value: V) {
        self.entries.insert(key, value);
    }
    #[call]
    fn get(&self, key: K) -> Option<V> {
        self.entries.get(&key).cloned()
    }
}

#[ambit::test]
async fn a_generic_server() -> Result<(), Box<dyn Error>> {
    let ages: CacheSubject<String, u8> = Cache::start().await?;
    ages.put("Ann".into(), 41).await?;
    assert_eq!(ages.get("Ann".into()).await?, Some(41));
    Ok(())
}
// ANCHOR_END: generic
