//! actix in a system of its own, which has one thread. `do_send` is its cast, and bypasses the mailbox limit of 16.

mod more;

use actix::prelude::*;
use tokio::task::JoinHandle;

use super::Peer;
use crate::latch::Hit;
use crate::workload;

pub(crate) struct Actix;

pub(crate) struct Counter {
    value: u64,
    _gone: Option<Hit>,
}

impl Actor for Counter {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "u64")]
struct Get;

#[derive(Message)]
#[rtype(result = "()")]
struct Add(u64);

#[derive(Message)]
#[rtype(result = "Vec<u8>")]
struct Echo(Vec<u8>);

#[derive(Message)]
#[rtype(result = "u64")]
pub(crate) struct Crunch(u64);

impl Handler<Get> for Counter {
    type Result = u64;
    fn handle(&mut self, _: Get, _: &mut Context<Self>) -> u64 {
        self.value
    }
}

impl Handler<Add> for Counter {
    type Result = ();
    fn handle(&mut self, Add(by): Add, _: &mut Context<Self>) {
        self.value += by;
    }
}

impl Handler<Echo> for Counter {
    type Result = MessageResult<Echo>;
    fn handle(&mut self, Echo(bytes): Echo, _: &mut Context<Self>) -> Self::Result {
        MessageResult(bytes)
    }
}

/// The solution of its documentation for CPU-bound work: a separate thread.
pub(crate) struct Computing;

impl Actor for Computing {
    type Context = SyncContext<Self>;
}

impl Handler<Crunch> for Computing {
    type Result = u64;
    fn handle(&mut self, Crunch(steps): Crunch, _: &mut SyncContext<Self>) -> u64 {
        workload::crunch(steps)
    }
}

#[derive(Clone)]
pub(crate) enum Handle {
    Counter(Addr<Counter>),
    Computing(Addr<Computing>),
}

impl Handle {
    fn counter(&self) -> &Addr<Counter> {
        match self {
            Self::Counter(counter) => counter,
            Self::Computing(_) => panic!("this one only computes"),
        }
    }
}

impl Peer for Actix {
    type Counter = Handle;

    fn run<F>(work: F) -> F::Output
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        System::new().block_on(work)
    }

    fn spawn<F>(work: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        actix_rt::spawn(work)
    }

    async fn start(gone: Option<Hit>) -> Handle {
        let counter = Counter {
            value: 0,
            _gone: gone,
        };
        Handle::Counter(counter.start())
    }
    async fn start_for_computing() -> Handle {
        Handle::Computing(SyncArbiter::start(1, || Computing))
    }
    async fn stop(counter: Handle) {
        drop(counter);
    }
    async fn get(counter: &Handle) -> u64 {
        counter.counter().send(Get).await.expect("it answers")
    }
    async fn add(counter: &Handle, by: u64) {
        counter.counter().do_send(Add(by));
    }
    async fn echo(counter: &Handle, bytes: Vec<u8>) -> Vec<u8> {
        let echo = counter.counter().send(Echo(bytes));
        echo.await.expect("it answers")
    }
    async fn crunch(counter: &Handle, steps: u64) -> u64 {
        match counter {
            Handle::Computing(computing) => {
                computing.send(Crunch(steps)).await.expect("it answers")
            }
            Handle::Counter(_) => panic!("this one does not compute"),
        }
    }
}
