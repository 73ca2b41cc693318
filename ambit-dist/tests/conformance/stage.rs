//! Where a case is played: two nodes, each with a system of its own, on three kinds of network.

use std::cell::{Cell, RefCell};
use std::fmt::Debug;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use ambit::System;
use ambit_dist::sim::{Host, Sim};
use ambit_dist::transport::{Memory, Pace};
use ambit_dist::{
    Auth, Cookie, Incarnation, Limits, Node, NodeBuilder, NodeEvent, NodeEvents, NodeId, Reconnect,
    Timeouts,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::actors;

/// Where the node `far` listens in the simulation.
const PORT: u16 = 9_000;
/// With each of these the simulation makes another run.
const SEEDS: std::ops::Range<u64> = 0..3;

/// The other node, in its present life.
#[derive(Clone, Debug)]
pub(crate) struct Far {
    pub(crate) node: Node,
    pub(crate) system: System,
}

impl Far {
    async fn begin(builder: NodeBuilder, system: System, limits: Limits) -> Self {
        let builder = builder.system(system.clone()).limits(limits);
        let node = builder.reconnect(Reconnect::Never).start().await.unwrap();
        actors::expose(&node);
        Self { node, system }
    }

    /// Does `what` there: what it spawns lives there.
    pub(crate) fn within<T>(&self, what: impl FnOnce() -> T) -> T {
        self.system.within(what)
    }
}

enum Network {
    /// Real time. The other node has a runtime of its own, so that it can end without a word.
    Quic {
        cookie: String,
        other: RefCell<Option<Runtime>>,
    },
    /// Virtual time. The number is that of the other node's life.
    Memory(Memory, Cell<u64>),
    /// Virtual time, and real QUIC between simulated hosts.
    Simulated(Host),
}

/// Two nodes that are connected: `near`, where the case is played, and `far`.
pub(crate) struct Stage {
    pub(crate) near: Node,
    far: watch::Receiver<Option<Far>>,
    next: watch::Sender<Option<Far>>,
    network: Network,
    limits: Limits,
}

/// Plays a case over QUIC on loopback, in memory, and in the simulation.
pub(crate) fn everywhere<Fut>(body: impl Fn(Stage) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    everywhere_within(&Limits::default(), body);
}

/// As [`everywhere`], with nodes that have these limits.
pub(crate) fn everywhere_within<Fut>(limits: &Limits, body: impl Fn(Stage) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    over_quic(limits, body);
    in_memory(limits, body);
    for seed in SEEDS {
        simulated(seed, limits, body);
    }
}

/// Plays a case in memory and in the simulation only: it is about time.
pub(crate) fn in_virtual_time<Fut>(body: impl Fn(Stage) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    let limits = Limits::default();
    in_memory(&limits, body);
    for seed in SEEDS {
        simulated(seed, &limits, body);
    }
}

/// Says where it was played if it fails.
struct Played(&'static str);

impl Drop for Played {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("... {}", self.0);
        }
    }
}

fn over_quic<Fut: Future<Output = ()>>(limits: &Limits, body: impl Fn(Stage) -> Fut) {
    let _played = Played("over QUIC on loopback");
    let cookie = Cookie::generate().unwrap().reveal().to_string();
    let other = runtime();
    let far = other.block_on(other.spawn(loopback_life(cookie.clone(), limits.clone())));
    let network = Network::Quic {
        cookie: cookie.clone(),
        other: RefCell::new(Some(other)),
    };
    runtime().block_on(async move {
        let system = quiet();
        let _here = system.enter();
        let near = on_loopback("near", &cookie).system(system.clone());
        body(Stage::new(near, far.unwrap(), network, limits).await).await;
    });
}

fn in_memory<Fut: Future<Output = ()>>(limits: &Limits, body: impl Fn(Stage) -> Fut) {
    let _played = Played("in memory");
    let clock = Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build();
    clock.unwrap().block_on(async move {
        let system = quiet();
        let _here = system.enter();
        let memory = Memory::new();
        let far = Far::begin(in_network(&memory, "far", 1), quiet(), limits.clone()).await;
        let near = in_network(&memory, "near", 1).system(system.clone());
        let network = Network::Memory(memory, Cell::new(1));
        body(Stage::new(near, far, network, limits).await).await;
    });
}

