//! Timers as messages: once, repeatedly, cancelled, and when no other message arrives.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;

/// A kettle that reports each degree and switches itself off.
struct Kettle {
    degrees: u32,
    heating: Timer,
}

#[derive(Clone)]
struct Warmer;

struct BoiledDry;

#[gen_server]
impl Kettle {
    #[init]
    fn init(ctx: &mut Context<Self>, degrees: u32) -> Self {
        println!("it starts with {degrees}");
        ctx.send_after(Duration::from_secs(60), BoiledDry);
        Self {
            degrees,
            heating: ctx.send_every(Duration::from_millis(2), Warmer),
        }
    }

    #[info]
    fn on_warmer(&mut self, ctx: &mut Context<Self>, _: Warmer) {
        self.degrees += 1;
        println!("{} degrees", self.degrees);
        if self.degrees == 100 {
            // No further tick arrives, not even one that is already queued.
            self.heating.cancel();
            ctx.idle_timeout(Duration::from_millis(20));
        }
    }

    #[info]
    fn on_silence(&mut self, ctx: &mut Context<Self>, _: IdleTimeout) {
        println!("no tea is wanted");
        ctx.stop(ExitReason::Normal);
    }

    #[info]
    fn on_boiled_dry(&mut self, _: BoiledDry) {
        println!("this timer ends with its owner and never fires");
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let kettle = Kettle::start(97).await?;
    println!("the kettle is off: {}", kettle.closed().await);

    // A timer may also target a plain process.
    let guest = ambit::spawn(|mut inbox: Inbox<&str>| async move {
        if let Some(word) = inbox.recv().await {
            println!("the guest hears: {word}");
        }
    });
    let doorbell = guest.recipient();
    let soon = ambit::send_after(&doorbell, Duration::from_secs(60), "too late");
    println!("cancelled in time: {}", soon.cancel().is_some());
    ambit::send_after(&doorbell, Duration::from_millis(2), "tea is ready");
    guest.closed().await;
    Ok(())
}
