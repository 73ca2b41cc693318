//! Communicates with no other node: neither this crate nor its dependencies use serde.
use ambit::prelude::*;

/// No schema, and none is asked for.
pub struct Plain(pub std::rc::Weak<()>, pub std::time::Instant);

#[derive(Message)]
pub struct Note(pub std::time::Instant);

pub struct Clock;

#[gen_server]
impl Clock {
    #[call]
    pub fn since(&self, note: Note) -> std::time::Instant {
        note.0
    }
}
