//! A user: subscribed to the lines of a room, and present in it.

use std::error::Error;

use ambit::prelude::*;
use ambit_dist::{Node, Presence};

/// The only room of this example.
pub(crate) const ROOM: &str = "lobby";

/// A line in a room.
#[derive(Clone, Message)]
#[message(name = "chat.line")]
pub(crate) struct Line {
    pub(crate) from: String,
    pub(crate) text: String,
}

/// Opens the presences of the users. Their metadata is the device.
pub(crate) fn users(node: &Node) -> Result<Presence<String>, Box<dyn Error + Send + Sync>> {
    Ok(Presence::open(node, "users")?)
}

pub(crate) struct User {
    name: String,
}

#[gen_server]
impl User {
    /// Enters the room. The user leaves it when this process ends, or its node.
    #[init]
    pub(crate) fn new(
        ctx: &mut Context<Self>,
        node: Node,
        name: String,
    ) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let room = node.topic::<Line>(ROOM);
        room.subscribe(&ctx.recipient())?;
        let device = format!("a terminal on {}", node.name());
        users(&node)?.track(&ctx.subject(), ROOM, &name, device)?;
        Ok(Self { name })
    }

    #[info]
    fn line(&mut self, line: Line) {
        println!("{} reads <{}> {}", self.name, line.from, line.text);
    }
}
