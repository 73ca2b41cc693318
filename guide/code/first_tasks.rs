//! The first program of the page "Tasks".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;
use ambit::task;
use ambit::task::TaskError;

async fn weigh(parcel: &'static str) -> usize {
    parcel.len()
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // Two tasks at the same time.
    let (one, two) = (Task::spawn(weigh("books")), Task::spawn(weigh("a lamp")));
    println!("together: {}", one.await? + two.await?);

    // One task per element, two at a time.
    let mut parcels = task::stream(["tea", "chairs", "!"], |parcel| async move {
        assert!(parcel.len() > 1, "{parcel:?} is no parcel");
        (parcel, weigh(parcel).await)
    })
    .concurrency(2)
    .ordered()
    .unlinked();
    while let Some(weighed) = parcels.next().await {
        match weighed {
            Ok((parcel, weight)) => println!("{parcel}: {weight}"),
            Err(TaskError::Exited(ExitReason::Panic(report))) => {
                println!("one failed: {}", report.message());
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
