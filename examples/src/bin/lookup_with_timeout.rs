//! A server that is not registered yet: waiting for its registration, retrying with backoff, and one deadline for all.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::retry::{Jitter, Retry};

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
    // The registration wakes the wait; otherwise it ends at its timeout.
    let nobody = ambit::wait_for::<Depot>("depot").timeout(ms(20)).await;
    println!("before it opens: {:?}", nobody.err());
    let opened = tokio::spawn(open_later());
    let found = ambit::wait_for::<Depot>("depot").timeout(ms(5_000)).await?;
    println!("when it opens: {}", found.parcel().await?);

    // Use a retry where no notification exists; the handle by name finds the next depot.
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

    // A chain of calls has one deadline: the office does not wait longer than its callers.
    let depot = opened.await??;
    let office = Office { depot }.start().await?;
    println!("one: {:?}", office.count().timeout(ms(50)).await.err());
    println!("two: {:?}", office.count().timeout(ms(50)).await.err());
    office.stop().await?;
    println!("the office closes at once");
    Ok(())
}
