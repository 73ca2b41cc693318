//! The first program of the page "Tables".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;
use ambit::table::{Table, TableError};

/// Counts visits in a table that any process can read.
struct Visits {
    pages: Table<String, u64>,
}

#[gen_server]
impl Visits {
    #[init]
    fn new() -> Result<Self, Box<dyn Error + Send + Sync>> {
        let pages = Table::builder().name("visits").create()?;
        Ok(Self { pages })
    }

    #[call]
    fn visit(&mut self, page: String) -> Result<u64, TableError> {
        self.pages.add(page, 1)
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let visits = Visits::start().await?;
    for page in ["/", "/docs", "/"] {
        visits.visit(page.into()).await??;
    }

    // Read without a call to the server.
    let pages: Table<String, u64> = Table::named("visits")?;
    println!("{:?}", pages.entries()?);
    println!("{:?}", pages.insert("/".into(), 0));

    visits.stop().await?;
    println!("{:?}", pages.get("/"));
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
