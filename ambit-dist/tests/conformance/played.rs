//! The networks on which a case runs.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::time::Duration;

use ambit::system::System;
use ambit_dist::sim::Sim;
use ambit_dist::transport::Memory;
use ambit_dist::{Auth, Cookie, Incarnation, Limits, Node, NodeBuilder, Timeouts};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::watch;

use crate::conformance::stage::{Far, Network, PORT, Stage};

/// The seeds of the simulation.
const SEEDS: std::ops::Range<u64> = 0..3;

/// Runs a case over QUIC on loopback, in memory, and in the simulation.
pub(crate) fn everywhere<Fut>(body: impl Fn(Stage) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    everywhere_within(&Limits::default(), body);
}

/// Works like [`everywhere`], with limits for the nodes.
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

/// Runs a time-dependent case in memory and in the simulation only.
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

/// Prints the network of a failed case.
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

pub(crate) fn runtime() -> Runtime {
    let one = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build();
    one.unwrap()
}

pub(crate) fn quiet() -> System {
    System::builder().quiet_panics(true).build().unwrap()
}

pub(crate) fn on_loopback(name: &str, cookie: &str) -> NodeBuilder {
    // The tests share the machine: a node waiting for a processor must not be lost.
    let patient = Timeouts::default().heartbeat(Duration::from_secs(5));
    let auth = Auth::cookie(cookie.to_owned());
    Node::builder(name).auth(auth).timeouts(patient)
}

/// Starts an incarnation of the other node on the current runtime.
pub(crate) async fn loopback_life(cookie: String, limits: Limits) -> Far {
    Far::begin(on_loopback("far", &cookie), quiet(), limits).await
}

pub(crate) fn in_network(memory: &Memory, name: &str, life: u64) -> NodeBuilder {
    let transport = memory.bind("10.0.0.1:0".parse().unwrap()).unwrap();
    let incarnation = Incarnation::new((1 << 40) + life, 0);
    let builder = Node::builder(name).transport(transport).seed(life);
    builder.incarnation(incarnation)
}
