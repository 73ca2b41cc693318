// remove one of the two attributes
use ambit::prelude::*;

struct Counter(u64);

#[gen_server]
#[gen_server(mailbox = 16)]
impl Counter {
    #[init]
    fn new() -> Self {
        Self(0)
    }

    #[call]
    fn get(&self) -> u64 {
        self.0
    }
}

#[ambit::main]
async fn main() {
    let counter = Counter::start().await.unwrap();
    counter.get().await.unwrap();
}
