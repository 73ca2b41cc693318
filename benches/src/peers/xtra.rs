//! xtra on tokio; each start sets a capacity, and the examples of its documentation are unbounded.

mod more;

use std::marker::PhantomData;

use xtra::prelude::*;

use super::Peer;
use crate::latch::Hit;
use crate::workload;

/// With unbounded mailboxes.
pub(crate) type Xtra = XtraWith<Unbounded>;
/// With mailboxes of 1024.
pub(crate) type XtraBounded = XtraWith<Bounded>;

pub(crate) struct XtraWith<M>(PhantomData<M>);

/// A kind of mailbox.
pub(crate) trait Kind: Send + Sync + 'static {
    fn open() -> (Address<Counter>, Mailbox<Counter>);
}

pub(crate) struct Unbounded;
pub(crate) struct Bounded;

impl Kind for Unbounded {
    fn open() -> (Address<Counter>, Mailbox<Counter>) {
        Mailbox::unbounded()
    }
}

impl Kind for Bounded {
    fn open() -> (Address<Counter>, Mailbox<Counter>) {
        Mailbox::bounded(1024)
    }
}

pub(crate) struct Counter {
    value: u64,
    _gone: Option<Hit>,
}

impl Actor for Counter {
    type Stop = ();
    async fn stopped(self) {}
}

struct Get;
struct Add(u64);
struct Echo(Vec<u8>);
struct Crunch(u64);

impl Handler<Get> for Counter {
    type Return = u64;
    async fn handle(&mut self, _: Get, _: &mut Context<Self>) -> u64 {
        self.value
    }
}

impl Handler<Add> for Counter {
    type Return = ();
    async fn handle(&mut self, Add(by): Add, _: &mut Context<Self>) {
        self.value += by;
    }
}

impl Handler<Echo> for Counter {
    type Return = Vec<u8>;
    async fn handle(&mut self, Echo(bytes): Echo, _: &mut Context<Self>) -> Vec<u8> {
        bytes
    }
}

impl Handler<Crunch> for Counter {
    type Return = u64;
    async fn handle(&mut self, Crunch(steps): Crunch, _: &mut Context<Self>) -> u64 {
        workload::crunch(steps)
    }
}

impl<K: Kind> Peer for XtraWith<K> {
    type Counter = Address<Counter>;

    async fn start(gone: Option<Hit>) -> Self::Counter {
        let counter = Counter {
            value: 0,
            _gone: gone,
        };
        xtra::spawn_tokio(counter, K::open())
    }
    async fn stop(counter: Self::Counter) {
        drop(counter);
    }
    async fn get(counter: &Self::Counter) -> u64 {
        counter.send(Get).await.expect("it answers")
    }
    async fn add(counter: &Self::Counter, by: u64) {
        // The receipt of a detached message is not awaited.
        drop(counter.send(Add(by)).detach().await.expect("it runs"));
    }
    async fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> Vec<u8> {
        counter.send(Echo(bytes)).await.expect("it answers")
    }
    async fn crunch(counter: &Self::Counter, steps: u64) -> u64 {
        counter.send(Crunch(steps)).await.expect("it answers")
    }
}
