//! A hand-written actor: a task, an mpsc queue, an enum of messages, a oneshot per reply.

mod more;

use std::future::Future;
use std::marker::PhantomData;

use tokio::sync::{mpsc, oneshot};

use super::Peer;
use crate::latch::Hit;
use crate::workload::crunch;

/// With an unbounded queue.
pub(crate) type Raw = RawWith<Unbounded>;
/// With a queue of 1024.
pub(crate) type RawBounded = RawWith<Bounded>;

pub(crate) struct RawWith<Q>(PhantomData<Q>);

pub(crate) enum Message {
    Get(oneshot::Sender<u64>),
    Add(u64),
    Echo(Vec<u8>, oneshot::Sender<Vec<u8>>),
    Crunch(u64, oneshot::Sender<u64>),
}

/// A kind of queue.
pub(crate) trait Queue: Send + Sync + 'static {
    type Sender: Clone + Send + Sync + 'static;
    type Receiver: Send + 'static;
    fn open() -> (Self::Sender, Self::Receiver);
    fn send(sender: &Self::Sender, message: Message) -> impl Future<Output = ()> + Send;
    fn next(receiver: &mut Self::Receiver) -> impl Future<Output = Option<Message>> + Send;
}

pub(crate) struct Unbounded;

impl Queue for Unbounded {
    type Sender = mpsc::UnboundedSender<Message>;
    type Receiver = mpsc::UnboundedReceiver<Message>;

    fn open() -> (Self::Sender, Self::Receiver) {
        mpsc::unbounded_channel()
    }
    async fn send(sender: &Self::Sender, message: Message) {
        assert!(sender.send(message).is_ok(), "the server runs");
    }
    async fn next(receiver: &mut Self::Receiver) -> Option<Message> {
        receiver.recv().await
    }
}

pub(crate) struct Bounded;

impl Queue for Bounded {
    type Sender = mpsc::Sender<Message>;
    type Receiver = mpsc::Receiver<Message>;

    fn open() -> (Self::Sender, Self::Receiver) {
        mpsc::channel(1024)
    }
    async fn send(sender: &Self::Sender, message: Message) {
        assert!(sender.send(message).await.is_ok(), "the server runs");
    }
    async fn next(receiver: &mut Self::Receiver) -> Option<Message> {
        receiver.recv().await
    }
}

async fn serve<Q: Queue>(mut queue: Q::Receiver, gone: Option<Hit>) {
    let mut value = 0;
    while let Some(message) = Q::next(&mut queue).await {
        match message {
            Message::Get(reply) => drop(reply.send(value)),
            Message::Add(by) => value += by,
            Message::Echo(bytes, reply) => drop(reply.send(bytes)),
            Message::Crunch(steps, reply) => drop(reply.send(crunch(steps))),
        }
    }
    drop(gone);
}

async fn call<Q: Queue, R>(
    server: &Q::Sender,
    message: impl FnOnce(oneshot::Sender<R>) -> Message,
) -> R {
    let (reply, answer) = oneshot::channel();
    Q::send(server, message(reply)).await;
    answer.await.expect("the server answers")
}

impl<Q: Queue> Peer for RawWith<Q> {
    type Counter = Q::Sender;

    async fn start(gone: Option<Hit>) -> Q::Sender {
        let (sender, queue) = Q::open();
        tokio::spawn(serve::<Q>(queue, gone));
        sender
    }
    async fn stop(counter: Q::Sender) {
        drop(counter);
    }
    async fn get(counter: &Q::Sender) -> u64 {
        call::<Q, _>(counter, Message::Get).await
    }
    async fn add(counter: &Q::Sender, by: u64) {
        Q::send(counter, Message::Add(by)).await;
    }
    async fn echo(counter: &Q::Sender, bytes: Vec<u8>) -> Vec<u8> {
        call::<Q, _>(counter, |reply| Message::Echo(bytes, reply)).await
    }
    async fn crunch(counter: &Q::Sender, steps: u64) -> u64 {
        call::<Q, _>(counter, |reply| Message::Crunch(steps, reply)).await
    }
}
