//! The kinds of frames, their numbers, and their allowed flags.

/// The body begins with a trace context.
pub(crate) const HAS_TRACE: u8 = 0x01;
/// The payload is in the framed form of its type.
pub(crate) const FRAMED: u8 = 0x02;
/// A reader that does not know the frame skips it.
pub(crate) const OPTIONAL: u8 = 0x04;
/// The last fragment of its message.
pub(crate) const LAST: u8 = 0x08;

/// The kind of a frame.
///
/// ```
/// use ambit_dist::wire::{Frame, Kind};
///
/// let kind = Frame::Ping { nonce: 7 }.kind();
/// assert_eq!((kind.number(), kind.name(), kind.is_control()), (0x43, "PING", true));
/// assert_eq!(Kind::from_number(0x01).map(Kind::is_definition), Some(true));
/// assert_eq!(Kind::from_number(0x99), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// Defines the number of a type or protocol.
    TypeDef,
    /// Defines the number of a node.
    NodeDef,
    /// A message that expects no reply.
    Tell,
    /// A call.
    Ask,
    /// The reply to a call.
    Reply,
    /// Reports that a call failed.
    ReplyErr,
    /// Cancels a call whose caller no longer waits for the reply.
    Cancel,
    /// Links two processes.
    Link,
    /// Removes a link.
    Unlink,
    /// Monitors a process.
    Monitor,
    /// Removes a monitor.
    Demonitor,
    /// Reports that a monitored process has ended.
    Down,
    /// An exit signal.
    Exit,
    /// Requests that a process stop.
    Stop,
    /// An exit signal ahead of messages that its sender sent before it.
    ExitAhead,
    /// A fragment of a message.
    Frag,
    /// The hello of the dialling node.
    Hello,
    /// The accepting node's answer to the hello.
    HelloAck,
    /// Grants credits for messages to a process.
    Credit,
    /// A heartbeat request.
    Ping,
    /// The answer to a heartbeat request.
    Pong,
    /// Announces that the node leaves the cluster.
    GoAway,
}

/// Each kind with its number, name and flags. Numbers from 0x40 on belong to the control stream.
const KINDS: [(Kind, u8, &str, u8); 22] = [
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
    (Kind::ExitAhead, 0x27, "EXIT_AHEAD", 0),
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
    /// Returns all kinds in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        KINDS.iter().map(|(kind, ..)| *kind)
    }

    /// Returns the number that encodes this kind on the wire.
    #[must_use]
    pub fn number(self) -> u8 {
        KINDS[self as usize].1
    }

    /// Returns the kind with this number, or `None` if this version does not know the number.
    #[must_use]
    pub fn from_number(number: u8) -> Option<Self> {
        KIND_OF[usize::from(number)]
    }

    /// Returns the name of the kind in the protocol description, such as `TYPE_DEF`.
    #[must_use]
    pub fn name(self) -> &'static str {
        KINDS[self as usize].2
    }

    /// Returns whether frames of this kind use the control stream. Frames of all other kinds use lanes.
    #[must_use]
    pub fn is_control(self) -> bool {
        self.number() >= FIRST_OF_CONTROL
    }

    /// Returns whether frames of this kind define a type or a node. Definitions have their own length limit,
    /// [`Limits::definition`](crate::wire::Limits::definition).
    #[must_use]
    pub fn is_definition(self) -> bool {
        matches!(self, Self::TypeDef | Self::NodeDef)
    }

    /// Returns whether messages of this kind may be fragmented.
    pub(crate) fn in_pieces(self) -> bool {
        let message = matches!(self, Self::Tell | Self::Ask | Self::Reply | Self::ReplyErr);
        message || matches!(self, Self::Down | Self::Exit | Self::Stop | Self::ExitAhead)
    }

    /// Returns whether frames of this kind are marked so that a version that does not know the kind skips them.
    #[must_use]
    pub fn is_optional(self) -> bool {
        // The EXIT that follows has the same effect, only later.
        self == Self::ExitAhead
    }

    /// Returns the allowed flags besides `OPTIONAL`, which every kind allows.
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
    fn every_kind_is_at_its_table_index_and_round_trips_through_its_number() {
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
    fn the_control_stream_carries_connection_frames_and_credits() {
        let control = Kind::all().filter(|kind| kind.is_control());
        let names: Vec<_> = control.map(Kind::name).collect();
        assert_eq!(names.join(" "), "HELLO HELLO_ACK CREDIT PING PONG GOAWAY");
    }
}
