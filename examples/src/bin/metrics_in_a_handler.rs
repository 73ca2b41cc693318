//! A server that counts its own figures, next to those that `inspect` provides for every server.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::inspect;
use ambit::prelude::*;
use ambit::system::System;

/// Takes orders as text, each with a number of pieces.
#[derive(Default)]
struct Orders {
    figures: Figures,
}

/// Its own figures.
#[derive(Clone, Copy, Debug, Default)]
struct Figures {
    accepted: u64,
    refused: u64,
    pieces: u64,
}

#[gen_server]
impl Orders {
    #[cast]
    fn order(&mut self, line: String) {
        // A plain field is enough: a server handles one message at a time.
        match line.parse() {
            Ok(0) | Err(_) => self.figures.refused += 1,
            Ok(pieces) => {
                self.figures.accepted += 1;
                self.figures.pieces += pieces;
            }
        }
    }

    #[call]
    fn figures(&self) -> Figures {
        self.figures
    }

    #[call]
    fn price(&self, of: u64) -> u64 {
        let (pieces, orders) = (self.figures.pieces, self.figures.accepted);
        of * pieces.checked_div(orders).expect("there are orders")
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let system = System::builder().quiet_panics(true).build()?;
    let _inside = system.enter();
    let _measuring = inspect::measure()?;

    let early = Orders::default().start().await?;
    println!("too early: {}", early.price(3).await.is_err());

    let orders = Orders::default().start().await?;
    for line in ["3", "12", "a few", "0", "7"] {
        orders.order(line.into()).await?;
    }
    println!("the server says: {:?}", orders.figures().await?);

    let seen = inspect::snapshot();
    for method in &seen.methods {
        let (name, handled) = (method.method, method.handled);
        println!("{name}: {handled} handled, {} panicked", method.panicked);
    }
    for crash in &seen.crashes {
        println!("{} crashed in {:?}", crash.type_name, crash.methods);
    }
    println!("{} lints", seen.lints.len());
    system.stop(std::time::Duration::from_secs(1)).await;
    Ok(())
}
