//! The numbers of members, rooms and messages.

use std::str::FromStr;

/// The maximum number of members: about 4 GB of memory.
const MAX_MEMBERS: usize = 1_000_000;

/// The options of the command line.
pub(crate) struct Sizes {
    pub(crate) members: usize,
    pub(crate) rooms: usize,
    /// Per room.
    pub(crate) messages: u32,
    pub(crate) forever: bool,
}

impl Sizes {
    /// Ten thousand members, a hundred rooms, a hundred messages in each: a million deliveries.
    const FULL: Self = Self {
        members: 10_000,
        rooms: 100,
        messages: 100,
        forever: false,
    };

    pub(crate) fn from_args(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut sizes = Self::FULL;
        while let Some(name) = args.next() {
            match &*name {
                "--members" => sizes.members = number(&name, args.next())?,
                "--rooms" => sizes.rooms = number(&name, args.next())?,
                "--messages" => sizes.messages = number(&name, args.next())?,
                "--forever" => sizes.forever = true,
                _ => {
                    let known = "--members N, --rooms N, --messages N, --forever";
                    return Err(format!("`{name}` is not known; there are {known}"));
                }
            }
        }
        if sizes.members > MAX_MEMBERS {
            return Err(format!("--members is at most {MAX_MEMBERS}"));
        }
        if sizes.rooms == 0 || sizes.rooms > sizes.members {
            return Err("each room needs a member: give fewer --rooms, or more --members".into());
        }
        Ok(sizes)
    }

    pub(crate) fn room_of(&self, member: usize) -> String {
        format!("room {:03}", member % self.rooms)
    }

    /// Returns true for up to three members, each in a room of its own.
    pub(crate) fn is_slow(&self, member: usize) -> bool {
        member < 3.min(self.rooms)
    }

    /// Returns the number of deliveries if none is lost.
    pub(crate) fn expected(&self) -> u64 {
        self.members as u64 * u64::from(self.messages)
    }
}

fn number<N: FromStr>(name: &str, text: Option<String>) -> Result<N, String> {
    let text = text.unwrap_or_default();
    let number = text.parse();
    number.map_err(|_| format!("{name} needs a number, not `{text}`"))
}
