//! The other workloads with xtra. It has no names, no timers, and no restarts.

use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;
use xtra::prelude::*;

use super::Xtra;
use crate::latch::Latch;
use crate::peers::{FanOut, Ring, Skynet, Waiting};
use crate::workload::{TEN, echo_end};

pub(crate) struct Node {
    done: Arc<Latch>,
    next: Option<Address<Self>>,
}

impl Actor for Node {
    type Stop = ();
    async fn stopped(self) {}
}

struct Next(Address<Node>);
struct Token(u64);

impl Handler<Next> for Node {
    type Return = ();
    async fn handle(&mut self, Next(next): Next, _: &mut Context<Self>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Node {
    type Return = ();
    async fn handle(&mut self, Token(hops): Token, _: &mut Context<Self>) {
        match (&self.next, hops) {
            (Some(next), 1..) => {
                drop(next.send(Token(hops - 1)).detach().await.expect("it runs"));
            }
            _ => self.done.hit(),
        }
    }
}

impl Ring for Xtra {
    type Node = Address<Node>;

    async fn node(done: Arc<Latch>) -> Self::Node {
        xtra::spawn_tokio(Node { done, next: None }, Mailbox::unbounded())
    }
    async fn join(node: &Self::Node, next: Self::Node) {
        node.send(Next(next)).await.expect("it runs");
    }
    async fn token(node: &Self::Node, hops: u64) {
        drop(node.send(Token(hops)).detach().await.expect("it runs"));
    }
}

/// The recipient of a sum.
enum Parent {
    Node(Address<Sky>),
    Root(oneshot::Sender<u64>),
}

struct Sky {
    parent: Option<Parent>,
    missing: u64,
    sum: u64,
}

impl Actor for Sky {
    type Stop = ();
    async fn stopped(self) {}
}

struct Grow {
    own: Address<Sky>,
    first: u64,
    size: u64,
}
struct Part(u64);

impl Sky {
    async fn start(parent: Parent, first: u64, size: u64) {
        let sky = Self {
            parent: Some(parent),
            missing: TEN,
            sum: 0,
        };
        let sky = xtra::spawn_tokio(sky, Mailbox::unbounded());
        let own = sky.clone();
        let grow = sky.send(Grow { own, first, size }).detach();
        drop(grow.await.expect("it runs"));
    }

    async fn end_with(&mut self, sum: u64, ctx: &mut Context<Self>) {
        match self.parent.take().expect("there is one sum") {
            Parent::Node(parent) => drop(parent.send(Part(sum)).detach().await.expect("it runs")),
            Parent::Root(sender) => drop(sender.send(sum)),
        }
        ctx.stop_self();
    }
}

impl Handler<Grow> for Sky {
    type Return = ();
    async fn handle(&mut self, grow: Grow, ctx: &mut Context<Self>) {
        if grow.size == 1 {
            return self.end_with(grow.first, ctx).await;
        }
        for child in 0..TEN {
            let size = grow.size / TEN;
            let parent = Parent::Node(grow.own.clone());
            Box::pin(Self::start(parent, grow.first + child * size, size)).await;
        }
    }
}

impl Handler<Part> for Sky {
    type Return = ();
    async fn handle(&mut self, Part(part): Part, ctx: &mut Context<Self>) {
        self.sum += part;
        self.missing -= 1;
        if self.missing == 0 {
            self.end_with(self.sum, ctx).await;
        }
    }
}

impl Skynet for Xtra {
    async fn skynet(leaves: u64) -> u64 {
        let (sender, sum) = oneshot::channel();
        Sky::start(Parent::Root(sender), 0, leaves).await;
        sum.await.expect("the sum comes")
    }
}

pub(crate) struct Listener(Arc<Latch>);

impl Actor for Listener {
    type Stop = ();
    async fn stopped(self) {}
}

struct News;

impl Handler<News> for Listener {
    type Return = ();
    async fn handle(&mut self, _: News, _: &mut Context<Self>) {
        self.0.hit();
    }
}

impl FanOut for Xtra {
    type Topic = Vec<Address<Listener>>;

    async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
        let listener = |_| xtra::spawn_tokio(Listener(heard.clone()), Mailbox::unbounded());
        (0..subscribers).map(listener).collect()
    }
    async fn publish(topic: &Self::Topic) {
        for listener in topic {
            drop(listener.send(News).detach().await.expect("it runs"));
        }
    }
}

pub(crate) struct Proxy(DuplexStream);

impl Actor for Proxy {
    type Stop = ();
    async fn stopped(self) {}
}

struct Ask;

impl Handler<Ask> for Proxy {
    type Return = usize;
    async fn handle(&mut self, _: Ask, _: &mut Context<Self>) -> usize {
        let mut bytes = [0; 16];
        self.0.write_all(&bytes).await.expect("the echo reads");
        self.0.read_exact(&mut bytes).await.expect("it answers");
        bytes.len()
    }
}

impl Waiting for Xtra {
    type Proxy = Address<Proxy>;

    async fn proxy() -> Self::Proxy {
        xtra::spawn_tokio(Proxy(echo_end()), Mailbox::unbounded())
    }
    async fn ask(proxy: &Self::Proxy) -> usize {
        proxy.send(Ask).await.expect("it answers")
    }
}
