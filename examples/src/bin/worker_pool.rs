//! A pool spreads jobs over its workers, one of which crashes; and a scarce resource is checked out, with a deadline.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

/// Counts words; any worker can do it.
struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn words(&self, line: String) -> usize {
        assert!(!line.contains('\0'), "this is no text");
        line.split_whitespace().count()
    }
}

/// There are two presses, and a job has one for itself.
struct Press;

#[gen_server]
impl Press {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    fn print(&self, plate: String) -> String {
        format!("{plate} printed")
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let counters = Pool::builder(Counter::child_spec(|| Counter))
        .size(3)
        .start()
        .await?;
    let lines = [
        "so much depends upon",
        "a red wheel barrow",
        "glazed with rain water",
    ];
    let mut words = 0;
    for line in lines {
        words += counters.worker().words(line.into()).await?;
    }
    println!("{words} words in {} lines", lines.len());

    // One worker crashes with a job. Its handle leads to the replacement.
    let unlucky = counters.worker();
    if unlucky.words("\0".into()).await.is_err() {
        println!("a bad line: the worker is gone");
    }
    let words = unlucky
        .when_available()
        .words("beside the white chickens".into())
        .await?;
    println!("{words} more by its successor");

    let presses = Pool::builder(Press::child_spec()).size(2).start().await?;
    let (one, two) = (presses.checkout().await?, presses.checkout().await?);
    let third = presses.checkout().timeout(Duration::from_millis(10)).await;
    if let Err(error) = third {
        println!("both presses are taken: {error}");
    }

    // A waiting client gets the first press that is returned.
    let waiting = presses.with(async |press| press.print("poster".into()).await);
    let (printed, ()) = tokio::join!(waiting, async { drop((one, two)) });
    println!("back in time: {}", printed??);
    let (counters, presses) = (counters.status().free, presses.status().free);
    println!("{counters} workers, {presses} presses, all free");
    Ok(())
}
