//! How a process learns of another one's end: a monitor tells it, a link makes it share the fate unless it traps exits.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::prelude::*;

/// A printer that can break.
struct Printer {
    paper: u32,
}

#[gen_server]
impl Printer {
    #[call]
    fn print(&mut self) -> u32 {
        self.paper = self.paper.checked_sub(1).expect("out of paper");
        self.paper
    }

    /// An error ends a server as a panic does, but says so in its type.
    #[cast]
    fn drop_it(&mut self) -> Result<(), &'static str> {
        Err("it fell off the desk")
    }
}

// With an inbox, `main` can hear of exits.
#[ambit::main]
async fn main(mut inbox: Inbox<()>) -> Result<(), Box<dyn Error>> {
    // A monitor looks in one direction and changes nothing for those it watches.
    let printer = Printer { paper: 1 }.start().await?;
    let watch = inbox.monitor(&printer);
    println!("sheets left: {}", printer.print().await?);
    if let Err(CallError::Exited { reason, .. }) = printer.print().await {
        println!("the caller: {}", short(&reason));
    }
    if let Event::Down(down) = inbox.next().await {
        let same = down.monitor == watch;
        println!("the watcher: {}, {same}", short(&down.reason));
    }

    // A link works in both directions. Trapped, the other one's exit is a message; untrapped, it would end this process.
    inbox.trap_exits(true);
    let printer = Printer { paper: 0 }.start().link().await?;
    printer.drop_it().await?;
    if let Event::Exit(exit) = inbox.next().await {
        let same = exit.from == printer.pid();
        println!("the linked one: {}, {same}", short(&exit.reason));
    }

    // Not trapped: when the one that is linked fails, so does the other.
    let pair = ambit::spawn(|mut inbox: Inbox<()>| async move {
        let own = inbox.subject();
        let failing = inbox.spawn_link(|mut fuse: Inbox<()>| async move {
            fuse.recv().await;
            ExitReason::error("the fuse has blown")
        });
        if let Ok(fuse) = failing {
            fuse.send(()).await.ok();
        }
        inbox.recv().await;
        println!("{own:?} is never reached");
    });
    println!("its neighbour: {}", pair.closed().await);
    Ok(())
}

/// Leaves out where a panic happened.
fn short(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => format!("panicked, {}", report.message()),
        other => other.to_string(),
    }
}
