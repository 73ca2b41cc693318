//! The first program of the chapter "Finding servers by name".

// ANCHOR: program
use std::error::Error;

use ambit::prelude::*;

struct Room {
    guests: Vec<String>,
}

#[gen_server]
impl Room {
    #[init]
    fn new() -> Self {
        Self { guests: Vec::new() }
    }

    #[call]
    fn enter(&mut self, guest: String) -> usize {
        self.guests.push(guest);
        self.guests.len()
    }
}

#[ambit::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let rooms: Registry<String, Room> = Registry::unique();
    Room::start().via(&rooms, "lobby").await?;
    Room::start().via(&rooms, "bar").await?;

    let lobby = rooms.lookup("lobby").ok_or("no lobby")?;
    lobby.enter("Ada".into()).await?;
    let guests = rooms.via("lobby").enter("Joe".into()).await?;
    println!("{} rooms, {guests} guests in the lobby", rooms.len());

    lobby.stop().await?;
    println!("the lobby is open: {}", rooms.lookup("lobby").is_some());
    Ok(())
}
// ANCHOR_END: program

pub(crate) fn run() -> impl std::process::Termination {
    main()
}
