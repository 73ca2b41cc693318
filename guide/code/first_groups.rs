//! The first program of the page "Groups".

// ANCHOR: program
use std::error::Error;

use ambit::group::Group;
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

    #[cast]
    fn print(&mut self, pages: u32) {
        self.pages += pages;
    }

    #[call]
    fn pages(&self) -> u32 {
        self.pages
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let printers: Group<Printer> = Group::new();
    let (left, right) = (Printer::start().await?, Printer::start().await?);
    printers.join("second floor", &left)?;
    printers.join("second floor", &right)?;

    let sent = printers.broadcast("second floor", PrinterCast::Print { pages: 3 });
    println!("{sent} printers got the job");
    for printer in printers.members("second floor") {
        println!("{} pages", printer.pages().await?);
    }

    left.stop().await?;
    println!("{} is left", printers.members("second floor").len());
    printers.leave("second floor", &right)?;
    println!("groups: {:?}", printers.groups());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
