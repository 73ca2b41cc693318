//! The first program of the chapter "The mathematics of supervision".

// ANCHOR: program
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::Event as News;

struct Lamp;

#[gen_server]
impl Lamp {
    #[call]
    fn burn_out(&self) {
        panic!("pop");
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let _listening = System::current()?.on_event(|event| match event {
        News::Restarted { child, .. } => println!("a new {child}"),
        News::GaveUp {
            child, restarts, ..
        } => println!("no {child} after {restarts} new ones"),
        _ => {}
    });
    let minute = Duration::from_secs(60);
    let lamp = Lamp::child_spec(|| Lamp).id("lamp");
    let room = Supervisor::builder().restarts(2, minute).start().await?;
    let lamp = room.start_child(lamp).await?;
    let end = room.monitor();
    for _ in 0..3 {
        lamp.when_available().burn_out().await.ok();
    }
    println!("the room: {}", end.await.reason);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
