//! ractor, with default features: its mailboxes are unbounded, and its calls have no timeout by default.

mod more;
mod skynet;

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call};

use super::Peer;
use crate::latch::Hit;
use crate::workload;

pub(crate) struct Ractor;

pub(crate) struct Counter;

#[cfg_attr(feature = "ractor-cluster", derive(ractor_cluster::RactorMessage))]
pub(crate) enum Message {
    Get(RpcReplyPort<u64>),
    Add(u64),
    Echo(Vec<u8>, RpcReplyPort<Vec<u8>>),
    Crunch(u64, RpcReplyPort<u64>),
}

impl Actor for Counter {
    type Msg = Message;
    type State = (u64, Option<Hit>);
    type Arguments = Option<Hit>;

    async fn pre_start(
        &self,
        _: ActorRef<Message>,
        gone: Option<Hit>,
    ) -> Result<Self::State, ActorProcessingErr> {
        Ok((0, gone))
    }
    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        (value, _): &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Get(reply) => reply.send(*value)?,
            Message::Add(by) => *value += by,
            Message::Echo(bytes, reply) => reply.send(bytes)?,
            Message::Crunch(steps, reply) => reply.send(workload::crunch(steps))?,
        }
        Ok(())
    }
}

impl Peer for Ractor {
    type Counter = ActorRef<Message>;

    async fn start(gone: Option<Hit>) -> Self::Counter {
        let started = Actor::spawn(None, Counter, gone).await;
        started.expect("it starts").0
    }
    async fn stop(counter: Self::Counter) {
        counter.stop(None);
    }
    async fn get(counter: &Self::Counter) -> u64 {
        call!(counter, Message::Get).expect("it answers")
    }
    async fn add(counter: &Self::Counter, by: u64) {
        counter.cast(Message::Add(by)).expect("it runs");
    }
    async fn echo(counter: &Self::Counter, bytes: Vec<u8>) -> Vec<u8> {
        call!(counter, |reply| Message::Echo(bytes, reply)).expect("it answers")
    }
    async fn crunch(counter: &Self::Counter, steps: u64) -> u64 {
        call!(counter, |reply| Message::Crunch(steps, reply)).expect("it answers")
    }
}
