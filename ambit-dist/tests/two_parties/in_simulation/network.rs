//! Nodes on simulated hosts, with QUIC between them.

use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

use ambit::system::System;
use ambit_dist::sim::{Host, Sim};
use ambit_dist::{Limits, Node, Reconnect};
use tokio::sync::{mpsc, oneshot};

/// The maximum number of repetitions of a race; each seed gives another one.
pub(crate) const ROUNDS: usize = 20;

/// The seeds of the simulation.
const SEEDS: std::ops::Range<u64> = 0..3;

/// A request for another incarnation of a node.
type Asks = oneshot::Sender<(System, Node)>;

/// The host of the test, and the channel to the other one.
#[derive(Clone)]
pub(crate) struct Network {
    here: Host,
    there: mpsc::UnboundedSender<Asks>,
}

pub(crate) fn play<Fut>(case: impl Fn(Network) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    for seed in SEEDS {
        let mut sim = Sim::new(seed);
        let (there, asked) = mpsc::unbounded_channel::<Asks>();
        let asked = RefCell::new(Some(asked));
        sim.host("there", move |host| {
            let asked = asked.take();
            async move {
                let mut asked = asked.unwrap();
                let mut incarnation = 0;
                while let Some(asks) = asked.recv().await {
                    incarnation += 1;
                    asks.send(start(&host, incarnation).await).unwrap();
                }
            }
        });
        sim.client("here", move |here| case(Network { here, there }));
        sim.limit(Duration::from_secs(600));
        sim.run().unwrap();
    }
}

/// Runs a case whose interleaving depends on the seed.
pub(crate) fn race<Fut>(case: impl Fn(Network) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    play(case);
}

/// Advances virtual time, which stands still while tasks only yield.
pub(crate) async fn pause() {
    tokio::time::sleep(Duration::from_millis(1)).await;
}

/// Starts a node with its own system on this host.
async fn start(host: &Host, incarnation: u64) -> (System, Node) {
    let seed = host.seed("system") + incarnation;
    let system = System::builder().quiet_panics(true).simulated(seed);
    let system = system.build().unwrap();
    let builder = host.node(0).limits(Limits::default().lanes(1));
    let builder = builder.system(system.clone()).reconnect(Reconnect::Never);
    (system, builder.start().await.unwrap())
}

impl Network {
    /// Starts the node with this name, and returns its system.
    pub(crate) async fn start(&self, name: &str) -> (System, Node) {
        if name == self.here.name() {
            return start(&self.here, 1).await;
        }
        let (asks, answer) = oneshot::channel();
        self.there.send(asks).unwrap();
        answer.await.unwrap()
    }
}
