//! A deferred reply: the server keeps the reply port and handles other messages meanwhile.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

/// Sells things to waiting buyers.
struct Market {
    buyers: Vec<ReplyTo<String>>,
}

#[gen_server]
impl Market {
    /// Waits until there is something to buy. The last argument is the reply port; callers do not pass it.
    #[call(deferred)]
    fn buy(&mut self, reply: ReplyTo<String>) {
        self.buyers.push(reply);
    }

    /// Sells a thing to the longest-waiting buyer that has not given up; returns true if there was one.
    #[call]
    fn offer(&mut self, thing: String) -> bool {
        self.buyers.retain(|buyer| !buyer.is_closed());
        if self.buyers.is_empty() {
            return false;
        }
        self.buyers.remove(0).send(thing)
    }

    /// Drops all waiting buyers.
    #[cast]
    fn close(&mut self) {
        self.buyers.clear();
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let market = Market { buyers: Vec::new() }.start().await?;

    // `send` sends the call now; the reply is awaited later.
    let first = market.buy().send();
    let second = market.buy().send();
    println!("a lamp is sold: {}", market.offer("lamp".into()).await?);
    println!("a chair is sold: {}", market.offer("chair".into()).await?);
    println!("the second buyer has a {}", second.await?);
    println!("the first buyer has a {}", first.await?);

    // A caller that times out closes the port, and the server can detect that.
    if let Err(error) = market.buy().timeout(Duration::from_millis(5)).await {
        println!("the third buyer: {error}");
    }
    println!("a table is sold: {}", market.offer("table".into()).await?);

    // Dropping the port fails the call at once.
    let last = market.buy().send();
    market.close().await?;
    if let Err(error) = last.await {
        println!("the last buyer: {error}");
    }
    Ok(())
}
