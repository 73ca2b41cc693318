//! Streams as input of a server.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context as Cx, Poll};
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::{Attached, StreamEnd};
use ambit::test::settle;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;

struct Item(u64);

/// Counts the polls for its items; a clone of `_alive` shows whether it still exists.
struct Numbers {
    left: u64,
    asked: Arc<AtomicUsize>,
    panics_at: Option<u64>,
    /// The test holds the other reference.
    _alive: Arc<()>,
}

impl Stream for Numbers {
    type Item = Item;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Cx<'_>) -> Poll<Option<Item>> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert!(self.panics_at != Some(self.left), "the stream fails");
        let item = self.left.checked_sub(1);
        self.left = item.unwrap_or_default();
        Poll::Ready(item.map(Item))
    }
}

struct Sum {
    sum: u64,
    ends: u32,
    attached: Vec<Attached>,
}

#[gen_server(mailbox = 4)]
impl Sum {
    #[init]
    fn init() -> Self {
        Self {
            sum: 0,
            ends: 0,
            attached: Vec::new(),
        }
    }
    #[cast]
    fn read(&mut self, ctx: &mut Context<Self>, numbers: Numbers) {
        self.attached.push(ctx.attach(numbers));
    }
    #[cast]
    fn read_to_end(&mut self, ctx: &mut Context<Self>, numbers: ReceiverStream<Item>) {
        self.attached.push(ctx.attach_to_end(numbers));
    }
    #[cast]
    fn detach(&mut self) {
        for attached in self.attached.drain(..) {
            attached.detach();
        }
    }
    #[cast]
    async fn pause(&mut self, time: Duration) {
        tokio::time::sleep(time).await;
    }
    #[info]
    fn item(&mut self, item: Item) {
        self.sum += item.0;
    }
    #[info]
    fn end(&mut self, _: StreamEnd) {
        self.ends += 1;
    }
    #[call]
    fn figures(&self) -> (u64, u32, Vec<bool>) {
        let done = self.attached.iter().map(Attached::is_done).collect();
        (self.sum, self.ends, done)
    }
}

fn numbers(left: u64) -> (Numbers, Arc<AtomicUsize>, Arc<()>) {
    let (asked, alive) = (Arc::default(), Arc::default());
    let numbers = Numbers {
        left,
        asked: Arc::clone(&asked),
        panics_at: None,
        _alive: Arc::clone(&alive),
    };
    (numbers, asked, alive)
}

#[ambit::test]
async fn items_come_as_infos_and_the_end_behind_them() {
    let sum = Sum::start().await.unwrap();
    let (sender, receiver) = mpsc::channel(1);
    sum.read_to_end(ReceiverStream::new(receiver))
        .await
        .unwrap();
    for n in 1..=100 {
        sender.send(Item(n)).await.unwrap();
    }
    settle().await;
    assert_eq!(sum.figures().await.unwrap(), (5050, 0, vec![false]));
    drop(sender);
    settle().await;
    assert_eq!(sum.figures().await.unwrap(), (5050, 1, vec![true]));
}

#[ambit::test]
async fn a_slow_server_slows_its_stream_down() {
    let sum = Sum::start().await.unwrap();
    let (numbers, asked, alive) = numbers(1000);
    sum.read(numbers).await.unwrap();
    sum.pause(Duration::from_secs(1)).await.unwrap();
    settle().await;
    let queued = ambit::process_info(&sum).unwrap().queued;
    let asked = asked.load(Ordering::Relaxed);
    // Four in the mailbox, and one item that waits for capacity.
    assert!(
        queued <= 5 && asked <= 6,
        "{queued} queued, {asked} asked for"
    );
    tokio::time::sleep(Duration::from_secs(2)).await;
    settle().await;
    assert_eq!(sum.figures().await.unwrap().0, (0..1000).sum::<u64>());
    assert_eq!(
        Arc::strong_count(&alive),
        1,
        "a stream that has ended is dropped"
    );
}

#[ambit::test]
async fn a_detached_stream_is_dropped() {
    let sum = Sum::start().await.unwrap();
    let (sender, receiver) = mpsc::channel(1);
    sum.read_to_end(ReceiverStream::new(receiver))
        .await
        .unwrap();
    sender.send(Item(5)).await.unwrap();
    settle().await;
    sum.detach().await.unwrap();
    sender.closed().await;
    assert_eq!(sum.figures().await.unwrap(), (5, 0, vec![]));
}

