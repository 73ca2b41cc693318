// fix: `&mut self`, or a state that is `Sync`
use std::cell::Cell;

use ambit::prelude::*;

struct Counter(Cell<u64>);

#[gen_server]
impl Counter {
    #[call]
    async fn get(&self) -> u64 {
        self.0.get()
    }

    #[call]
    async fn add(&self, value: u64) {
        self.0.set(self.0.get() + value);
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let counter = Counter(Cell::new(1)).start().await?;
    counter.add(1).await?;
    counter.get().await?;
    counter.stop().await?;
    Ok(())
}
