//! The recipes on load.

// ANCHOR: imports
use std::collections::VecDeque;
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::Probe;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::sync::mpsc;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: priority
/// Handles small orders itself, and forwards large ones to a second server.
struct Kitchen {
    slow: Owned<OvenSubject>,
}

#[gen_server]
impl Kitchen {
    #[init]
    async fn new() -> Result<Self, StartError> {
        let slow = Oven.start().owned().await?; // ends with the kitchen
        Ok(Self { slow })
    }

    #[call]
    fn coffee(&mut self) -> &'static str {
        "coffee"
    }

    #[call(deferred, timeout = 60 * SECOND)]
    fn cake(&mut self, reply: ReplyTo<&'static str>) {
        self.slow.bake(reply).now().ok(); // without capacity the caller gets `NoReply`
    }
}

struct Oven;

#[gen_server]
impl Oven {
    #[cast]
    async fn bake(&mut self, reply: ReplyTo<&'static str>) {
        tokio::time::sleep(10 * SECOND).await;
        reply.send("cake");
    }
}

#[ambit::test]
async fn coffee_does_not_wait_for_cake() -> Result<(), Box<dyn Error>> {
    let kitchen = Kitchen::start().await?;
    let cakes = [kitchen.cake().send(), kitchen.cake().send()];
    let asked = Instant::now();
    assert_eq!(kitchen.coffee().await?, "coffee");
    assert_eq!(asked.elapsed(), Duration::ZERO);
    for cake in cakes {
        assert_eq!(cake.await?, "cake");
    }
    Ok(())
}
// ANCHOR_END: priority

// ANCHOR: socket
struct Writer {
    written: usize,
}

#[gen_server(mailbox = 4)]
impl Writer {
    #[cast]
    async fn write(&mut self, line: String) {
        tokio::time::sleep(SECOND).await; // a slow disk
        self.written += line.len();
    }
    #[call(timeout = 60 * SECOND)]
    fn written(&self) -> usize {
        self.written
    }
}

/// Reads at the speed of the server: a full mailbox stops it, and full buffers stop the client.
async fn feed(
    socket: impl AsyncRead + Unpin,
    writer: &WriterSubject,
) -> Result<(), Box<dyn Error>> {
    let mut lines = BufReader::with_capacity(16, socket).lines();
    while let Some(line) = lines.next_line().await? {
        writer.write(line).no_timeout().await?;
    }
    Ok(())
}

#[ambit::test]
async fn a_client_is_slowed_down() -> Result<(), Box<dyn Error>> {
    let writer = Writer { written: 0 }.start().await?;
    let (mut client, server) = tokio::io::duplex(16); // the buffers of the operating system
    let sent = async {
        for _ in 0..20 {
            client.write_all(b"a line\n").await?;
        }
        drop(client);
        Ok::<_, std::io::Error>(Instant::now())
    };
    let began = Instant::now();
    let (sent, fed) = tokio::join!(sent, feed(server, &writer));
    fed?;
    assert!(sent?.duration_since(began) >= 9 * SECOND); // alone, the client would need no time
    assert_eq!(writer.written().await?, 20 * "a line".len());
    Ok(())
}
// ANCHOR_END: socket

// ANCHOR: batch
/// Writes ten entries at a time, or what it has after a second.
struct Batches {
    waiting: Vec<u32>,
    timer: Option<Timer>,
    out: Recipient<Vec<u32>>,
}

struct Late;

#[gen_server]
impl Batches {
    #[cast]
    fn add(&mut self, ctx: &mut Context<Self>, number: u32) {
        self.waiting.push(number);
        if self.waiting.len() == 10 {
            self.flush();
        } else if self.timer.is_none() {
            self.timer = Some(ctx.send_after(SECOND, Late));
        }
    }

    #[info]
    fn on_late(&mut self, _: Late) {
        self.flush();
    }

    fn flush(&mut self) {
        self.timer.take().map(|timer| timer.cancel()); // an old timer must not fire into the next batch
        let batch = std::mem::take(&mut self.waiting);
        self.out.send(batch).now().ok();
    }
}

