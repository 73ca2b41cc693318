//! A node that has reached its limit of protocol definitions.

use ambit::error::CallError;
use ambit::prelude::*;
use ambit_dist::Limits;

use crate::two_nodes::pair::pair_within;

struct Door;

struct Room;

#[gen_server(remote = "test.room")]
impl Room {
    #[call]
    fn seats(&self) -> u32 {
        4
    }
}

#[gen_server(remote = "test.door")]
impl Door {
    #[init]
    fn new() -> Self {
        Self
    }

    #[call]
    async fn room(&mut self) -> RoomSubject {
        Room.start().await.unwrap()
    }
}

/// The start of the door, and the door itself.
const TYPES: usize = 2;
const WINDOW: u32 = 4;

#[ambit::test]
async fn an_undefinable_message_is_unsendable_and_costs_no_credit() {
    let mut limits = Limits::default();
    (limits.types, limits.window) = (TYPES, WINDOW);
    let pair = pair_within(&limits).await;
    pair.far.expose::<Door>();
    let door = pair.near.on("far").start::<Door>(()).await.unwrap();
    let room = door.room().await.unwrap();
    for _ in 0..3 * WINDOW {
        let refused = room.seats().await;
        assert!(
            matches!(refused, Err(CallError::Unsendable { .. })),
            "{refused:?}"
        );
    }
}
