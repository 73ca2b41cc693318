//! The recipes on time and long work.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::error::NotAProcess;
use ambit::prelude::*;
use ambit::process::Selector;
use ambit::test::{Probe, settle};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: periodic
/// Checks one thing every ten seconds, and another ten seconds after its last check.
struct Patrol {
    looks: Recipient<&'static str>,
}

#[derive(Clone)]
struct OnTheClock;

struct AfterTheLast;

#[gen_server]
impl Patrol {
    #[init]
    fn new(ctx: &mut Context<Self>, looks: Recipient<&'static str>) -> Self {
        ctx.send_every(10 * SECOND, OnTheClock);
        ctx.send_after(10 * SECOND, AfterTheLast);
        Self { looks }
    }

    #[info]
    fn on_clock(&mut self, _: OnTheClock) {
        self.looks.send("on the clock").now().ok();
    }

    #[info]
    async fn on_after(&mut self, ctx: &mut Context<Self>, _: AfterTheLast) {
        tokio::time::sleep(4 * SECOND).await; // a slow check
        self.looks.send("after the last").now().ok();
        ctx.send_after(10 * SECOND, AfterTheLast);
    }
}

#[ambit::test]
async fn every_ten_seconds_or_ten_seconds_later() -> Result<(), Box<dyn Error>> {
    let mut looks = Probe::<&'static str>::new();
    let patrol = Patrol::start(looks.recipient()).await?;
    tokio::time::sleep(37 * SECOND).await;
    patrol.stop().await?;
    let mut counts = (0, 0);
    while let Some(event) = looks.next_within(Duration::ZERO).await {
        match event {
            InboxEvent::Message("on the clock") => counts.0 += 1,
            _ => counts.1 += 1,
        }
    }
    assert_eq!(counts, (3, 2)); // at 10, 20 and 30; at 14 and 28
    Ok(())
}
// ANCHOR_END: periodic

// ANCHOR: debounce
/// Saves after a second without typing.
#[derive(Default)]
struct Editor {
    text: String,
    saved: String,
    quiet: Option<Timer>,
}

struct Quiet;

#[gen_server]
impl Editor {
    #[cast]
    fn typed(&mut self, ctx: &mut Context<Self>, letter: char) {
        self.text.push(letter);
        let quiet = ctx.send_after(SECOND, Quiet);
        if let Some(old) = self.quiet.replace(quiet) {
            old.cancel(); // not delivered any more, even if it is already queued
        }
    }
    #[info]
    fn on_quiet(&mut self, _: Quiet) {
        self.saved = self.text.clone();
    }
    #[call]
    fn saved(&self) -> String {
        self.saved.clone()
    }
}

#[ambit::test]
async fn the_text_is_saved_after_the_last_key() -> Result<(), Box<dyn Error>> {
    let editor = Editor::default().start().await?;
    for letter in "hello".chars() {
        editor.typed(letter).await?;
        tokio::time::sleep(SECOND / 2).await;
        assert_eq!(editor.saved().await?, "");
    }
    tokio::time::sleep(SECOND).await;
    assert_eq!(editor.saved().await?, "hello");
    Ok(())
}
// ANCHOR_END: debounce

// ANCHOR: blocking
/// Moves blocking work to threads for blocking work.
struct Primes;

struct Found {
    prime: Option<u64>,
    reply: ReplyTo<Option<u64>>,
}

#[gen_server]
impl Primes {
    #[call(deferred)]
    fn above(&mut self, ctx: &mut Context<Self>, number: u64, reply: ReplyTo<Option<u64>>) {
        ctx.spawn_task(async move {
            let is_prime = |n: &u64| (2..*n).all(|divisor| !n.is_multiple_of(divisor));
            let search = move || (number..number + 1000).find(is_prime);
            let prime = tokio::task::spawn_blocking(search).await.ok().flatten();
            Found { prime, reply }
        });
    }

    #[info]
    fn on_found(&mut self, found: Found) {
        found.reply.send(found.prime);
    }
}

#[ambit::test(real_time)]
async fn the_server_does_not_compute() -> Result<(), Box<dyn Error>> {
    let primes = Primes.start().await?;
    let (one, two) = (primes.above(90).send(), primes.above(8).send());
    assert_eq!((one.await?, two.await?), (Some(97), Some(11)));
    Ok(())
}
// ANCHOR_END: blocking

// ANCHOR: cancel
/// Runs each download in a process, which can be ended and monitored.
struct Downloads {
    current: Option<(Subject<()>, MonitorRef)>,
    ended: Vec<String>,
}