#[ambit::test]
async fn a_stream_ends_with_its_server() {
    let sum = Sum::start().await.unwrap();
    let (sender, receiver) = mpsc::channel(1);
    sum.read_to_end(ReceiverStream::new(receiver))
        .await
        .unwrap();
    settle().await;
    sum.stop().await.unwrap();
    sender.closed().await;
}

#[ambit::test]
async fn a_stream_that_panics_is_the_servers_crash() {
    let sum = Sum::start().await.unwrap();
    let monitor = sum.monitor();
    let (mut numbers, _, alive) = numbers(10);
    numbers.panics_at = Some(10);
    ambit::test::expect_crash(&sum);
    sum.read(numbers).await.unwrap();
    let down = monitor.await;
    assert!(down.reason.to_string().contains("the stream fails"));
    settle().await;
    assert_eq!(Arc::strong_count(&alive), 1);
}

#[ambit::test(flavor = "multi_thread")]
async fn many_streams_come_and_go() {
    let sum = Sum::start().await.unwrap();
    for _ in 0..200 {
        let (numbers, ..) = numbers(10);
        sum.read(numbers).await.unwrap();
    }
    while sum.figures().await.unwrap().0 < 200 * 45 {
        tokio::task::yield_now().await;
    }
}

/// Two streams of one type, distinguished by their end messages.
struct Merge {
    streams: [Attached; 2],
    ended: Vec<usize>,
}

#[gen_server]
impl Merge {
    #[init]
    fn init(
        ctx: &mut Context<Self>,
        first: mpsc::Receiver<Item>,
        second: mpsc::Receiver<Item>,
    ) -> Self {
        let streams = [first, second];
        Self {
            streams: streams.map(|items| ctx.attach_to_end(ReceiverStream::new(items))),
            ended: Vec::new(),
        }
    }
    #[info]
    fn item(&mut self, _: Item) {}
    #[info]
    fn end(&mut self, end: StreamEnd) {
        let which = self
            .streams
            .iter()
            .position(|stream| stream.reference() == end.stream);
        self.ended.extend(which);
    }
    #[call]
    fn ended(&self) -> Vec<usize> {
        self.ended.clone()
    }
    #[cast]
    fn detach(&mut self) {
        self.streams[0].detach();
    }
}

#[ambit::test]
async fn the_end_of_a_stream_identifies_the_stream() {
    for [one, other] in [[0, 1], [1, 0]] {
        let mut senders = Vec::new();
        let mut channel = || {
            let (sender, receiver) = mpsc::channel(1);
            senders.push(Some(sender));
            receiver
        };
        let merge = Merge::start(channel(), channel()).await.unwrap();
        drop(senders[one].take());
        settle().await;
        assert_eq!(merge.ended().await.unwrap(), [one]);
        drop(senders[other].take());
        settle().await;
        assert_eq!(merge.ended().await.unwrap(), [one, other]);
    }
}

#[ambit::test]
async fn a_detached_stream_reports_no_end_and_the_other_one_does() {
    let (first, receiver) = mpsc::channel(1);
    let (second, other) = mpsc::channel::<Item>(1);
    let merge = Merge::start(receiver, other).await.unwrap();
    merge.detach().await.unwrap();
    first.closed().await;
    drop(second);
    settle().await;
    assert_eq!(merge.ended().await.unwrap(), [1]);
}

struct SlowSum(u64);

#[gen_server(mailbox = 2, overflow = reject)]
impl SlowSum {
    #[init]
    fn init(ctx: &mut Context<Self>) -> Self {
        ctx.attach(tokio_stream::iter((1..=20).map(Item)));
        Self(0)
    }
    #[info]
    async fn item(&mut self, item: Item) {
        tokio::time::sleep(Duration::from_millis(10)).await;
        self.0 += item.0;
    }
    #[call]
    fn sum(&self) -> u64 {
        self.0
    }
}

#[ambit::test]
async fn a_stream_waits_for_capacity_in_a_mailbox_that_rejects() {
    let server = SlowSum::start().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(server.sum().await, Ok(210), "no item is lost");
}
