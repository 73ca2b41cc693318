//! A stock of jars with kameo.

// ANCHOR: program
use std::time::Duration;

use kameo::error::{Infallible, SendError};
use kameo::prelude::*;
use kameo::supervision::{RestartPolicy, SupervisionStrategy};

#[derive(Debug)]
struct TooFew {
    left: u32,
}

struct Stock {
    jars: u32,
}

impl Actor for Stock {
    type Args = u32;
    type Error = Infallible;

    async fn on_start(jars: u32, _: ActorRef<Self>) -> Result<Self, Infallible> {
        Ok(Self { jars })
    }
}

#[messages]
impl Stock {
    #[message]
    fn take(&mut self, jars: u32) -> Result<u32, TooFew> {
        assert!(jars > 0, "nothing to take");
        let left = self.jars;
        self.jars = left.checked_sub(jars).ok_or(TooFew { left })?;
        Ok(self.jars)
    }

    #[message]
    fn refill(&mut self, jars: u32) {
        self.jars += jars;
    }

    #[message]
    fn count(&self) -> u32 {
        self.jars
    }
}

/// Supervises the stock.
struct Shop;

impl Actor for Shop {
    type Args = ();
    type Error = Infallible;

    fn supervision_strategy() -> SupervisionStrategy {
        SupervisionStrategy::OneForOne
    }

    async fn on_start((): (), shop: ActorRef<Self>) -> Result<Self, Infallible> {
        let stock = Stock::supervise(&shop, 3)
            .restart_policy(RestartPolicy::Permanent)
            .restart_limit(5, Duration::from_secs(5))
            .spawn()
            .await;
        stock.register("stock").ok();
        Ok(Self)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let shop = Shop::spawn(());
    shop.wait_for_startup().await;
    let stock = ActorRef::<Stock>::lookup("stock")?.ok_or("no stock")?;

    stock.tell(Refill { jars: 2 }).await?;
    println!("{} jars", stock.ask(Count).await?);
    match stock.ask(Take { jars: 9 }).await {
        Ok(left) => println!("{left} left"),
        Err(SendError::HandlerError(TooFew { left })) => println!("too few: {left} left"),
        Err(_) => println!("no answer"),
    }

    if stock.ask(Take { jars: 0 }).await.is_err() {
        println!("the stock crashed");
    }
    // Requests fail until the restart is done.
    let jars = loop {
        match stock.ask(Count).await {
            Ok(jars) => break jars,
            Err(_) => tokio::task::yield_now().await,
        }
    };
    println!("{jars} jars after the restart");

    shop.stop_gracefully().await?;
    shop.wait_for_shutdown().await;
    println!("stopped: {}", !stock.is_alive());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
