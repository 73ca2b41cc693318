//! A server that is not there yet: a wait for its registration, a retry with back-off, and a deadline for it all.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::{Jitter, Retry};

const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

struct Depot;

#[gen_server]
impl Depot {
    #[call]
    fn parcel(&self) -> &'static str {
        "a parcel"
    }

    /// Takes an hour.
    #[call]
    async fn inventory(&self) -> u32 {
        tokio::time::sleep(ms(3_600_000)).await;
        0
    }
}

struct Office {
    depot: DepotSubject,
}

#[gen_server]
impl Office {
    #[call]
    async fn count(&self) -> Result<u32, CallError> {
        self.depot.inventory().await
    }
}

async fn open_later() -> Result<DepotSubject, StartError> {
    tokio::time::sleep(ms(30)).await;
    Depot.start().name("depot").await
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // A wait is woken by the registration, and ends with its time.
    let nobody = ambit::wait_for::<Depot>("depot").timeout(ms(20)).await;
    println!("before it opens: {:?}", nobody.err());
    let opened = tokio::spawn(open_later());
    let found = ambit::wait_for::<Depot>("depot").timeout(ms(5_000)).await?;
    println!("when it opens: {}", found.parcel().await?);

    // A retry is for what nobody wakes you for; the handle by name finds the next depot.
    opened.await??.stop().await?;
    let by_name = DepotSubject::named("depot");
    println!("closed: {:?}", by_name.parcel().await.err());
    let opened = tokio::spawn(open_later());
    let patient = Retry::unlimited()
        .exponential(ms(5), ms(40))
        .jitter(Jitter::Equal);
    let parcel = patient
        .within(ms(5_000))
        .run(|| by_name.parcel())
        .when(CallError::is_transient);
    println!("with patience: {}", parcel.await?);

    // One deadline for a chain of calls: the office waits no longer than its customers.
    let depot = opened.await??;
    let office = Office { depot }.start().await?;
    println!("one: {:?}", office.count().timeout(ms(50)).await.err());
    println!("two: {:?}", office.count().timeout(ms(50)).await.err());
    office.stop().await?;
    println!("the office closes at once");
    Ok(())
}