#[gen_server]
impl Downloads {
    #[call]
    fn begin(&mut self, ctx: &mut Context<Self>, takes: Duration) -> Result<(), NotAProcess> {
        let work = move |_: Inbox<()>| async move { tokio::time::sleep(takes).await };
        self.current = Some(ctx.spawn_monitor(work)?);
        Ok(())
    }
    #[cast]
    fn cancel(&mut self) {
        if let Some((download, _)) = &self.current {
            ambit::exit(download, ExitReason::Shutdown);
        }
    }
    #[info]
    fn on_down(&mut self, down: Down) {
        self.current
            .take_if(|(_, monitor)| *monitor == down.monitor);
        self.ended.push(down.reason.to_string());
    }
    #[call]
    fn ended(&self) -> Vec<String> {
        self.ended.clone()
    }
}

#[ambit::test]
async fn a_job_is_cancelled() -> Result<(), Box<dyn Error>> {
    let ended = Vec::new();
    let downloads = Downloads {
        current: None,
        ended,
    }
    .start()
    .await?;
    downloads.begin(SECOND).await?.map_err(|_| "no process")?;
    tokio::time::sleep(2 * SECOND).await;
    downloads
        .begin(3600 * SECOND)
        .await?
        .map_err(|_| "no process")?;
    downloads.cancel().await?;
    settle().await;
    assert_eq!(downloads.ended().await?, ["normal", "shutdown"]);
    Ok(())
}
// ANCHOR_END: cancel

// ANCHOR: late
/// Replies with what it has when the time is up.
struct Auction {
    best: u32,
    waiting: Vec<ReplyTo<u32>>,
}

struct Over;

#[gen_server]
impl Auction {
    #[init]
    fn new(ctx: &mut Context<Self>, open: Duration) -> Self {
        ctx.send_after(open, Over);
        let waiting = Vec::new();
        Self { best: 0, waiting }
    }
    #[cast]
    fn bid(&mut self, money: u32) {
        self.best = self.best.max(money);
    }
    #[call(deferred, timeout = 3600 * SECOND)]
    fn outcome(&mut self, reply: ReplyTo<u32>) {
        self.waiting.push(reply);
    }
    #[info]
    fn on_over(&mut self, ctx: &mut Context<Self>, _: Over) {
        for reply in self.waiting.drain(..) {
            reply.send(self.best);
        }
        ctx.stop(ExitReason::Normal);
    }
}

#[ambit::test]
async fn all_callers_get_a_reply_in_time() -> Result<(), Box<dyn Error>> {
    let auction = Auction::start(60 * SECOND).await?;
    let outcomes = [auction.outcome().send(), auction.outcome().send()];
    auction.bid(10).await?;
    auction.bid(7).await?;
    for outcome in outcomes {
        assert_eq!(outcome.await?, 10);
    }
    Ok(())
}
// ANCHOR_END: late

// ANCHOR: several
#[derive(Debug, PartialEq)]
enum Heard {
    Line(String),
    Number(u32),
    Gone(ExitReason),
}

#[ambit::test]
async fn one_receive_for_several_sources(mut lines: Inbox<String>) -> Result<(), Box<dyn Error>> {
    let mut numbers = lines.open::<u32>(); // a second inbox of the same process
    let worker = ambit::spawn(|_: Inbox<()>| std::future::pending::<()>());
    lines.subject().send("a line".into()).await?;
    numbers.subject().send(7).await?;
    let mut all = Selector::new()
        .message(&mut lines, Heard::Line)
        .message(&mut numbers, Heard::Number)
        .future(worker.monitor(), |down| Heard::Gone(down.reason));
    assert_eq!(all.select().await, Heard::Line("a line".into()));
    assert_eq!(all.select().await, Heard::Number(7));
    assert_eq!(all.select_within(SECOND).await, None);
    ambit::exit(&worker, ExitReason::Shutdown);
    assert_eq!(all.select().await, Heard::Gone(ExitReason::Shutdown));
    Ok(())
}
// ANCHOR_END: several

// ANCHOR: all_done
#[ambit::test]
async fn all_workers_have_ended() {
    let work = |seconds: u32| {
        ambit::spawn(move |_: Inbox<()>| async move { tokio::time::sleep(seconds * SECOND).await })
    };
    let began = Instant::now();
    let ends: Vec<_> = [3, 1, 2].map(|seconds| work(seconds).monitor()).into();
    for end in ends {
        assert_eq!(end.await.reason, ExitReason::Normal);
    }
    assert_eq!(began.elapsed(), 3 * SECOND);
}
// ANCHOR_END: all_done
