//! The first program of the page "Deadlines".

// ANCHOR: program
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

#[derive(Default)]
struct Warehouse {
    asked: Vec<ReplyTo<u32>>,
}

#[gen_server]
impl Warehouse {
    /// Replies much later.
    #[call(deferred)]
    fn count(&mut self, reply: ReplyTo<u32>) {
        self.asked.push(reply);
    }
}

struct Shop {
    warehouse: WarehouseSubject,
    gave_up: u32,
}

#[gen_server]
impl Shop {
    #[call]
    async fn in_stock(&mut self) -> Result<u32, CallError> {
        let count = self.warehouse.count().await; // 5 s by default
        self.gave_up += u32::from(count.is_err());
        count
    }

    #[call]
    fn gave_up(&self) -> u32 {
        self.gave_up
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let warehouse = Warehouse::default().start().await?;
    let gave_up = 0;
    let shop = Shop { warehouse, gave_up }.start().await?;

    let asked = shop.in_stock().timeout(Duration::from_millis(50)).await;
    println!("the customer leaves: {}", asked.is_err());

    // The shop does not wait for the rest of its 5 s and serves the next caller.
    let gave_up = shop.gave_up().timeout(Duration::from_secs(1)).await?;
    println!("the shop has given up too: {gave_up}");
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
