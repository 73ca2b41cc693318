// move the methods to the first block of `Counter`
#![allow(unused)]
use ambit::prelude::*;

struct Counter { value: u64 }

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> u64 { self.value }

    #[info]
    fn on_down(&mut self, down: Down) {}
}

mod resets {
    use ambit::prelude::*;

    #[gen_server]
    impl super::Counter {
        #[cast]
        fn reset(&mut self) { self.value = 0 }

        #[info]
        fn on_exit(&mut self, down: Down) { self.value = 0 }
    }
}

async fn use_it(counter: CounterSubject) -> Result<u64, CallError> {
    counter.get().await
}

fn main() {}
