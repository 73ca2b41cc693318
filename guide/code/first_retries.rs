//! The first program of the page "Retries, breakers and limits".

// ANCHOR: program
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::retry::{Jitter, Retry};

struct Printer {
    cold: u32,
}

#[gen_server]
impl Printer {
    #[call]
    fn print(&mut self, text: &'static str) -> Result<usize, &'static str> {
        if self.cold > 0 {
            self.cold -= 1;
            return Err("the printer is warming up");
        }
        Ok(text.len())
    }
}

async fn print(printer: &PrinterSubject) -> Result<usize, Box<dyn Error>> {
    Ok(printer.print("hello").await??)
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let printer = Printer { cold: 2 }.start().await?;
    let patient = Retry::times(5)
        .exponential(Duration::from_millis(10), Duration::from_secs(1))
        .jitter(Jitter::Equal);

    let printed = patient.run(|| print(&printer)).await;
    println!("{:?} letters are printed", printed.ok());

    let printer = Printer { cold: 99 }.start().await?;
    if let Err(failed) = patient.run(|| print(&printer)).await {
        println!("{failed}");
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
