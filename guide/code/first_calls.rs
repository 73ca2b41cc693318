//! The first program of the page "Calls, errors and timeouts".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

struct Account {
    balance: u64,
}

#[derive(Debug, PartialEq)]
struct TooLittle {
    missing: u64,
}

#[gen_server]
impl Account {
    #[call]
    fn withdraw(&mut self, amount: u64) -> Result<u64, TooLittle> {
        let missing = amount.saturating_sub(self.balance);
        if missing > 0 {
            return Err(TooLittle { missing });
        }
        self.balance -= amount;
        Ok(self.balance)
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let account = Account { balance: 100 }.start().await?;
    match account.withdraw(120).await {
        Ok(Ok(left)) => println!("{left} left"),
        Ok(Err(refusal)) => println!("the account said no: {} missing", refusal.missing),
        Err(error) => println!("the account said nothing: {error}"),
    }
    account.stop().await?;
    if let Err(error) = account.withdraw(1).await {
        println!("the account said nothing: {error}");
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