fn simulated<Fut>(seed: u64, limits: &Limits, body: impl Fn(Stage) -> Fut + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    let _played = Played("in the simulation");
    let (next, far) = watch::channel(None);
    let begins = next.clone();
    let (of_far, limits) = (limits.clone(), limits.clone());
    let mut sim = Sim::new(seed);
    sim.limit(Duration::from_secs(600));
    sim.host("far", move |host| {
        let (begins, limits) = (begins.clone(), of_far.clone());
        async move {
            let far = Far::begin(host.node(PORT), host.system().clone(), limits).await;
            begins.send_replace(Some(far));
        }
    });
    sim.client("near", |host| async move {
        let mut lives = far.clone();
        let far = lives.wait_for(Option::is_some).await.unwrap().clone();
        let near = host.node(PORT).system(host.system().clone());
        let network = Network::Simulated(host);
        let stage = Stage::new(near, far.unwrap(), network, &limits).await;
        body(stage.told_by(next)).await;
    });
    sim.run().unwrap();
}

fn runtime() -> Runtime {
    let one = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    one.unwrap()
}

fn quiet() -> System {
    System::builder().quiet_panics(true).build().unwrap()
}

fn on_loopback(name: &str, cookie: &str) -> NodeBuilder {
    // Other tests share the machine: no node is lost because it has to wait for a processor.
    let patient = Timeouts::default().heartbeat(Duration::from_secs(5));
    let auth = Auth::cookie(cookie.to_owned());
    Node::builder(name).auth(auth).timeouts(patient)
}

/// A life of the other node; it belongs to the runtime that this is polled in.
async fn loopback_life(cookie: String, limits: Limits) -> Far {
    Far::begin(on_loopback("far", &cookie), quiet(), limits).await
}

fn in_network(memory: &Memory, name: &str, life: u64) -> NodeBuilder {
    let transport = memory.bind("10.0.0.1:0".parse().unwrap()).unwrap();
    let incarnation = Incarnation::new((1 << 40) + life, 0);
    let builder = Node::builder(name).transport(transport).seed(life);
    builder.incarnation(incarnation)
}

impl Stage {
    async fn new(near: NodeBuilder, far: Far, network: Network, limits: &Limits) -> Self {
        let near = near.limits(limits.clone());
        let near = near.reconnect(Reconnect::Never).start().await.unwrap();
        actors::expose(&near);
        let (next, far) = watch::channel(Some(far));
        let stage = Self {
            near,
            far,
            next,
            network,
            limits: limits.clone(),
        };
        stage.connect().await;
        stage
    }

    /// Learns of later lives of the other node from its host.
    fn told_by(mut self, next: watch::Sender<Option<Far>>) -> Self {
        self.far = next.subscribe();
        self.next = next;
        self
    }

    /// The other node.
    pub(crate) fn far(&self) -> Far {
        self.far.borrow().clone().unwrap()
    }

    /// Where the other node is.
    pub(crate) fn address(&self) -> SocketAddr {
        match &self.network {
            Network::Simulated(host) => host.address_of("far", PORT),
            Network::Quic { .. } | Network::Memory(..) => self.far().node.local_addr(),
        }
    }

    /// Connects the two: both have noticed.
    pub(crate) async fn connect(&self) {
        let far = self.far().node;
        let connected = match &self.network {
            // A later life has the address of the one before, which this node may believe to be there still.
            Network::Simulated(host) => soon(far.connect(host.address_of("near", PORT))).await,
            Network::Quic { .. } | Network::Memory(..) => {
                soon(self.near.connect(self.address())).await
            }
        };
        connected.unwrap();
        until("both are connected", || {
            let peer = self.near.peer("far");
            peer.is_some_and(|peer| peer.id == *far.id()) && far.peer("near").is_some()
        })
        .await;
    }

    /// Ends the connection: on loopback by parting, elsewhere because nothing gets through any more. Both have noticed.
    pub(crate) async fn lose(&self) {
        let far = self.far().node;
        let (mut near_hears, mut far_hears) = (self.near.events(), far.events());
        match &self.network {
            Network::Quic { .. } => assert!(self.near.disconnect("far").await),
            Network::Memory(..) | Network::Simulated(_) => self.part(),
        }
        let down = |event: &NodeEvent| matches!(event, NodeEvent::Down { .. });
        event(&mut near_hears, down).await;
        event(&mut far_hears, down).await;
    }

