//! A parser and its supervisor with ambit: the program of `ractor_before.rs`.

// ANCHOR: program
use std::time::Duration;

use ambit::prelude::*;

const SECOND: Duration = Duration::from_secs(1);

struct Parser {
    sum: u64,
}

#[gen_server]
impl Parser {
    #[init]
    fn new(start: u64) -> Self {
        Self { sum: start }
    }

    #[call]
    fn parse(&mut self, text: String) -> u64 {
        self.sum += text.parse::<u64>().expect("a number");
        self.sum
    }

    #[cast]
    fn add(&mut self, number: u64) {
        self.sum += number;
    }
}

/// Starts the parser, and starts it again when it fails.
struct Keeper;

#[supervisor(restarts = 3, within = SECOND)]
impl Keeper {
    #[child]
    fn parser(&self) -> ChildSpec<Parser> {
        Parser::child_spec(100)
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keeper = Keeper.start().name("keeper").await?;
    let parser = keeper.parser().when_available();

    parser.add(20).await?;
    let sum = parser.parse("3".to_owned()).await?;
    println!("sum {sum}");

    match parser.parse("three".to_owned()).timeout(SECOND).await {
        Ok(sum) => println!("sum {sum}"),
        Err(CallError::Timeout) => println!("no answer in time"),
        Err(_) => println!("no answer"),
    }

    let sum = parser.parse("5".to_owned()).await?;
    println!("sum {sum} after the restart");

    keeper.stop().await?;
    println!("stopped");
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
