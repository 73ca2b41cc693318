//! The first program of the page "Links and monitors".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

struct Pump;

#[gen_server]
impl Pump {
    #[cast]
    fn run_dry(&mut self) -> Result<(), &'static str> {
        Err("no water")
    }
}

#[ambit::main]
async fn main(mut inbox: Inbox<()>) -> Result<(), Box<dyn Error>> {
    // A monitor notifies.
    let pump = Pump.start().await?;
    inbox.monitor(&pump);
    pump.run_dry().await?;
    if let InboxEvent::Down(down) = inbox.next().await {
        println!("down: {}", down.reason);
    }

    // A link propagates failure: the house started the pump and ends with it.
    let house = ambit::spawn(|mut inbox: Inbox<()>| async move {
        if let Ok(pump) = Pump.start().link().await {
            pump.run_dry().await.ok();
        }
        inbox.next().await;
        println!("never reached");
    });
    println!("the house: {}", house.closed().await);
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
