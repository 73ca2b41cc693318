//! The other workloads with actix. It has no names; its supervisor keeps the value and does not catch panics.

use std::sync::Arc;
use std::time::Duration;

use actix::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::oneshot;

use super::Actix;
use crate::latch::Latch;
use crate::peers::{FanOut, Ring, Skynet, Timers, Waiting};
use crate::workload::{TEN, echo_end};

pub(crate) struct Node {
    done: Arc<Latch>,
    next: Option<Addr<Self>>,
}

impl Actor for Node {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
struct Next(Addr<Node>);

#[derive(Message)]
#[rtype(result = "()")]
struct Token(u64);

impl Handler<Next> for Node {
    type Result = ();
    fn handle(&mut self, Next(next): Next, _: &mut Context<Self>) {
        self.next = Some(next);
    }
}

impl Handler<Token> for Node {
    type Result = ();
    fn handle(&mut self, Token(hops): Token, _: &mut Context<Self>) {
        match (&self.next, hops) {
            (Some(next), 1..) => next.do_send(Token(hops - 1)),
            _ => self.done.hit(),
        }
    }
}

impl Ring for Actix {
    type Node = Addr<Node>;

    async fn node(done: Arc<Latch>) -> Self::Node {
        Node { done, next: None }.start()
    }
    async fn join(node: &Self::Node, next: Self::Node) {
        node.do_send(Next(next));
    }
    async fn token(node: &Self::Node, hops: u64) {
        node.do_send(Token(hops));
    }
}

/// The recipient of a sum.
enum Parent {
    Node(Addr<Sky>),
    Root(oneshot::Sender<u64>),
}

struct Sky {
    parent: Option<Parent>,
    missing: u64,
    sum: u64,
}

impl Actor for Sky {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
struct Grow {
    first: u64,
    size: u64,
}

#[derive(Message)]
#[rtype(result = "()")]
struct Part(u64);

impl Sky {
    fn grow(parent: Parent, first: u64, size: u64) {
        let sky = Self {
            parent: Some(parent),
            missing: TEN,
            sum: 0,
        };
        sky.start().do_send(Grow { first, size });
    }

    fn end_with(&mut self, sum: u64, ctx: &mut Context<Self>) {
        match self.parent.take().expect("there is one sum") {
            Parent::Node(parent) => parent.do_send(Part(sum)),
            Parent::Root(sender) => drop(sender.send(sum)),
        }
        ctx.stop();
    }
}

impl Handler<Grow> for Sky {
    type Result = ();
    fn handle(&mut self, grow: Grow, ctx: &mut Context<Self>) {
        if grow.size == 1 {
            return self.end_with(grow.first, ctx);
        }
        for child in 0..TEN {
            let size = grow.size / TEN;
            let parent = Parent::Node(ctx.address());
            Self::grow(parent, grow.first + child * size, size);
        }
    }
}

impl Handler<Part> for Sky {
    type Result = ();
    fn handle(&mut self, Part(part): Part, ctx: &mut Context<Self>) {
        self.sum += part;
        self.missing -= 1;
        if self.missing == 0 {
            self.end_with(self.sum, ctx);
        }
    }
}

impl Skynet for Actix {
    async fn skynet(leaves: u64) -> u64 {
        let (sender, sum) = oneshot::channel();
        Sky::grow(Parent::Root(sender), 0, leaves);
        sum.await.expect("the sum comes")
    }
}

pub(crate) struct Listener(Arc<Latch>);

impl Actor for Listener {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct News;

impl Handler<News> for Listener {
    type Result = ();
    fn handle(&mut self, _: News, _: &mut Context<Self>) {
        self.0.hit();
    }
}

impl FanOut for Actix {
    type Topic = Vec<Recipient<News>>;

    async fn topic(subscribers: usize, heard: &Arc<Latch>) -> Self::Topic {
        let listener = |_| Listener(heard.clone()).start().recipient();
        (0..subscribers).map(listener).collect()
    }
    async fn publish(topic: &Self::Topic) {
        for listener in topic {
            listener.do_send(News);
        }
    }
}

struct Clock;

impl Actor for Clock {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
struct Tick;

/// Sets and cancels timers, which belong to the actor.
#[derive(Message)]
#[rtype(result = "()")]
struct Wind(u64, Duration);

/// Handled after the cancelled timers have been removed.
#[derive(Message)]
#[rtype(result = "()")]
struct Look;

impl Handler<Tick> for Clock {
    type Result = ();
    fn handle(&mut self, _: Tick, _: &mut Context<Self>) {
        panic!("it was cancelled in time")
    }
}

impl Handler<Wind> for Clock {
    type Result = ();
    fn handle(&mut self, Wind(timers, after): Wind, ctx: &mut Context<Self>) {
        let arm = |_| ctx.notify_later(Tick, after);
        let armed: Vec<_> = (0..timers).map(arm).collect();
        for timer in armed {
            ctx.cancel_future(timer);
        }
    }
}

impl Handler<Look> for Clock {
    type Result = ();
    fn handle(&mut self, _: Look, _: &mut Context<Self>) {}
}

impl Timers for Actix {
    async fn arm_and_cancel(timers: u64, after: Duration) {
        let clock = Clock.start();
        clock.send(Wind(timers, after)).await.expect("it runs");
        clock.send(Look).await.expect("it runs");
    }
}

pub(crate) struct Proxy(Option<DuplexStream>);

impl Actor for Proxy {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "usize")]
struct Ask;

impl Handler<Ask> for Proxy {
    type Result = AtomicResponse<Self, usize>;
    fn handle(&mut self, _: Ask, _: &mut Context<Self>) -> Self::Result {
        let mut stream = self.0.take().expect("one is handled at a time");
        let through = async move {
            let mut bytes = [0; 16];
            stream.write_all(&bytes).await.expect("the echo reads");
            stream.read_exact(&mut bytes).await.expect("it answers");
            (stream, bytes.len())
        };
        let back = through.into_actor(self).map(|(stream, read), proxy, _| {
            proxy.0 = Some(stream);
            read
        });
        AtomicResponse::new(Box::pin(back))
    }
}

impl Waiting for Actix {
    type Proxy = Addr<Proxy>;

    async fn proxy() -> Self::Proxy {
        Proxy(Some(echo_end())).start()
    }
    async fn ask(proxy: &Self::Proxy) -> usize {
        proxy.send(Ask).await.expect("it answers")
    }
}