    /// Lets nothing through any more; nobody has noticed.
    pub(crate) fn part(&self) {
        let far = self.far().node;
        match &self.network {
            Network::Quic { .. } => panic!("nothing parts nodes on loopback"),
            Network::Memory(memory, _) => memory.cut(self.near.local_addr(), far.local_addr()),
            Network::Simulated(host) => host.faults().partition("near", "far"),
        }
    }

    /// Lets no more than 32 MiB a second through where nothing else would take time.
    pub(crate) fn narrow(&self) {
        if let Network::Memory(memory, _) = &self.network {
            let (bytes, every) = (64 << 10, Duration::from_millis(2));
            for reader in [self.near.local_addr(), self.far().node.local_addr()] {
                memory.slow(reader, Some(Pace { bytes, every }));
            }
        }
    }

    /// Takes back what [`lose`](Self::lose) and [`part`](Self::part) did, and connects the two.
    pub(crate) async fn find(&self) {
        match &self.network {
            Network::Quic { .. } => {}
            Network::Memory(memory, _) => {
                memory.mend(self.near.local_addr(), self.far().node.local_addr());
            }
            Network::Simulated(host) => host.faults().heal("near", "far"),
        }
        self.connect().await;
    }

    /// The other node ends without a word, and begins another life under its name; nobody has told this one.
    pub(crate) async fn crash(&self) -> NodeId {
        let (before, address) = {
            let far = self.far();
            (far.node.id().clone(), far.node.local_addr())
        };
        match &self.network {
            Network::Quic { cookie, other } => {
                let runtime = runtime();
                let begun = runtime.spawn(loopback_life(cookie.clone(), self.limits.clone()));
                if let Some(ended) = other.replace(Some(runtime)) {
                    ended.shutdown_background();
                }
                self.next.send_replace(Some(begun.await.unwrap()));
            }
            Network::Memory(memory, life) => {
                memory.cut(self.near.local_addr(), address);
                life.set(life.get() + 1);
                let builder = in_network(memory, "far", life.get());
                let far = Far::begin(builder, quiet(), self.limits.clone()).await;
                self.next.send_replace(Some(far));
            }
            Network::Simulated(host) => {
                // What holds on to the node of an ended host holds on to its port; without it the node leaves, of which nobody
                // is to hear. A fault comes with the next tick of the network.
                host.faults().partition("near", "far");
                tokio::time::sleep(Duration::from_millis(2)).await;
                self.next.send_replace(None);
                let mut lives = self.far.clone();
                host.faults().bounce("far");
                host.faults().heal("near", "far");
                soon(lives.wait_for(Option::is_some)).await.unwrap();
            }
        }
        before
    }

    /// [`crash`](Self::crash), and the two are connected again.
    pub(crate) async fn restart(&self) -> NodeId {
        let before = self.crash().await;
        self.connect().await;
        before
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Network::Quic { other, .. } = &self.network
            && let Some(other) = other.take()
        {
            other.shutdown_background();
        }
    }
}

async fn event(events: &mut NodeEvents, is: impl Fn(&NodeEvent) -> bool) -> NodeEvent {
    loop {
        let event = soon(events.next()).await.expect("a node that runs");
        if is(&event) {
            return event;
        }
    }
}

/// What comes within a minute.
#[track_caller]
pub(crate) fn soon<F: Future>(future: F) -> impl Future<Output = F::Output> {
    let place = std::panic::Location::caller();
    async move {
        let minute = Duration::from_secs(60);
        match tokio::time::timeout(minute, future).await {
            Ok(value) => value,
            Err(_) => panic!("nothing for a minute at {place}"),
        }
    }
}

/// Waits until it is so, looking every millisecond.
pub(crate) async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..60_000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    panic!("not within a minute: {what}");
}

/// Runs this in a process of the node the test is on.
pub(crate) async fn in_process<T, F, Fut>(body: F) -> T
where
    T: Send + Debug + 'static,
    F: FnOnce(ambit::Inbox<u8>) -> Fut + Send + 'static,
    Fut: Future<Output = T> + Send + 'static,
{
    let (tell, told) = tokio::sync::oneshot::channel();
    let process = ambit::spawn(|inbox| async move {
        tell.send(body(inbox).await).ok();
    });
    match told.await {
        Ok(value) => value,
        Err(_) => panic!("the process of the test ended: {}", process.closed().await),
    }
}
