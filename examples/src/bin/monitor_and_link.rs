//! The end of another process: a monitor reports it; a link propagates it, unless the linked process traps exits.
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

    /// An error ends a server as a panic does, but as a typed exit reason.
    #[cast]
    fn drop_it(&mut self) -> Result<(), &'static str> {
        Err("it fell off the desk")
    }
}

// With an inbox, `main` can receive exits.
#[ambit::main]
async fn main(mut inbox: Inbox<()>) -> Result<(), Box<dyn Error>> {
    // A monitor is one-way and does not affect its target.
    let printer = Printer { paper: 1 }.start().await?;
    let watch = inbox.monitor(&printer);
    println!("sheets left: {}", printer.print().await?);
    if let Err(CallError::Exited { reason, .. }) = printer.print().await {
        println!("the caller: {}", short(&reason));
    }
    if let InboxEvent::Down(down) = inbox.next().await {
        let same = down.monitor == watch;
        println!("the watcher: {}, {same}", short(&down.reason));
    }

    // A link is two-way. A trapped exit is a message; untrapped, it would end this process.
    inbox.trap_exits(true);
    let printer = Printer { paper: 0 }.start().link().await?;
    printer.drop_it().await?;
    if let InboxEvent::Exit(exit) = inbox.next().await {
        let same = exit.from == printer.pid();
        println!("the linked one: {}, {same}", short(&exit.reason));
    }

    // Without trapping, a linked process fails with the other.
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

/// Omits the location of a panic.
fn short(reason: &ExitReason) -> String {
    match reason {
        ExitReason::Panic(report) => format!("panicked, {}", report.message()),
        other => other.to_string(),
    }
}
