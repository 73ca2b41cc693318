//! The other workloads with ractor. The restart is hand-written, as in its documentation: it has no restart strategies.

use std::sync::Arc;
use std::time::Duration;

use ractor::{
    Actor, ActorProcessingErr, ActorRef, OutputPort, RpcReplyPort, SupervisionEvent, call,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::watch;

use super::{Counter, Message, Ractor};
use crate::latch::Latch;
use crate::peers::{FanOut, Named, Peer, Ring, Supervised, Timers, Waiting};
use crate::workload::{CRASH, echo_end};

type Done = Result<(), ActorProcessingErr>;

pub(crate) struct Node;

#[cfg_attr(feature = "ractor-cluster", derive(ractor_cluster::RactorMessage))]
pub(crate) enum Pass {
    Next(ActorRef<Self>),
    Token(u64),
}

impl Actor for Node {
    type Msg = Pass;
    type State = (Arc<Latch>, Option<ActorRef<Pass>>);
    type Arguments = Arc<Latch>;

    async fn pre_start(
        &self,
        _: ActorRef<Pass>,
        done: Arc<Latch>,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok((done, None))
    }
    async fn handle(&self, _: ActorRef<Pass>, message: Pass, state: &mut Self::State) -> Done {
        match (message, &state.1) {
            (Pass::Next(node), _) => state.1 = Some(node),
            (Pass::Token(hops @ 1..), Some(next)) => next.cast(Pass::Token(hops - 1))?,
            (Pass::Token(_), _) => state.0.hit(),
        }
        Ok(())
    }
}

impl Ring for Ractor {
    type Node = ActorRef<Pass>;

    async fn node(done: Arc<Latch>) -> Self::Node {
        Actor::spawn(None, Node, done).await.expect("it starts").0
    }
    async fn join(node: &Self::Node, next: Self::Node) {
        node.cast(Pass::Next(next)).expect("it runs");
    }
    async fn token(node: &Self::Node, hops: u64) {
        node.cast(Pass::Token(hops)).expect("it runs");
    }
}

impl Named for Ractor {
    async fn start_as(name: &str) -> Self::Counter {
        let started = Actor::spawn(Some(name.to_owned()), Counter, None).await;
        started.expect("the name is free").0
    }
    fn look_up(name: &str) -> Option<Self::Counter> {
        ActorRef::<Message>::where_is(name)
    }
}

struct Mortal;

#[cfg_attr(feature = "ractor-cluster", derive(ractor_cluster::RactorMessage))]
pub(crate) enum Life {
    Get(RpcReplyPort<u64>),
    Crash,
}

impl Actor for Mortal {
    type Msg = Life;
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Life>, (): ()) -> Done {
        Ok(())
    }
    async fn handle(&self, _: ActorRef<Life>, message: Life, (): &mut ()) -> Done {
        match message {
            Life::Get(reply) => reply.send(0)?,
            Life::Crash => panic!("{CRASH}"),
        }
        Ok(())
    }
}

struct Keeper;

type Current = watch::Sender<Option<ActorRef<Life>>>;

impl Actor for Keeper {
    type Msg = ();
    type State = Current;
    type Arguments = Current;

    async fn pre_start(
        &self,
        own: ActorRef<()>,
        current: Current,
    ) -> Result<Current, ActorProcessingErr> {
        let (mortal, _) = Actor::spawn_linked(None, Mortal, (), own.into()).await?;
        current.send_replace(Some(mortal));
        Ok(current)
    }
    async fn handle_supervisor_evt(
        &self,
        own: ActorRef<()>,
        event: SupervisionEvent,
        current: &mut Current,
    ) -> Done {
        if let SupervisionEvent::ActorFailed(..) = event {
            let (mortal, _) = Actor::spawn_linked(None, Mortal, (), own.into()).await?;
            current.send_replace(Some(mortal));
        }
        Ok(())
    }
}

impl Supervised for Ractor {
    type Tree = watch::Receiver<Option<ActorRef<Life>>>;

    async fn tree() -> Self::Tree {
        let (publish, current) = watch::channel(None);
        let started = Actor::spawn(None, Keeper, publish).await;
        started.expect("it starts");
        current
    }
    async fn crash(tree: &Self::Tree) {
        let mut current = tree.clone();
        let mortal = current.borrow_and_update().clone().expect("it runs");
        mortal.cast(Life::Crash).expect("it runs");
        current.changed().await.expect("the keeper lives");
        let mortal = current.borrow().clone().expect("it runs again");
        call!(mortal, Life::Get).expect("the replacement answers");
    }
}

struct Listener;

impl Actor for Listener {
    type Msg = u64;
    type State = Arc<Latch>;
    type Arguments = Arc<Latch>;

    async fn pre_start(
        &self,
        _: ActorRef<u64>,
        heard: Arc<Latch>,
    ) -> Result<Arc<Latch>, ActorProcessingErr> {
        Ok(heard)
    }
    async fn handle(&self, _: ActorRef<u64>, _: u64, heard: &mut Arc<Latch>) -> Done {
        heard.hit();
        Ok(())
    }
}

impl FanOut for Ractor {
    type Topic = OutputPort<u64>;

    async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
        let port = OutputPort::default();
        for _ in 0..subscribers {
            let started = Actor::spawn(None, Listener, heard.clone()).await;
            port.subscribe(started.expect("it starts").0, Some);
        }
        port
    }
    async fn publish(topic: &Self::Topic) {
        topic.send(1);
    }
}

impl Timers for Ractor {
    async fn arm_and_cancel(timers: u64, after: Duration) {
        let server = Self::start(None).await;
        let arm = |_| server.send_after(after, || Message::Add(1));
        let armed: Vec<_> = (0..timers).map(arm).collect();
        for timer in &armed {
            timer.abort();
        }
        for timer in armed {
            assert!(timer.await.is_err(), "it was cancelled in time");
        }
    }
}

struct Proxy;

#[cfg_attr(feature = "ractor-cluster", derive(ractor_cluster::RactorMessage))]
pub(crate) struct Ask(RpcReplyPort<usize>);

impl Actor for Proxy {
    type Msg = Ask;
    type State = DuplexStream;
    type Arguments = ();

    async fn pre_start(
        &self,
        _: ActorRef<Self::Msg>,
        (): (),
    ) -> Result<DuplexStream, ActorProcessingErr> {
        Ok(echo_end())
    }
    async fn handle(
        &self,
        _: ActorRef<Self::Msg>,
        Ask(reply): Ask,
        stream: &mut DuplexStream,
    ) -> Done {
        let mut bytes = [0; 16];
        stream.write_all(&bytes).await?;
        stream.read_exact(&mut bytes).await?;
        reply.send(bytes.len())?;
        Ok(())
    }
}

impl Waiting for Ractor {
    type Proxy = ActorRef<Ask>;

    async fn proxy() -> Self::Proxy {
        Actor::spawn(None, Proxy, ()).await.expect("it starts").0
    }
    async fn ask(proxy: &Self::Proxy) -> usize {
        call!(proxy, Ask).expect("it answers")
    }
}
