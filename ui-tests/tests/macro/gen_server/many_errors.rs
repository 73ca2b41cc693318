// all mistakes of a block are reported at once
// errors: many
#![allow(unused)]
use ambit::prelude::*;

struct Counter;

#[gen_server(mailbx = 64)]
impl Counter {
    #[call]
    fn get() -> u64 {
        0
    }

    #[cast]
    fn rename(&mut self, name: &str) {}

    #[info]
    fn on_tick(&mut self) {}
}

async fn callers(counter: CounterSubject) {
    let _: Result<u64, CallError> = counter.get().await;
    let _ = counter.rename("new").await;
}

fn main() {}
