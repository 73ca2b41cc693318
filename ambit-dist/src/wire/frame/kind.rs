//! The kinds of frames, their numbers, and the flags that each may have.

/// The frame begins with a trace context.
pub(crate) const HAS_TRACE: u8 = 0x01;
/// The payload is in the framed form of its type.
pub(crate) const FRAMED: u8 = 0x02;
/// Whoever does not know the frame skips it.
pub(crate) const OPTIONAL: u8 = 0x04;
/// No further piece of this message follows.
pub(crate) const LAST: u8 = 0x08;

/// What a frame is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// A type or protocol gets a number.
    TypeDef,
    /// A node gets a number.
    NodeDef,
    /// A message.
    Tell,
    /// A call.
    Ask,
    /// The answer to a call.
    Reply,
    /// A call has failed.
    ReplyErr,
    /// Nobody waits for the answer any more.
    Cancel,
    /// Two processes are linked.
    Link,
    /// They are no longer.
    Unlink,
    /// A process is watched.
    Monitor,
    /// It is no longer.
    Demonitor,
    /// A process that was watched has ended.
    Down,
    /// An exit signal.
    Exit,
    /// A request to end.
    Stop,
    /// A piece of a message.
    Frag,
    /// Who the dialling node is.
    Hello,
    /// Who the accepting node is.
    HelloAck,
    /// A process takes further messages.
    Credit,
    /// Are you there?
    Ping,
    /// Yes.
    Pong,
    /// The node leaves.
    GoAway,
}

/// Each kind with its number, its name and its flags. Numbers from 0x40 on are for the control stream.
const KINDS: [(Kind, u8, &str, u8); 21] = [
    (Kind::TypeDef, 0x01, "TYPE_DEF", 0),
    (Kind::NodeDef, 0x02, "NODE_DEF", 0),
    (Kind::Tell, 0x10, "TELL", HAS_TRACE | FRAMED),
    (Kind::Ask, 0x11, "ASK", HAS_TRACE | FRAMED),
    (Kind::Reply, 0x12, "REPLY", FRAMED),
    (Kind::ReplyErr, 0x13, "REPLY_ERR", 0),
    (Kind::Cancel, 0x14, "CANCEL", 0),
    (Kind::Link, 0x20, "LINK", 0),
    (Kind::Unlink, 0x21, "UNLINK", 0),
    (Kind::Monitor, 0x22, "MONITOR", 0),
    (Kind::Demonitor, 0x23, "DEMONITOR", 0),
    (Kind::Down, 0x24, "DOWN", 0),
    (Kind::Exit, 0x25, "EXIT", 0),
    (Kind::Stop, 0x26, "STOP", 0),
    (Kind::Frag, 0x30, "FRAG", LAST),
    (Kind::Hello, 0x40, "HELLO", 0),
    (Kind::HelloAck, 0x41, "HELLO_ACK", 0),
    (Kind::Credit, 0x42, "CREDIT", 0),
    (Kind::Ping, 0x43, "PING", 0),
    (Kind::Pong, 0x44, "PONG", 0),
    (Kind::GoAway, 0x45, "GOAWAY", 0),
];

/// The first number of the control stream.
const FIRST_OF_CONTROL: u8 = 0x40;

impl Kind {
    /// All kinds, by their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, ..)| *kind)
    }

    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        KINDS[self as usize].1
    }

    /// What a number means, if this version knows it.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        KIND_OF[usize::from(number)]
    }

    /// The name in the protocol's description, such as `TYPE_DEF`.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS[self as usize].2
    }

    /// Whether it goes over the control stream; all others go over lanes.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.number() >= FIRST_OF_CONTROL
    }

    /// Whether it gives a number to a type or node, and so may be longer than other frames.
    #[must_use]
    pub fn is_definition(self) -> bool {
        matches!(self, Self::TypeDef | Self::NodeDef)
    }

    /// Whether it may be long enough to go in pieces.
    pub(crate) fn in_pieces(self) -> bool {
        let message = matches!(self, Self::Tell | Self::Ask | Self::Reply | Self::ReplyErr);
        message || matches!(self, Self::Down | Self::Exit | Self::Stop)
    }

    /// The flags that it may have, besides `optional`, which any may.
    pub(crate) fn flags(self) -> u8 {
        KINDS[self as usize].3
    }
}

/// The kind of every number, looked up for each frame that arrives.
const KIND_OF: [Option<Kind>; 256] = {
    let mut table = [None; 256];
    let mut index = 0;
    while index < KINDS.len() {
        table[KINDS[index].1 as usize] = Some(KINDS[index].0);
        index += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_stands_at_its_place_in_the_table_and_comes_back_from_its_number() {
        for (index, (kind, number, name, flags)) in KINDS.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
            assert_eq!(Kind::from_number(number), Some(kind));
            assert_eq!(
                (kind.number(), kind.name(), kind.flags()),
                (number, name, flags)
            );
        }
        let known = (0..=255).filter_map(Kind::from_number);
        assert_eq!(known.count(), KINDS.len());
        let names: BTreeSet<_> = Kind::all().map(Kind::name).collect();
        assert_eq!(names.len(), KINDS.len());
    }

    #[test]
    fn what_says_nothing_of_processes_goes_over_the_control_stream_and_credits() {
        let control = Kind::all().filter(|kind| kind.is_control());
        let names: Vec<_> = control.map(Kind::name).collect();
        assert_eq!(names.join(" "), "HELLO HELLO_ACK CREDIT PING PONG GOAWAY");
    }
}
