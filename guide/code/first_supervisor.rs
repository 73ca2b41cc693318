//! The first program of the chapter "Let it crash".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

struct Till {
    cents: u32,
}

#[gen_server]
impl Till {
    #[init]
    fn new(cents: u32) -> Self {
        Self { cents }
    }

    #[call]
    fn pay_out(&mut self, cents: u32) -> u32 {
        self.cents = self.cents.checked_sub(cents).expect("the till is short");
        self.cents
    }
}

struct Shop {
    float: u32,
}

#[supervisor]
impl Shop {
    #[child]
    fn till(&self) -> ChildSpec<Till> {
        Till::child_spec(self.float)
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let shop = Shop { float: 100 }.start().await?;
    let till = shop.till();
    println!("left: {}", till.pay_out(30).await?);

    if let Err(CallError::Exited { reason, .. }) = till.pay_out(500).await {
        println!("crashed: {}", matches!(reason, ExitReason::Panic(_)));
    }
    println!("left: {}", till.when_available().pay_out(30).await?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
