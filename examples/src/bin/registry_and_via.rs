//! Servers found by name: a typed registry, a handle that follows a name, and a name that is already registered.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::prelude::*;

/// A chat room.
struct Room {
    name: String,
    lines: Vec<String>,
}

#[gen_server]
impl Room {
    #[init]
    fn init(name: String) -> Self {
        let lines = Vec::new();
        Self { name, lines }
    }

    /// Says something in the room.
    #[call]
    fn say(&mut self, line: String) {
        self.lines.push(line);
    }

    /// Returns the title of the room.
    #[call]
    fn title(&self) -> String {
        format!("{}, said so far: {}", self.name, self.lines.len())
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rooms: Registry<String, Room> = Registry::unique();
    for name in ["kitchen", "library"] {
        Room::start(name.into()).via(&rooms, name).await?;
    }
    println!("{} rooms", rooms.len());

    if let Some(kitchen) = rooms.lookup("kitchen") {
        kitchen.say("is there tea?".into()).await?;
        println!("found: {}", kitchen.title().await?);
    }
    println!("a cellar: {:?}", rooms.lookup("cellar"));

    // The name is registered before `init` runs, so there are never two servers under it.
    let second = Room::start("another kitchen".into()).via(&rooms, "kitchen");
    if let Err(StartError::AlreadyRegistered { .. }) = second.await {
        println!("the kitchen is taken");
    }

    // A handle from `via` resolves the name each time a message is sent.
    let library = rooms.via("library");
    println!("through the name: {}", library.title().await?);
    library.stop().await?;
    if let Err(error) = library.title().await {
        println!("closed: {error}");
    }
    let reopened = Room::start("new library".into());
    reopened.via(&rooms, "library").await?;
    println!("the same handle: {}", library.title().await?);
    Ok(())
}
