//! The first program of the page "Streams, axum and tower".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;
use ambit::server::{StreamEnd, SubjectService};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tower::ServiceExt;

/// Adds the readings of a channel.
struct Meter {
    total: u64,
    price: u64,
}

#[gen_server]
impl Meter {
    #[init]
    fn new(ctx: &mut Context<Self>, readings: mpsc::Receiver<u64>) -> Self {
        ctx.attach_to_end(ReceiverStream::new(readings));
        Self { total: 0, price: 0 }
    }

    #[info]
    fn reading(&mut self, reading: u64) {
        self.total += reading;
    }

    #[info]
    fn end(&mut self, ctx: &mut Context<Self>, _: StreamEnd) {
        println!("{} kWh cost {}", self.total, self.total * self.price);
        ctx.stop(ExitReason::Normal);
    }

    #[call]
    fn set_price(&mut self, price: u64) -> u64 {
        std::mem::replace(&mut self.price, price)
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let (readings, receiver) = mpsc::channel(8);
    let meter = Meter::start(receiver).await?;
    let price = SubjectService::new(&meter, |price, reply| MeterCall::SetPrice { price, reply });
    println!("the price was {}", price.oneshot(3).await?);

    for reading in [3, 9, 8] {
        readings.send(reading).await?;
    }
    drop(readings);
    meter.closed().await;
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
