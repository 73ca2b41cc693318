//! The first program of the page "Mailboxes and back-pressure".

// ANCHOR: program
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

struct Printer {
    pages: Vec<u32>,
}

#[gen_server(mailbox = 2)]
impl Printer {
    #[cast]
    fn print(&mut self, page: u32) {
        self.pages.push(page);
    }

    #[call]
    fn printed(&self) -> Vec<u32> {
        self.pages.clone()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let printer = Printer { pages: Vec::new() }.start().await?;
    ambit::sys::suspend(&printer).await?; // out of paper

    printer.print(1).await?; // two pages fit
    printer.print(2).await?;
    println!("at once: {:?}", printer.print(3).now());
    let patience = Duration::from_millis(20);
    println!("waiting: {:?}", printer.print(4).timeout(patience).await);

    ambit::sys::resume(&printer).await?;
    printer.print(5).await?; // waits for capacity
    println!("printed: {:?}", printer.printed().await?);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
