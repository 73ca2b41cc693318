//! A stock of jars with ambit: the program of `kameo_before.rs`.

// ANCHOR: program
use std::time::Duration;

use ambit::prelude::*;

#[derive(Debug)]
struct TooFew {
    left: u32,
}

struct Stock {
    jars: u32,
}

#[gen_server]
impl Stock {
    #[init]
    fn new(jars: u32) -> Self {
        Self { jars }
    }

    #[call]
    fn take(&mut self, jars: u32) -> Result<u32, TooFew> {
        assert!(jars > 0, "nothing to take");
        let left = self.jars;
        self.jars = left.checked_sub(jars).ok_or(TooFew { left })?;
        Ok(self.jars)
    }

    #[cast]
    fn refill(&mut self, jars: u32) {
        self.jars += jars;
    }

    #[call]
    fn count(&self) -> u32 {
        self.jars
    }
}

/// Supervises the stock.
struct Shop;

#[supervisor(restarts = 5, within = Duration::from_secs(5))]
impl Shop {
    #[child]
    fn stock(&self) -> ChildSpec<Stock> {
        Stock::child_spec(3).name("stock")
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Shop.start().await?;
    let stock = StockSubject::named("stock").when_available();

    stock.refill(2).await?;
    println!("{} jars", stock.count().await?);
    match stock.take(9).await {
        Ok(Ok(left)) => println!("{left} left"),
        Ok(Err(TooFew { left })) => println!("too few: {left} left"),
        Err(_) => println!("no answer"),
    }

    if stock.take(0).await.is_err() {
        println!("the stock crashed");
    }
    println!("{} jars after the restart", stock.count().await?);

    shop.stop().await?;
    println!("stopped: {}", !stock.is_alive());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
