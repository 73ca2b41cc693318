//! A server as a user writes it: start reading here.

use ambit::prelude::*;

struct Counter {
    value: u64,
    limit: u64,
    waiting: Vec<ReplyTo<u64>>,
}

#[derive(Clone, Debug, PartialEq)]
struct LimitReached;

struct Boost(u64);

#[gen_server]
impl Counter {
    #[init]
    fn init(value: u64, limit: u64) -> Self {
        let waiting = Vec::new();
        Self {
            value,
            limit,
            waiting,
        }
    }

    #[call]
    fn get(&self) -> u64 {
        self.value
    }

    #[call]
    fn add(&mut self, by: u64) -> Result<u64, LimitReached> {
        if self.value + by > self.limit {
            return Err(LimitReached);
        }
        self.value += by;
        for reply in self.waiting.drain(..) {
            reply.send(self.value);
        }
        Ok(self.value)
    }

    #[call(deferred)]
    fn changed(&mut self, reply: ReplyTo<u64>) {
        self.waiting.push(reply);
    }

    #[cast]
    fn reset(&mut self) {
        self.value = 0;
    }

    #[info]
    fn on_boost(&mut self, boost: Boost) {
        self.value += boost.0;
    }

    #[cast]
    async fn explode(&mut self) {
        tokio::task::yield_now().await;
        panic!("out of bounds");
    }
}

#[tokio::test]
async fn a_counter_counts_waits_and_crashes() {
    let counter = Counter::start(0, 10).name("hits").await.unwrap();
    assert_eq!(counter.get().await, Ok(0));
    assert_eq!(counter.add(3).await, Ok(Ok(3)));
    assert_eq!(counter.add(8).await, Ok(Err(LimitReached)));

    let next = counter.changed().send();
    counter.recipient().send(Boost(1)).await.unwrap();
    assert_eq!(counter.add(2).await, Ok(Ok(6)));
    assert_eq!(next.await, Ok(6));

    counter.reset().await.unwrap();
    assert_eq!(CounterSubject::named("hits").get().await, Ok(0));

    let watch = counter.monitor();
    counter.explode().await.unwrap();
    let ExitReason::Panic(report) = watch.await.reason else {
        panic!("a panic is the reason")
    };
    assert_eq!(report.message(), "out of bounds");
    assert!(
        report.location().unwrap().contains("counter.rs"),
        "{report}"
    );
    assert_eq!(counter.get().await, Err(CallError::NoProcess));
    assert!(Counter::start(5, 5).name("hits").await.is_ok());
}
