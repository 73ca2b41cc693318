//! A child that never suspends cannot be killed: the reaction of its supervisor, and the end of the program.
#![forbid(unsafe_code)]

use std::error::Error;
use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::system::System;
use ambit::telemetry::Event as News;

#[derive(Clone)]
struct Worker {
    news: Subject<String>,
}

#[gen_server]
impl Worker {
    /// There is no `.await` in the loop, so the handler cannot be cancelled.
    #[cast]
    fn search(&mut self) {
        self.news.send("searching".into()).now().ok();
        loop {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

struct App {
    news: Subject<String>,
}

#[supervisor]
impl App {
    #[child]
    fn log(&self) -> ChildSpec<Worker> {
        let news = self.news.clone();
        Worker::child_spec(move || Worker { news: news.clone() })
    }

    #[child(shutdown = Duration::from_millis(100))]
    fn search(&self) -> ChildSpec<Worker> {
        self.log()
    }
}

// The loop occupies a thread until the program ends, so there must be another one.
#[ambit::main(worker_threads = 2)]
async fn main(mut inbox: Inbox<String>) -> Result<(), Box<dyn Error>> {
    let news = inbox.subject();
    let _listening = System::current()?.on_event(move |event| {
        if let News::Stuck { child, .. } = event {
            news.send(format!("{child} is stuck")).now().ok();
        }
    });
    let news = inbox.subject();
    let app = App { news }.start().await?;
    let search = app.search();
    search.search().await?;
    println!("{}", inbox.recv().await.unwrap_or_default());

    // Asked to stop, killed after 100 ms, given up a second later. The child cannot be replaced.
    println!("terminate: {:?}", app.terminate_child("search").await);
    println!("{}", inbox.recv().await.unwrap_or_default());
    let status = ambit::process_info(&search).map(|info| info.status);
    println!("its status: {status:?}");
    println!("restart: {:?}", app.restart_child("search").await);

    // The supervisor stops the other children, and names the one it could not stop.
    let others = app.log().monitor();
    if let Err(StopError::Exited(reason)) = app.stop().await {
        println!("stop: {reason}");
    }
    println!("the log: {}", others.await.reason);
    // The program ends with status 1, and names the process on its standard error.
    Ok(())
}
