//! An answer that comes later: the server keeps the reply port and is free for others meanwhile.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

/// Sells at any price, but only when somebody buys.
struct Market {
    buyers: Vec<ReplyTo<String>>,
}

#[gen_server]
impl Market {
    /// Waits until there is something to buy. The last argument is the port, the caller does not see it.
    #[call(deferred)]
    fn buy(&mut self, reply: ReplyTo<String>) {
        self.buyers.push(reply);
    }

    /// Gives a thing to whoever has waited longest and still does; returns whether there was anybody.
    #[call]
    fn offer(&mut self, thing: String) -> bool {
        self.buyers.retain(|buyer| !buyer.is_closed());
        if self.buyers.is_empty() {
            return false;
        }
        self.buyers.remove(0).send(thing)
    }

    /// Sends everybody home.
    #[cast]
    fn close(&mut self) {
        self.buyers.clear();
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let market = Market { buyers: Vec::new() }.start().await?;

    // `send` asks now and leaves the wait for later.
    let first = market.buy().send();
    let second = market.buy().send();
    println!("a lamp is sold: {}", market.offer("lamp".into()).await?);
    println!("a chair is sold: {}", market.offer("chair".into()).await?);
    println!("the second buyer has a {}", second.await?);
    println!("the first buyer has a {}", first.await?);

    // A caller who gives up closes the port; the server can see it.
    if let Err(error) = market.buy().timeout(Duration::from_millis(5)).await {
        println!("the third buyer: {error}");
    }
    println!("a table is sold: {}", market.offer("table".into()).await?);

    // A port that is dropped is an answer too, and comes at once.
    let last = market.buy().send();
    market.close().await?;
    if let Err(error) = last.await {
        println!("the last buyer: {error}");
    }
    Ok(())
}
