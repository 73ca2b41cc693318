//! spawned in its `tasks` mode, on the async backend: unbounded mailboxes, five seconds for each request.

mod more;

use spawned_concurrency::message::Message;
use spawned_concurrency::tasks::{Actor, ActorRef, ActorStart, Context, Handler};

use super::Peer;
use crate::latch::Hit;
use crate::workload;

pub(crate) struct Spawned;

pub(crate) struct Counter {
    value: u64,
    _gone: Option<Hit>,
}

impl Actor for Counter {}

struct Get;
struct Add(u64);
struct Echo(Vec<u8>);
struct Crunch(u64);

impl Message for Get {
    type Result = u64;
}
impl Message for Add {
    type Result = ();
}
impl Message for Echo {
    type Result = Vec<u8>;
}
impl Message for Crunch {
    type Result = u64;
}

impl Handler<Get> for Counter {
    async fn handle(&mut self, _: Get, _: &Context<Self>) -> u64 {
        self.value
    }
}

impl Handler<Add> for Counter {
    async fn handle(&mut self, Add(by): Add, _: &Context<Self>) {
        self.value += by;
    }
}

impl Handler<Echo> for Counter {
    async fn handle(&mut self, Echo(bytes): Echo, _: &Context<Self>) -> Vec<u8> {
        bytes
    }
}

impl Handler<Crunch> for Counter {
    async fn handle(&mut self, Crunch(steps): Crunch, _: &Context<Self>) -> u64 {
        workload::crunch(steps)
    }
}

impl Peer for Spawned {
    type Counter = ActorRef<Counter>;

    async fn start(gone: Option<Hit>) -> Self::Counter {
        let counter = Counter {
            value: 0,
            _gone: gone,
        };
        counter.start()
    }
    async fn stop(counter: Self::Counter) {
        counter.context().stop();
    }
    async fn get(counter: &Self::Counter) -> u64 {
        counter.request(Get).await.expect("it answers")
    }
    async fn add(counter: &Self::Counter, by: u64) {
        counter.send(Add(by)).expect("it runs");
    }
    async fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> Vec<u8> {
        counter.request(Echo(bytes)).await.expect("it answers")
    }
    async fn crunch(counter: &Self::Counter, steps: u64) -> u64 {
        counter.request(Crunch(steps)).await.expect("it answers")
    }
}
