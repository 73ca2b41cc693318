//! The other workloads with spawned. It has no restarts.

use std::sync::Arc;

use spawned_concurrency::message::Message;
use spawned_concurrency::registry;
use spawned_concurrency::tasks::{Actor, ActorRef, ActorStart, Context, Handler};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

use super::{Counter, Spawned};
use crate::latch::Latch;
use crate::peers::{FanOut, Named, Peer, Ring, Skynet, Waiting};
use crate::workload::{TEN, echo_end};

pub(crate) struct Node {
    done: Arc<Latch>,
    next: Option<ActorRef<Self>>,
}

impl Actor for Node {}

struct Next(ActorRef<Node>);
struct Token(u64);

impl Message for Next {
    type Result = ();
}
impl Message for Token {
    type Result = ();
}

impl Handler<Next> for Node {
    async fn handle(&mut self, Next(next): Next, _: &Context<Self>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Node {
    async fn handle(&mut self, Token(hops): Token, _: &Context<Self>) {
        match (&self.next, hops) {
            (Some(next), 1..) => next.send(Token(hops - 1)).expect("it runs"),
            _ => self.done.hit(),
        }
    }
}

impl Ring for Spawned {
    type Node = ActorRef<Node>;

    async fn node(done: Arc<Latch>) -> Self::Node {
        Node { done, next: None }.start()
    }
    async fn join(node: &Self::Node, next: Self::Node) {
        node.send(Next(next)).expect("it runs");
    }
    async fn token(node: &Self::Node, hops: u64) {
        node.send(Token(hops)).expect("it runs");
    }
}

/// The recipient of a sum.
enum Parent {
    Node(ActorRef<Sky>),
    Root(oneshot::Sender<u64>),
}

struct Sky {
    parent: Option<Parent>,
    missing: u64,
    sum: u64,
}

impl Actor for Sky {}

struct Grow {
    first: u64,
    size: u64,
}
struct Part(u64);

impl Message for Grow {
    type Result = ();
}
impl Message for Part {
    type Result = ();
}

impl Sky {
    fn grow(parent: Parent, first: u64, size: u64) {
        let sky = Self {
            parent: Some(parent),
            missing: TEN,
            sum: 0,
        };
        sky.start().send(Grow { first, size }).expect("it runs");
    }

    fn end_with(&mut self, sum: u64, ctx: &Context<Self>) {
        match self.parent.take().expect("there is one sum") {
            Parent::Node(parent) => parent.send(Part(sum)).expect("it runs"),
            Parent::Root(sender) => drop(sender.send(sum)),
        }
        ctx.stop();
    }
}

impl Handler<Grow> for Sky {
    async fn handle(&mut self, grow: Grow, ctx: &Context<Self>) {
        if grow.size == 1 {
            return self.end_with(grow.first, ctx);
        }
        for child in 0..TEN {
            let size = grow.size / TEN;
            let parent = Parent::Node(ctx.actor_ref());
            Self::grow(parent, grow.first + child * size, size);
        }
    }
}

impl Handler<Part> for Sky {
    async fn handle(&mut self, Part(part): Part, ctx: &Context<Self>) {
        self.sum += part;
        self.missing -= 1;
        if self.missing == 0 {
            self.end_with(self.sum, ctx);
        }
    }
}

impl Skynet for Spawned {
    async fn skynet(leaves: u64) -> u64 {
        let (sender, sum) = oneshot::channel();
        Sky::grow(Parent::Root(sender), 0, leaves);
        sum.await.expect("the sum comes")
    }
}

impl Named for Spawned {
    async fn start_as(name: &str) -> Self::Counter {
        let counter = Self::start(None).await;
        registry::register(name, counter.clone()).expect("the name is free");
        counter
    }
    fn look_up(name: &str) -> Option<Self::Counter> {
        registry::whereis::<ActorRef<Counter>>(name)
    }
}

pub(crate) struct Listener(Arc<Latch>);

impl Actor for Listener {}

struct News;

impl Message for News {
    type Result = ();
}

impl Handler<News> for Listener {
    async fn handle(&mut self, _: News, _: &Context<Self>) {
        self.0.hit();
    }
}

impl FanOut for Spawned {
    type Topic = Vec<ActorRef<Listener>>;

    async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
        let listener = |_| Listener(heard.clone()).start();
        (0..subscribers).map(listener).collect()
    }
    async fn publish(topic: &Self::Topic) {
        for listener in topic {
            listener.send(News).expect("it runs");
        }
    }
}

pub(crate) struct Proxy(DuplexStream);

impl Actor for Proxy {}

struct Ask;

impl Message for Ask {
    type Result = usize;
}

impl Handler<Ask> for Proxy {
    async fn handle(&mut self, _: Ask, _: &Context<Self>) -> usize {
        let mut bytes = [0; 16];
        self.0.write_all(&bytes).await.expect("the echo reads");
        self.0.read_exact(&mut bytes).await.expect("it answers");
        bytes.len()
    }
}

impl Waiting for Spawned {
    type Proxy = ActorRef<Proxy>;

    async fn proxy() -> Self::Proxy {
        Proxy(echo_end()).start()
    }
    async fn ask(proxy: &Self::Proxy) -> usize {
        proxy.request(Ask).await.expect("it answers")
    }
}
