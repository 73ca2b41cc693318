//! Supervised servers with names: a name follows the child through its restarts, and never has two holders.
#![forbid(unsafe_code)]

use std::error::Error;

use ambit::prelude::*;

/// A chat room.
struct Room {
    name: String,
    lines: u32,
}

#[gen_server]
impl Room {
    #[init]
    fn init(name: String) -> Self {
        Self { name, lines: 0 }
    }

    #[call]
    fn say(&mut self, line: String) -> String {
        assert_ne!(line, "fire!", "the {} is on fire", self.name);
        self.lines += 1;
        format!("{}, line {}", self.name, self.lines)
    }
}

type Rooms = Registry<String, Room>;

// ANCHOR: house
struct House {
    rooms: Rooms,
}

#[supervisor]
impl House {
    /// Registered under its key.
    #[child]
    fn kitchen(&self) -> ChildSpec<Room> {
        Room::child_spec("kitchen".into()).via(&self.rooms, "kitchen")
    }

    /// Registered for the whole program.
    #[child]
    fn hall(&self) -> ChildSpec<Room> {
        Room::child_spec("hall".into()).name("hall")
    }
}
// ANCHOR_END: house

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rooms = Rooms::unique();
    let own = rooms.clone();
    let house = House { rooms: own }.start().name("house").await?;

    // The accessor and `via` follow the room through its restarts; `lookup` returns the current process.
    let (child, via) = (house.kitchen(), rooms.via("kitchen"));
    let direct = rooms.lookup("kitchen").ok_or("no kitchen")?;
    println!("{}", direct.say("tea?".into()).await?);
    via.say("fire!".into()).await.ok();
    println!("{}", via.when_available().say("who was it?".into()).await?);
    println!("{}", child.when_available().say("me".into()).await?);
    if let Err(error) = direct.say("hello?".into()).await {
        println!("{error}");
    }

    // A key is released when its holder has ended, and taken before the successor's `init`: it never has two holders.
    println!("{} room", rooms.len());
    let second = Room::child_spec("second".into()).via(&rooms, "kitchen");
    if let Err(error) = Supervisor::named("house").start_child(second).await {
        let is_taken = matches!(
            error,
            ChildError::Start(StartError::AlreadyRegistered { .. })
        );
        println!("the kitchen is taken: {is_taken}");
    }
    let hall = RoomSubject::named("hall");
    println!("{}", hall.say("hello".into()).await?);
    Ok(())
}
