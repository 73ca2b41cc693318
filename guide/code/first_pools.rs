//! The first program of the page "Pools of workers".

// ANCHOR: program
use std::error::Error;
use std::time::Duration;

use ambit::pool::Pool;
use ambit::prelude::*;

struct Printer {
    pages: u32,
}

#[gen_server]
impl Printer {
    #[init]
    fn new() -> Self {
        Self { pages: 0 }
    }

    #[call]
    fn print(&mut self, pages: u32) -> u32 {
        self.pages += pages;
        self.pages
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let printers = Pool::builder(Printer::child_spec()).size(2).start().await?;

    // Any worker, one after the other.
    for pages in [1, 10, 100] {
        println!(
            "{pages} more make {}",
            printers.worker().print(pages).await?
        );
    }

    // Two workers for this client, until the leases are dropped.
    let mine = printers.checkout().await?;
    let mine_too = printers.checkout().await?;
    println!(
        "free: {}, busy: {}",
        printers.status().free,
        printers.status().busy
    );
    let third = printers.checkout().timeout(Duration::from_millis(10)).await;
    if let Err(error) = third {
        println!("a third: {error}");
    }
    drop((mine, mine_too));
    println!("free: {}", printers.status().free);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
