//! A session that ends while another thread reads a message.

use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use ambit::message::{Codec, DecodeError, EncodeError, In, Leaf, Out, Schema, Shape, Types, Wire};
use ambit::prelude::*;
use ambit_dist::transport::{ReadError, ReceiveHalf};
use ambit_dist::wire::CloseCode;
use ambit_dist::{DownReason, Node};
use bytes::Bytes;
use tokio::time::timeout;

use super::support::{Net, down, next, up};
use crate::support::wrapped_transport::{Origin, WrappedTransport, Wrapper};
use crate::two_nodes::messages::Counter;

/// Holds the thread that reads the next message: reports it, and waits for a permission.
#[derive(Default)]
struct ReadHolder(Mutex<Option<(Sender<()>, Receiver<()>)>>);

struct HeldReceive(Box<dyn ReceiveHalf>, Arc<ReadHolder>);

impl std::fmt::Debug for HeldReceive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Wrapper for ReadHolder {
    fn receive(self: Arc<Self>, half: Box<dyn ReceiveHalf>, from: Origin) -> Box<dyn ReceiveHalf> {
        match from {
            Origin::Control => half,
            Origin::Opened(_) => Box::new(HeldReceive(half, self)),
        }
    }
}

impl ReceiveHalf for HeldReceive {
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<Option<Bytes>, ReadError>> {
        let read = self.0.poll_read(cx);
        let held = match read {
            Poll::Ready(Ok(Some(_))) => self.1.0.lock().unwrap().take(),
            _ => None,
        };
        if let Some((reached, permission)) = held {
            reached.send(()).unwrap();
            permission.recv().unwrap();
        }
        read
    }

    fn stop(&mut self, code: CloseCode) {
        self.0.stop(code);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_is_down_only_after_its_last_message_has_been_delivered() {
    let net = Net::new();
    let holder = Arc::new(ReadHolder::default());
    let transport = WrappedTransport(net.0.bind(Net::at("a")).unwrap(), holder.clone());
    let a = Node::builder("a").transport(transport).hidden();
    let (a, b) = (a.start().await.unwrap(), net.node("b").await);
    a.expose::<Counter>();
    let mut seen = b.events();
    a.connect(b.local_addr()).await.unwrap();
    up(&mut seen).await;
    let far = b.on("a").start::<Counter>((0,)).await.unwrap();
    let near = far.get().await.unwrap();
    assert_eq!(near, 0);
    let mut events = a.events();

    let (reached, is_reached) = channel();
    let (permit, permission) = channel();
    *holder.0.lock().unwrap() = Some((reached, permission));
    far.set(7).now().unwrap();
    tokio::task::spawn_blocking(move || is_reached.recv().unwrap())
        .await
        .unwrap();
    let disconnecting = tokio::spawn({
        let a = a.clone();
        async move { a.disconnect("b").await }
    });
    let early = timeout(Duration::from_millis(300), next(&mut events)).await;
    assert!(early.is_err(), "{early:?} while a message is read");
    permit.send(()).unwrap();
    assert_eq!(down(&mut events).await, DownReason::Disconnected);
    assert!(disconnecting.await.unwrap());
}

/// Holds the thread that decodes the argument 1.
static DECODE_HOLDER: LazyLock<ReadHolder> = LazyLock::new(ReadHolder::default);

/// Ends the first call of [`Narrow`].
static BUSY: tokio::sync::Notify = tokio::sync::Notify::const_new();

/// A number whose decoding takes as long as the test wants.
#[derive(Clone, Debug)]
struct SlowNumber(u8);

impl Schema for SlowNumber {
    fn shape(_: &mut Types) -> Shape {
        Shape::Leaf(Leaf::U8)
    }
}

impl Wire for SlowNumber {
    fn put<C: Codec>(&self, out: &mut Out<'_, C>) -> Result<(), EncodeError> {
        self.0.put(out)
    }

    fn take<C: Codec>(input: &mut In<'_, C>) -> Result<Self, DecodeError> {
        let number = u8::take(input)?;
        let held = DECODE_HOLDER.0.lock().unwrap().take_if(|_| number == 1);
        if let Some((reached, permission)) = held {
            reached.send(()).unwrap();
            permission.recv().unwrap();
        }
        Ok(Self(number))
    }
}

struct Narrow;

#[gen_server(remote = "test.narrow", mailbox = 1)]
impl Narrow {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    async fn busy(&mut self) {
        BUSY.notified().await;
    }

    #[cast]
    fn take(&mut self, number: SlowNumber) {
        let _ = number;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_node_is_down_only_after_a_message_that_waited_has_been_delivered() {
    let net = Net::new();
    let (a, b) = net.pair().await;
    a.expose::<Narrow>();
    let narrow = b.on("a").start::<Narrow>(()).await.unwrap();
    let busy = narrow.busy().no_timeout().send();
    let moment = Duration::from_millis(100);
    tokio::time::sleep(moment).await;
    let mut events = a.events();
    let (reached, is_reached) = channel();
    let (permit, permission) = channel();
    *DECODE_HOLDER.0.lock().unwrap() = Some((reached, permission));
    // The first is in the mailbox, the second waits for capacity, and the third waits behind it.
    for number in [0, 0, 1] {
        narrow.take(SlowNumber(number)).now().unwrap();
    }
    tokio::time::sleep(moment).await;
    BUSY.notify_one();
    tokio::task::spawn_blocking(move || is_reached.recv().unwrap())
        .await
        .unwrap();
    let disconnecting = tokio::spawn({
        let a = a.clone();
        async move { a.disconnect("b").await }
    });
    let early = timeout(Duration::from_millis(300), next(&mut events)).await;
    assert!(early.is_err(), "{early:?} while a message is decoded");
    permit.send(()).unwrap();
    assert_eq!(down(&mut events).await, DownReason::Disconnected);
    assert!(disconnecting.await.unwrap());
    drop(busy.await);
}
