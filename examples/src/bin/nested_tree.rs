//! A tree of supervisors: what the lower one cannot mend, the upper one starts again as a whole.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::System;
use ambit::prelude::*;
use ambit::telemetry::Event as News;

/// Keeps something, until it is spoilt.
#[derive(Clone)]
struct Store;

#[gen_server]
impl Store {
    #[cast]
    fn spoil(&mut self) {
        panic!("spoilt");
    }
}

/// The lower supervisor.
struct Storage;

#[supervisor(restarts = 1, within = Duration::from_secs(60))]
impl Storage {
    #[child]
    fn disk(&self) -> ChildSpec<Store> {
        Store::child_spec(|| Store)
    }

    #[child]
    fn index(&self) -> ChildSpec<Store> {
        Store::child_spec(|| Store)
    }
}

struct App;

#[supervisor]
impl App {
    #[child]
    fn storage(&self) -> ChildSpec<Storage> {
        Storage::child_spec(|| Storage)
    }

    #[child]
    fn api(&self) -> ChildSpec<Store> {
        Store::child_spec(|| Store)
    }
}

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
    let (storage, api) = (app.storage(), app.api());
    let pids = || [storage.disk().pid(), storage.index().pid(), api.pid()];
    for news_to_come in [1, 2] {
        let before = pids();
        storage.index().spoil().await?;
        for _ in 0..news_to_come {
            println!("{}", inbox.recv().await.unwrap_or_default());
        }
        let now = pids();
        let are_new = [0, 1, 2].map(|n| now[n] != before[n]);
        println!("disk, index and api are new: {are_new:?}");
    }
    Ok(())
}
