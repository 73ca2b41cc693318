//! A tree of supervisors: the upper one restarts a lower one that gives up as a whole, and optional children stay down.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::Event as News;

/// Works until it breaks.
struct Part;

#[gen_server]
impl Part {
    #[cast]
    fn fail(&mut self) -> Result<(), &'static str> {
        Err("it broke")
    }
}

// ANCHOR: tree
struct Storage;

#[supervisor(strategy = RestForOne, restarts = 1, within = Duration::from_secs(60))]
impl Storage {
    #[child]
    fn disk(&self) -> ChildSpec<Part> {
        Part::child_spec(|| Part)
    }
    #[child]
    fn index(&self) -> ChildSpec<Part> {
        Part::child_spec(|| Part)
    }
}

struct App;

#[supervisor]
impl App {
    #[child]
    fn storage(&self) -> ChildSpec<Storage> {
        Storage::child_spec(|| Storage)
    }
    #[child(restart = Temporary)]
    fn banner(&self) -> ChildSpec<Part> {
        Part::child_spec(|| Part)
    }
}
// ANCHOR_END: tree

#[ambit::main]
async fn main(mut inbox: Inbox<String>) -> Result<(), Box<dyn Error>> {
    let news = inbox.subject();
    let _listening = System::current()?.on_event(move |event| {
        let line = match event {
            News::Restarted { child, .. } => format!("{child} runs again"),
            News::GaveUp { child, .. } => format!("its supervisor gives up over {child}"),
            _ => return,
        };
        news.send(line).now().ok();
    });
    let app = App.start().await?;
    let (storage, banner) = (app.storage(), app.banner());
    let end = banner.monitor();
    banner.fail().await?;
    println!("the banner ends: {}", end.await.reason);

    let pids = || [storage.disk().pid(), storage.index().pid()];
    for news_to_come in [1, 2] {
        let was = pids();
        storage.index().fail().await?;
        for _ in 0..news_to_come {
            println!("{}", inbox.recv().await.unwrap_or_default());
        }
        let is_new = [0, 1].map(|n| pids()[n] != was[n]);
        println!("disk and index are new: {is_new:?}");
    }
    println!("the banner is back: {}", banner.is_alive());
    Ok(())
}
