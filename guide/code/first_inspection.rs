//! The first program of the page "Inspection".

// ANCHOR: program
use std::error::Error;

use ambit::inspect;
use ambit::prelude::*;

struct Till {
    cents: u64,
}

#[gen_server]
impl Till {
    #[init]
    fn new() -> Self {
        Self { cents: 0 }
    }

    #[call]
    fn pay(&mut self, cents: u64) -> u64 {
        self.cents += cents;
        self.cents
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _measuring = inspect::measure()?;
    let till = Till::start().name("till").await?;
    for cents in [250, 99, 1_200] {
        till.pay(cents).await?;
    }

    let seen = inspect::snapshot();
    print!("{}", seen.tree());
    for method in &seen.methods {
        println!("{}: {} handled", method.method, method.handled);
    }
    println!("{} crashes, {} lints", seen.crashed, seen.lints.len());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