#[ambit::test]
async fn entries_are_written_in_batches() -> Result<(), Box<dyn Error>> {
    let mut out = Probe::<Vec<u32>>::new();
    let batches = Batches {
        waiting: Vec::new(),
        timer: None,
        out: out.recipient(),
    };
    let batches = batches.start().await?;
    for number in 0..12 {
        batches.add(number).await?;
    }
    assert_eq!(out.expect().await.len(), 10);
    let began = Instant::now();
    assert_eq!(out.expect().await, [10, 11]);
    assert_eq!(began.elapsed(), SECOND);
    Ok(())
}
// ANCHOR_END: batch

// ANCHOR: limit
/// Runs up to two jobs at a time, and stays responsive.
#[derive(Default)]
struct Jobs {
    running: usize,
    waiting: VecDeque<(Duration, ReplyTo<Duration>)>,
}

struct Done;

#[gen_server]
impl Jobs {
    #[call(deferred, timeout = 60 * SECOND)]
    fn run(&mut self, ctx: &mut Context<Self>, job: Duration, reply: ReplyTo<Duration>) {
        self.waiting.push_back((job, reply));
        self.start_next(ctx);
    }

    #[info]
    fn on_done(&mut self, ctx: &mut Context<Self>, _: Done) {
        self.running -= 1;
        self.start_next(ctx);
    }

    fn start_next(&mut self, ctx: &mut Context<Self>) {
        while self.running < 2
            && let Some((job, reply)) = self.waiting.pop_front()
        {
            if reply.is_closed() {
                continue; // its caller has given up
            }
            self.running += 1;
            ctx.spawn_task(async move {
                tokio::time::sleep(job).await;
                reply.send(job);
                Done
            });
        }
    }
}

#[ambit::test]
async fn two_at_a_time() -> Result<(), Box<dyn Error>> {
    let jobs = Jobs::default().start().await?;
    let began = Instant::now();
    let all: Vec<_> = (0..5).map(|_| jobs.run(SECOND).send()).collect();
    for job in all {
        job.await?;
    }
    assert_eq!(began.elapsed(), 3 * SECOND);
    Ok(())
}
// ANCHOR_END: limit

// ANCHOR: lock
/// Works for many accounts, one job at a time for each.
async fn charge(
    accounts: Registry<u64, Sum>,
    account: u64,
    done: Recipient<u64>,
) -> Result<(), CastError> {
    let _turn = accounts.lock(account).await; // held until it is dropped
    tokio::time::sleep(SECOND).await; // reads, computes, writes
    done.send(account).await
}

#[ambit::test]
async fn one_at_a_time_for_each_key() -> Result<(), Box<dyn Error>> {
    let accounts = Registry::unique();
    let mut done = Probe::<u64>::new();
    let began = Instant::now();
    for account in [1, 1, 2] {
        tokio::spawn(charge(accounts.clone(), account, done.recipient()));
    }
    let mut first = [done.expect().await, done.expect().await];
    first.sort_unstable();
    assert_eq!((first, began.elapsed()), ([1, 2], SECOND));
    assert_eq!(done.expect().await, 1);
    assert_eq!(began.elapsed(), 2 * SECOND);
    Ok(())
}
// ANCHOR_END: lock

// ANCHOR: feed
/// Adds the numbers of a channel. A stream is read in the same way.
#[derive(Default)]
struct Sum {
    sum: u64,
    waiting: Vec<ReplyTo<u64>>,
}

/// The channel is closed.
struct Closed;

#[gen_server(mailbox = 2)]
impl Sum {
    #[init]
    fn new(ctx: &mut Context<Self>, mut numbers: mpsc::Receiver<u64>) -> Self {
        let own = ctx.subject();
        ctx.spawn_task(async move {
            while let Some(number) = numbers.recv().await {
                own.add(number).no_timeout().await.ok(); // no faster than the server
            }
            Closed
        });
        Self::default()
    }

    #[cast]
    fn add(&mut self, number: u64) {
        self.sum += number;
    }

    #[call(deferred)]
    fn total(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[info]
    fn on_closed(&mut self, _: Closed) {
        for reply in self.waiting.drain(..) {
            reply.send(self.sum);
        }
    }
}

#[ambit::test]
async fn a_channel_feeds_a_server() -> Result<(), Box<dyn Error>> {
    let (to, numbers) = mpsc::channel(4);
    let sum = Sum::start(numbers).await?;
    let total = sum.total().send();
    for number in 1..=100 {
        to.send(number).await?;
    }
    drop(to);
    assert_eq!(total.await?, 5050);
    Ok(())
}
// ANCHOR_END: feed
