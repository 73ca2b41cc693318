//! The first program of the page "Performance".

// ANCHOR: program
use std::error::Error;
use std::thread::{self, ThreadId};

use ambit::prelude::*;

struct Index;

#[gen_server]
impl Index {
    #[call]
    fn plain(&self) -> ThreadId {
        thread::current().id()
    }

    #[call]
    async fn waiting(&mut self) -> ThreadId {
        thread::current().id()
    }
}

struct Archive;

#[gen_server(in_place = never)]
impl Archive {
    #[call]
    fn plain(&self) -> ThreadId {
        thread::current().id()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let own = thread::current().id();
    let thread = |id: ThreadId| {
        if id == own { "inline" } else { "in a task" }
    };
    let (index, archive) = (Index.start().await?, Archive.start().await?);

    println!("a plain method: {}", thread(index.plain().await?));
    println!("an async method: {}", thread(index.waiting().await?));
    println!("sent with send(): {}", thread(index.plain().send().await?));
    println!("in_place = never: {}", thread(archive.plain().await?));
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
