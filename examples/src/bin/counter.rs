//! A plain struct with a plain impl block as a server: start, call, cast and stop.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::prelude::*;

/// A counter with an upper limit.
struct Counter {
    value: u64,
    limit: u64,
}

#[derive(Debug, thiserror::Error)]
#[error("the limit is {0}")]
struct LimitReached(u64);

#[gen_server]
impl Counter {
    /// Starts at zero.
    #[init]
    fn init(limit: u64) -> Self {
        Self { value: 0, limit }
    }

    /// Returns the current value.
    #[call]
    fn get(&self) -> u64 {
        self.value
    }

    /// Adds `by` and returns the new value.
    #[call]
    fn add(&mut self, by: u64) -> Result<u64, LimitReached> {
        let next = self.value.checked_add(by).filter(|&n| n <= self.limit);
        self.value = next.ok_or(LimitReached(self.limit))?;
        Ok(self.value)
    }

    /// Resets the value; the caller does not wait.
    #[cast]
    fn reset(&mut self) {
        self.value = 0;
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let counter = Counter::start(10).await?;
    println!("it starts at {}", counter.get().await?);

    // The first `?` is for the call, the second for the counter's own result.
    println!("5 more make {}", counter.add(5).await??);
    if let Err(refusal) = counter.add(6).await? {
        println!("6 more are refused: {refusal}");
    }

    // A cast and a call from the same sender arrive in this order.
    counter.reset().await?;
    println!("after a reset it is {}", counter.get().await?);

    counter.stop().await?;
    if let Err(error) = counter.get().await {
        println!("after its end: {error}");
    }

    // It is still a plain struct, so its methods can be used and tested without a process.
    let mut plain = Counter::init(3);
    println!("without a process: {}", plain.add(2)?);
    Ok(())
}
