//! The first servers: one by hand, one by macro.
#![allow(missing_docs)]
use ambit::prelude::*;
use std::time::Duration;

pub struct Counter {
    value: u64,
    limit: u64,
    waiting: Vec<ReplyTo<u64>>,
}

#[derive(Debug, PartialEq)]
pub struct LimitReached;
#[derive(Clone)]
pub struct Tick;

#[gen_server]
impl Counter {
    #[init]
    pub fn init(ctx: &mut Context<Self>, value: u64, limit: u64) -> Self {
        ctx.send_every(Duration::from_secs(60), Tick);
        Self {
            value,
            limit,
            waiting: Vec::new(),
        }
    }
    #[call]
    pub fn get(&self) -> u64 {
        self.value
    }
    #[call(timeout = Duration::from_secs(1))]
    pub fn add(&mut self, by: u64) -> Result<u64, LimitReached> {
        let next = self
            .value
            .checked_add(by)
            .filter(|n| *n <= self.limit)
            .ok_or(LimitReached)?;
        self.value = next;
        for reply in self.waiting.drain(..) {
            reply.send(next);
        }
        Ok(next)
    }
    #[call(deferred)]
    pub fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply)
    }
    #[cast]
    pub fn reset(&mut self) {
        self.value = 0
    }
    #[cast]
    pub async fn boom(&mut self) {
        tokio::time::sleep(Duration::from_millis(1)).await;
        panic!("boom")
    }
    #[call]
    pub async fn ask(&mut self, ctx: &mut Context<Self>) -> Result<u64, CallError> {
        ctx.subject().get().await
    }
    #[info]
    fn on_tick(&mut self, _tick: Tick) {
        self.value += 1
    }
    #[info]
    fn on_down(&mut self, ctx: &mut Context<Self>, down: Down) {
        ctx.stop(down.reason)
    }
    #[terminate]
    async fn bye(&mut self, _reason: &ExitReason) {}
}

#[tokio::test]
async fn a_server_lives() {
    let counter = Counter::start(0, 100).await.unwrap();
    assert_eq!(counter.add(5).await.unwrap(), Ok(5));
    assert_eq!(counter.get().await, Ok(5));
    assert_eq!(counter.ask().await, Ok(Err(CallError::CallsItself)));
    let later = counter.changed().send();
    counter.reset().await.unwrap();
    counter.reset().now().unwrap();
    assert_eq!(counter.add(1000).await.unwrap(), Err(LimitReached));
    counter.add(7).await.unwrap().unwrap();
    assert_eq!(later.await, Ok(7));
    println!("{counter:?}\n{}", ambit::tree());
    let watch = counter.monitor();
    counter.boom().await.unwrap();
    let down = watch.await;
    assert!(matches!(down.reason, ExitReason::Panic(_)), "{down:?}");
    assert_eq!(counter.get().await, Err(CallError::NoProcess));
}

#[tokio::test(flavor = "multi_thread")]
async fn many() {
    let sink = ambit::spawn(|mut inbox: Inbox<u64>| async move {
        let mut sum = 0;
        while let Some(n) = inbox.recv().await {
            sum += n;
        }
        println!("{sum}");
    });
    for n in 0..100_000 {
        sink.send(n).await.unwrap();
    }
    sink.stop().await.unwrap();
    let counter = Counter::start(0, u64::MAX).owned().await.unwrap();
    let t = std::time::Instant::now();
    for _ in 0..100_000 {
        counter.add(1).await.unwrap().unwrap();
    }
    println!("{:?} per call", t.elapsed() / 100_000);
}
