//! The recipes on requests and replies.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::test::Probe;
use tokio::sync::watch;
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: many
struct Shop(u32);

#[gen_server]
impl Shop {
    #[call]
    async fn price(&mut self) -> u32 {
        tokio::time::sleep(SECOND).await;
        self.0
    }
}

#[ambit::test]
async fn many_servers_are_called_concurrently() -> Result<(), Box<dyn Error>> {
    let mut shops = Vec::new();
    for price in [5, 3, 4] {
        shops.push(Shop(price).start().await?);
    }
    let asked = Instant::now();
    let pending: Vec<_> = shops.iter().map(|shop| shop.price().send()).collect();
    let mut prices = Vec::new();
    for price in pending {
        prices.push(price.await?);
    }
    assert_eq!(prices, [5, 3, 4]);
    assert_eq!(asked.elapsed(), SECOND);
    Ok(())
}
// ANCHOR_END: many

// ANCHOR: first
#[ambit::test]
async fn a_reply_or_another_event() -> Result<(), Box<dyn Error>> {
    let shop = Shop(5).start().await?;
    let mut price = shop.price().send();
    let mut waited = 0;
    let price = loop {
        tokio::select! {
            biased;
            price = &mut price => break price?,
            () = tokio::time::sleep(Duration::from_millis(300)) => waited += 1,
        }
    };
    assert_eq!((price, waited), (5, 3));
    Ok(())
}
// ANCHOR_END: first

// ANCHOR: forward
/// Forwards requests, and stays responsive.
struct Desk {
    clerks: Vec<ClerkSubject>,
    next: usize,
}

#[gen_server]
impl Desk {
    #[call(deferred)]
    fn stamp(&mut self, paper: String, reply: ReplyTo<String>) {
        self.next = (self.next + 1) % self.clerks.len();
        let clerk = &self.clerks[self.next];
        // Without capacity the `ReplyTo` is dropped, and the caller gets `NoReply`.
        clerk.stamp_for(paper, reply).now().ok();
    }
}

