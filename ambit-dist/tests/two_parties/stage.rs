//! Two systems with a node each.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit_dist::{Node, StartOnError};
use tokio::sync::oneshot;

use super::fickle::{Fickle, FickleSubject, How};
use super::handles::{Carried, Handle};
pub(crate) use super::network::pause;
use super::network::{self, Network};
use super::parties::{idle_here, soon, until};

/// A handle in transit.
#[derive(Message, Clone, Debug)]
#[message(name = "two.parcel")]
pub struct Envelope {
    number: u64,
    handle: Handle,
}

/// The waiting receivers, by the number of their parcel.
type Waiting = Arc<Mutex<BTreeMap<u64, oneshot::Sender<Handle>>>>;

/// Starts the process that receives parcels on one side.
fn porter(system: &System) -> (Subject<Envelope>, Waiting) {
    let waiting = Waiting::default();
    let asked = waiting.clone();
    let porter = system.within(|| {
        ambit::spawn(move |mut inbox: Inbox<Envelope>| async move {
            while let Some(envelope) = inbox.recv().await {
                let waits = asked.lock().unwrap().remove(&envelope.number);
                if let Some(waits) = waits {
                    waits.send(envelope.handle).ok();
                }
            }
        })
    });
    (porter, waiting)
}

/// Started on the other node, it keeps a handle from its start for later callers there.
struct Keeper(Subject<Envelope>);

#[gen_server(remote = "two.keeper")]
impl Keeper {
    #[init]
    fn init(porter: Subject<Envelope>) -> Self {
        Self(porter)
    }

    /// Registers itself on its own node.
    #[call]
    fn register(&self, ctx: &mut Context<Self>) {
        let own: KeeperSubject = ctx.subject();
        ambit::register("keeper", &own).unwrap();
    }

    #[call]
    fn porter(&self) -> Subject<Envelope> {
        self.0.clone()
    }
}

/// Returns the handle on the other node of a process of one node.
async fn introduce(
    porter: Subject<Envelope>,
    from: &Node,
    to: &Node,
    there: &System,
) -> Subject<Envelope> {
    let keeper = from.on(to.name().as_str()).start::<Keeper>((porter,));
    soon(keeper).await.unwrap().register().await.unwrap();
    let keeper = there.within(|| ambit::whereis::<Keeper>("keeper")).unwrap();
    keeper.porter().await.unwrap()
}

/// One of the two systems.
struct Side {
    system: System,
    node: Node,
    waiting: Waiting,
    /// The porter of the other side.
    porter: Subject<Envelope>,
}

/// The setting of a test with two parties. The test and the processes it spawns are here; the other party is there, on
/// another node.
#[derive(Clone)]
pub(crate) struct Stage {
    pub(crate) network: Network,
    here: Arc<Side>,
    there: Arc<Side>,
    number: Arc<AtomicU64>,
}

/// Runs a case, whose crashes print nothing.
pub(crate) fn play<Fut>(case: impl Fn(Stage) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    network::play(move |network| on_stage(network, case));
}

/// Works like [`play`], for a case about a race.
pub(crate) fn race<Fut>(case: impl Fn(Stage) -> Fut + Copy + 'static)
where
    Fut: Future<Output = ()> + 'static,
{
    network::race(move |network| on_stage(network, case));
}

async fn on_stage<Fut: Future<Output = ()>>(network: Network, case: impl Fn(Stage) -> Fut) {
    let (here, there) = (network.start("here").await, network.start("there").await);
    let _here = here.0.enter();
    case(Stage::open(network, here, there).await).await;
}

impl Stage {
    async fn open(network: Network, here: (System, Node), there: (System, Node)) -> Self {
        let ((here, a), (there, b)) = (here, there);
        for node in [&a, &b] {
            node.expose::<Keeper>();
            node.expose::<Fickle>();
        }
        soon(a.connect(b.local_addr())).await.unwrap();
        let (a_porter, a_waiting) = porter(&here);
        let (b_porter, b_waiting) = porter(&there);
        let known_there = introduce(a_porter, &a, &b, &there).await;
        let known_here = introduce(b_porter, &b, &a, &here).await;
        // The request that started a keeper may still be ending; then `count` would include it.
        for system in [&here, &there] {
            until("a porter and a keeper are left", || {
                system.process_count() == 2
            })
            .await;
        }
        let here = Side {
            system: here,
            node: a,
            waiting: a_waiting,
            porter: known_here,
        };
        let there = Side {
            system: there,
            node: b,
            waiting: b_waiting,
            porter: known_there,
        };
        Self {
            network,
            here: Arc::new(here),
            there: Arc::new(there),
            number: Arc::default(),
        }
    }

    /// Runs `what` in the other system, which owns the processes it spawns.
    pub(crate) fn there<T>(&self, what: impl FnOnce() -> T) -> T {
        self.there.system.within(what)
    }

    /// Returns the number of processes there.
    pub(crate) fn count(&self) -> usize {
        self.there.system.process_count()
    }

    /// Starts a server there, and returns its handle here.
    pub(crate) async fn start(
        &self,
        how: How,
        linked: bool,
        patience: Option<Duration>,
    ) -> Result<FickleSubject, StartError> {
        let mut start = self.here.node.on("there").start::<Fickle>((how,));
        if linked {
            start = start.link();
        }
        if let Some(patience) = patience {
            start = start.timeout(patience);
        }
        match start.await {
            Ok(fickle) => Ok(fickle),
            Err(StartOnError::Start { error, .. }) => Err(error),
            Err(StartOnError::Call {
                error: CallError::Timeout,
                ..
            }) => Err(StartError::Timeout),
            Err(error) => panic!("{error}"),
        }
    }

    /// Converts a handle from there to here.
    pub(crate) async fn bring<H: Carried>(&self, handle: H) -> H {
        self.carry(&self.there, &self.here, handle).await
    }

    /// Converts a handle from here to there.
    pub(crate) async fn take<H: Carried>(&self, handle: H) -> H {
        self.carry(&self.here, &self.there, handle).await
    }

    async fn carry<H: Carried>(&self, from: &Side, to: &Side, handle: H) -> H {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let (sender, arrived) = oneshot::channel();
        to.waiting.lock().unwrap().insert(number, sender);
        let handle = handle.into_handle();
        let envelope = Envelope { number, handle };
        soon(from.porter.send(envelope).into_owned()).await.unwrap();
        H::from_handle(soon(arrived).await.unwrap())
    }

    /// Waits until earlier messages and their effects have arrived: with one lane, a handle that makes a round trip arrives
    /// after them.
    pub(crate) async fn settle(&self) {
        for _ in 0..2 {
            self.take(idle_here()).await.send(0).now().unwrap();
            self.bring(self.there(idle_here)).await;
        }
    }

    /// Returns how often to repeat a race.
    pub(crate) fn rounds(&self, all: usize) -> usize {
        all.min(network::ROUNDS)
    }

    /// Closes the connection.
    pub(crate) async fn cut(&self) {
        assert!(self.here.node.disconnect("there").await);
    }

    /// Connects the nodes again.
    pub(crate) async fn heal(&self) {
        let address = self.there.node.local_addr();
        soon(self.here.node.connect(address)).await.unwrap();
    }

    /// Restarts the other node: it leaves, and another incarnation starts.
    pub(crate) async fn restart(&self) -> Node {
        soon(self.there.node.leave()).await;
        let (_, node) = self.network.start("there").await;
        let connected = self.here.node.connect(node.local_addr());
        soon(connected).await.unwrap();
        node
    }
}
