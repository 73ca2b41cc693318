//! A counter that crashes is restarted by its supervisor, behind the same handle, until it crashes too often.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

/// Counts up to 255.
struct Counter {
    value: u8,
}

#[gen_server]
impl Counter {
    #[init]
    fn new(value: u8) -> Self {
        Self { value }
    }

    #[call]
    fn add(&mut self, by: u8) -> u8 {
        self.value = self.value.checked_add(by).expect("too much for a byte");
        self.value
    }
}

// ANCHOR: app
/// The whole program: one child.
struct App {
    first: u8,
}

#[supervisor(restarts = 2, within = Duration::from_secs(60))]
impl App {
    #[child]
    fn counter(&self) -> ChildSpec<Counter> {
        Counter::child_spec(self.first)
    }
}
// ANCHOR_END: app

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let app = App { first: 10 }.start().await?;
    let counter = app.counter();
    println!("10 + 5 = {}", counter.add(5).await?);

    // The caller gets an error; all others only see the restarted counter.
    let old = counter.pid();
    crash(&counter).await;
    println!("10 + 7 = {}", counter.when_available().add(7).await?);
    println!("the same process: {}", counter.pid() == old);
    println!("children: {}", app.count_children().await?.active);

    // Two restarts within a minute are allowed; a third one would be too many.
    crash(&counter.when_available()).await;
    let end = app.monitor();
    crash(&counter.when_available()).await;
    println!("the supervisor: {}", end.await.reason);
    if let Err(error) = counter.add(1).await {
        println!("the counter: {error}");
    }
    Ok(())
}

async fn crash(counter: &CounterSubject) {
    if let Err(CallError::Exited { reason, executed }) = counter.add(255).await
        && let ExitReason::Panic(report) = reason
    {
        println!("crashed: {}, executed: {executed:?}", report.message());
    }
}
