//! The first program of the page "Processes and inboxes".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

#[ambit::main]
async fn main(mut inbox: Inbox<String>) -> Result<(), Box<dyn Error>> {
    let main = inbox.subject();
    let adder = ambit::spawn(|mut inbox: Inbox<u64>| async move {
        let mut sum = 0;
        while let Some(number) = inbox.recv().await {
            sum += number;
            main.send(format!("the sum is {sum}")).await.ok();
        }
    });
    inbox.monitor(&adder);
    adder.send(40).await?;
    adder.send(2).await?;
    adder.stop().await?;
    for _ in 0..3 {
        match inbox.next().await {
            InboxEvent::Message(text) => println!("{text}"),
            InboxEvent::Down(down) => println!("the adder ended: {}", down.reason),
            InboxEvent::Exit(_) => {}
        }
    }
    println!("alive: {}", adder.is_alive());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