struct Clerk(&'static str);

#[gen_server]
impl Clerk {
    #[cast]
    fn stamp_for(&mut self, paper: String, reply: ReplyTo<String>) {
        reply.send(format!("{paper}, seen by {}", self.0));
    }
}

#[ambit::test]
async fn a_call_is_passed_on() -> Result<(), Box<dyn Error>> {
    let clerks = vec![Clerk("Ann").start().await?, Clerk("Bob").start().await?];
    let desk = Desk { clerks, next: 0 }.start().await?;
    assert_eq!(desk.stamp("A".into()).await?, "A, seen by Bob");
    assert_eq!(desk.stamp("B".into()).await?, "B, seen by Ann");
    Ok(())
}
// ANCHOR_END: forward

// ANCHOR: stream
struct Archive(Vec<String>);

#[gen_server]
impl Archive {
    /// Sends each hit to `hits`, and returns their number.
    #[call]
    async fn search(&mut self, word: String, hits: Recipient<String>) -> usize {
        let found = self.0.iter().filter(|line| line.contains(&word));
        let mut sent = 0;
        for line in found {
            if hits.send(line.clone()).await.is_err() {
                break; // the receiver has ended
            }
            sent += 1;
        }
        sent
    }
}

#[ambit::test]
async fn results_are_streamed() -> Result<(), Box<dyn Error>> {
    let lines = ["to be", "or not", "to be"].map(str::to_owned).to_vec();
    let archive = Archive(lines).start().await?;
    let mut hits = Probe::<String>::new();
    let search = archive.search("to".into(), hits.recipient()).send();
    assert_eq!(hits.expect().await, "to be");
    assert_eq!(hits.expect().await, "to be");
    assert_eq!(search.await?, 2);
    Ok(())
}
// ANCHOR_END: stream

// ANCHOR: list
struct Alarm(&'static str);

struct Screen {
    lines: Vec<String>,
}

#[gen_server]
impl Screen {
    #[info]
    fn on_alarm(&mut self, alarm: Alarm) {
        self.lines.push(alarm.0.to_owned());
    }
    #[call]
    fn lines(&self) -> Vec<String> {
        self.lines.clone()
    }
}

struct Siren {
    rang: u32,
}

#[gen_server]
impl Siren {
    #[info]
    fn on_alarm(&mut self, _: Alarm) {
        self.rang += 1;
    }
    #[call]
    fn rang(&self) -> u32 {
        self.rang
    }
}

#[ambit::test]
async fn different_servers_in_one_list() -> Result<(), Box<dyn Error>> {
    let screen = Screen { lines: Vec::new() }.start().await?;
    let siren = Siren { rang: 0 }.start().await?;
    let all: Vec<Recipient<Alarm>> = vec![screen.recipient(), siren.recipient()];
    for one in &all {
        one.send(Alarm("fire")).await?;
    }
    assert_eq!(screen.lines().await?, ["fire"]);
    assert_eq!(siren.rang().await?, 1);
    Ok(())
}
// ANCHOR_END: list

// ANCHOR: each_other
/// Two servers that need each other: each gets a handle that follows the other's name.
struct Player {
    other: PlayerSubject,
    hits: u32,
}

#[gen_server]
impl Player {
    #[init]
    fn new(other: PlayerSubject) -> Self {
        Self { other, hits: 0 }
    }

    #[cast]
    async fn ball(&mut self, left: u32) -> Result<(), CastError> {
        self.hits += 1;
        if left > 0 {
            self.other.ball(left - 1).await?;
        }
        Ok(())
    }

    #[call]
    fn hits(&self) -> u32 {
        self.hits
    }
}

#[ambit::test]
async fn two_that_need_each_other() -> Result<(), Box<dyn Error>> {
    let ann = Player::start(PlayerSubject::named("bob"))
        .name("ann")
        .await?;
    let bob = Player::start(PlayerSubject::named("ann"))
        .name("bob")
        .await?;
    ann.ball(9).await?;
    ambit::test::settle().await;
    assert_eq!((ann.hits().await?, bob.hits().await?), (5, 5));
    Ok(())
}
// ANCHOR_END: each_other

// ANCHOR: watch
/// Publishes its value instead of answering calls.
struct Sensor {
    shown: watch::Sender<i32>,
}

#[gen_server]
impl Sensor {
    #[cast]
    fn measured(&mut self, degrees: i32) {
        self.shown.send_replace(degrees);
    }
}

#[ambit::test]
async fn the_latest_value_is_read_without_a_message() -> Result<(), Box<dyn Error>> {
    let (shown, reader) = watch::channel(0);
    let sensor = Sensor { shown }.start().await?;
    sensor.measured(20).await?;
    sensor.measured(21).await?;
    ambit::test::settle().await;
    assert_eq!(*reader.borrow(), 21);
    sensor.stop().await?;
    assert!(reader.has_changed().is_err()); // the sender was dropped with its server
    Ok(())
}
// ANCHOR_END: watch

// ANCHOR: remaining
/// Calls others, and keeps some time for its own reply.
struct Guide {
    shop: ShopSubject,
}

#[gen_server]
impl Guide {
    #[call]
    async fn advice(&mut self, ctx: &mut Context<Self>) -> String {
        let patience = ctx.remaining().unwrap_or(SECOND) / 2;
        match self.shop.price().timeout(patience).await {
            Ok(price) => format!("it costs {price}"),
            Err(_) => "try another shop".into(),
        }
    }
}

#[ambit::test]
async fn the_deadline_of_the_caller_is_shared() -> Result<(), Box<dyn Error>> {
    let shop = Shop(5).start().await?;
    let guide = Guide { shop }.start().await?;
    assert_eq!(guide.advice().await?, "it costs 5");
    let hasty = guide.advice().timeout(SECOND);
    assert_eq!(hasty.await?, "try another shop");
    Ok(())
}
// ANCHOR_END: remaining
