//! kameo, with default features. Its mailboxes have a capacity of 64 by default. `.send()` does the same as awaiting a
//! request, without boxing it.

mod more;

use kameo::error::Infallible;
use kameo::mailbox;
use kameo::prelude::*;

use super::Peer;
use crate::latch::Hit;
use crate::workload;

/// The default capacity of a mailbox.
const DEFAULT: usize = 64;

pub(crate) type Kameo = KameoWith<DEFAULT>;
pub(crate) type KameoBounded = KameoWith<1024>;

pub(crate) struct KameoWith<const CAPACITY: usize>;

pub(crate) struct Counter {
    value: u64,
    _gone: Option<Hit>,
}

impl Actor for Counter {
    type Args = Option<Hit>;
    type Error = Infallible;

    async fn on_start(gone: Option<Hit>, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self {
            value: 0,
            _gone: gone,
        })
    }
}

struct Get;
struct Add(u64);
struct Echo(Vec<u8>);
struct Crunch(u64);

impl Message<Get> for Counter {
    type Reply = u64;
    async fn handle(&mut self, _: Get, _: &mut Context<Self, u64>) -> u64 {
        self.value
    }
}

impl Message<Add> for Counter {
    type Reply = ();
    async fn handle(&mut self, Add(by): Add, _: &mut Context<Self, ()>) {
        self.value += by;
    }
}

impl Message<Echo> for Counter {
    type Reply = Vec<u8>;
    async fn handle(&mut self, Echo(bytes): Echo, _: &mut Context<Self, Vec<u8>>) -> Vec<u8> {
        bytes
    }
}

impl Message<Crunch> for Counter {
    type Reply = u64;
    async fn handle(&mut self, Crunch(steps): Crunch, _: &mut Context<Self, u64>) -> u64 {
        workload::crunch(steps)
    }
}

impl<const CAPACITY: usize> Peer for KameoWith<CAPACITY> {
    type Counter = ActorRef<Counter>;

    async fn start(gone: Option<Hit>) -> Self::Counter {
        if CAPACITY == DEFAULT {
            Counter::spawn(gone)
        } else {
            Counter::spawn_with_mailbox(gone, mailbox::bounded(CAPACITY))
        }
    }
    async fn stop(counter: Self::Counter) {
        counter.stop_gracefully().await.expect("it runs");
    }
    async fn get(counter: &Self::Counter) -> u64 {
        counter.ask(Get).send().await.expect("it answers")
    }
    async fn add(counter: &Self::Counter, by: u64) {
        counter.tell(Add(by)).send().await.expect("it runs");
    }
    async fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> Vec<u8> {
        counter.ask(Echo(bytes)).send().await.expect("it answers")
    }
    async fn crunch(counter: &Self::Counter, steps: u64) -> u64 {
        counter.ask(Crunch(steps)).send().await.expect("it answers")
    }
}
