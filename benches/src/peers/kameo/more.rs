//! The other workloads with kameo.

use std::sync::Arc;
use std::time::Duration;

use kameo::error::Infallible;
use kameo::prelude::*;
use kameo_actors::DeliveryStrategy;
use kameo_actors::pubsub::{PubSub, Publish};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

use super::{Add, Counter, Kameo};
use crate::latch::Latch;
use crate::peers::{FanOut, Named, Peer, Ring, Skynet, Supervised, Timers, Waiting};
use crate::workload::{CRASH, TEN, echo_end};

#[derive(Actor)]
pub(crate) struct Node {
    done: Arc<Latch>,
    next: Option<ActorRef<Self>>,
}

struct Next(ActorRef<Node>);
struct Token(u64);

impl Message<Next> for Node {
    type Reply = ();
    async fn handle(&mut self, Next(next): Next, _: &mut Context<Self, ()>) {
        self.next = Some(next);
    }
}

impl Message<Token> for Node {
    type Reply = ();
    async fn handle(&mut self, Token(hops): Token, _: &mut Context<Self, ()>) {
        match (&self.next, hops) {
            (Some(next), 1..) => next.tell(Token(hops - 1)).send().await.expect("it runs"),
            _ => self.done.hit(),
        }
    }
}

impl Ring for Kameo {
    type Node = ActorRef<Node>;

    async fn node(done: Arc<Latch>) -> Self::Node {
        Node::spawn(Node { done, next: None })
    }
    async fn join(node: &Self::Node, next: Self::Node) {
        node.tell(Next(next)).send().await.expect("it runs");
    }
    async fn token(node: &Self::Node, hops: u64) {
        node.tell(Token(hops)).send().await.expect("it runs");
    }
}

/// The recipient of a sum.
enum Parent {
    Node(ActorRef<Sky>),
    Root(oneshot::Sender<u64>),
}

#[derive(Actor)]
struct Sky {
    parent: Option<Parent>,
    missing: u64,
    sum: u64,
}

struct Grow {
    first: u64,
    size: u64,
}
struct Part(u64);

impl Sky {
    async fn start(parent: Parent, first: u64, size: u64) {
        let sky = Self::spawn(Self {
            parent: Some(parent),
            missing: TEN,
            sum: 0,
        });
        let grow = sky.tell(Grow { first, size });
        grow.send().await.expect("it runs");
    }

    async fn end_with(&mut self, sum: u64, ctx: &mut Context<Self, ()>) {
        match self.parent.take().expect("there is one sum") {
            Parent::Node(parent) => parent.tell(Part(sum)).send().await.expect("it runs"),
            Parent::Root(sender) => drop(sender.send(sum)),
        }
        ctx.stop();
    }
}

impl Message<Grow> for Sky {
    type Reply = ();
    async fn handle(&mut self, grow: Grow, ctx: &mut Context<Self, ()>) {
        if grow.size == 1 {
            return self.end_with(grow.first, ctx).await;
        }
        for child in 0..TEN {
            let size = grow.size / TEN;
            let parent = Parent::Node(ctx.actor_ref().clone());
            Self::start(parent, grow.first + child * size, size).await;
        }
    }
}

impl Message<Part> for Sky {
    type Reply = ();
    async fn handle(&mut self, Part(part): Part, ctx: &mut Context<Self, ()>) {
        self.sum += part;
        self.missing -= 1;
        if self.missing == 0 {
            self.end_with(self.sum, ctx).await;
        }
    }
}

impl Skynet for Kameo {
    async fn skynet(leaves: u64) -> u64 {
        let (sender, sum) = oneshot::channel();
        Sky::start(Parent::Root(sender), 0, leaves).await;
        sum.await.expect("the sum comes")
    }
}

impl Named for Kameo {
    async fn start_as(name: &str) -> Self::Counter {
        let counter = Self::start(None).await;
        let registered = counter.register(name.to_owned());
        registered.expect("the name is free");
        counter
    }
    fn look_up(name: &str) -> Option<Self::Counter> {
        ActorRef::<Counter>::lookup(name).ok().flatten()
    }
}

#[derive(Actor)]
pub(crate) struct Keeper;

#[derive(Actor, Clone)]
pub(crate) struct Mortal;

struct Ask;
struct Crash;

impl Message<Ask> for Mortal {
    type Reply = u64;
    async fn handle(&mut self, _: Ask, _: &mut Context<Self, u64>) -> u64 {
        0
    }
}

impl Message<Crash> for Mortal {
    type Reply = ();
    async fn handle(&mut self, _: Crash, _: &mut Context<Self, ()>) {
        panic!("{CRASH}")
    }
}

impl Supervised for Kameo {
    type Tree = (ActorRef<Keeper>, ActorRef<Mortal>);

    async fn tree() -> Self::Tree {
        let keeper = Keeper::spawn(Keeper);
        let mortal =
            Mortal::supervise(&keeper, Mortal).restart_limit(u32::MAX, Duration::from_secs(1));
        let mortal = mortal.spawn().await;
        (keeper, mortal)
    }
    async fn crash((_, mortal): &Self::Tree) {
        let crashed = mortal.ask(Crash).send().await;
        crashed.expect_err("it panics");
        // Its reference leads to the replacement; requests in between fail.
        while mortal.ask(Ask).send().await.is_err() {
            tokio::task::yield_now().await;
        }
    }
}

#[derive(Actor)]
struct Listener(Arc<Latch>);

impl Message<u64> for Listener {
    type Reply = ();
    async fn handle(&mut self, _: u64, _: &mut Context<Self, ()>) {
        self.0.hit();
    }
}

impl FanOut for Kameo {
    type Topic = ActorRef<PubSub<u64>>;

    async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
        let mut topic = PubSub::new(DeliveryStrategy::Guaranteed);
        for _ in 0..subscribers {
            topic.subscribe(Listener::spawn(Listener(heard.clone())));
        }
        PubSub::spawn(topic)
    }
    async fn publish(topic: &Self::Topic) {
        topic.tell(Publish(1)).send().await.expect("it runs");
    }
}

impl Timers for Kameo {
    async fn arm_and_cancel(timers: u64, after: Duration) {
        let server = Self::start(None).await;
        let arm = |_| server.tell(Add(1)).send_after(after);
        let armed: Vec<_> = (0..timers).map(arm).collect();
        for timer in &armed {
            timer.abort();
        }
        for timer in armed {
            assert!(timer.await.is_err(), "it was cancelled in time");
        }
    }
}

#[derive(Debug)]
pub(crate) struct Proxy(DuplexStream);

impl Actor for Proxy {
    type Args = ();
    type Error = Infallible;

    async fn on_start((): (), _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self(echo_end()))
    }
}

struct Through;

impl Message<Through> for Proxy {
    type Reply = usize;
    async fn handle(&mut self, _: Through, _: &mut Context<Self, usize>) -> usize {
        let mut bytes = [0; 16];
        self.0.write_all(&bytes).await.expect("the echo reads");
        self.0.read_exact(&mut bytes).await.expect("it answers");
        bytes.len()
    }
}

impl Waiting for Kameo {
    type Proxy = ActorRef<Proxy>;

    async fn proxy() -> Self::Proxy {
        Proxy::spawn(())
    }
    async fn ask(proxy: &Self::Proxy) -> usize {
        proxy.ask(Through).send().await.expect("it answers")
    }
}
