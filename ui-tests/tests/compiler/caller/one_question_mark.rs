// dsl #57: write `.await??`
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn add(&mut self, by: u64) -> Result<u64, CallError> {
        Ok(by)
    }

    #[cast]
    fn reset(&mut self) {}
}

async fn caller(counter: CounterSubject) -> Result<u64, CallError> {
    let sum: u64 = counter.add(1).await?;
    Ok(sum)
}

fn main() {}
