//! Frames: what is said on the streams of a session, one after another.
//!
//! A frame on the wire is `len u32le | kind u8 | flags u8 | body`; `len` counts what follows it. Reading one allocates
//! nothing and copies nothing: payloads are borrowed from the buffer.

pub(crate) mod address;
mod decode;
mod encode;
pub(crate) mod kind;
pub(crate) mod trace;

use crate::wire::frame::address::{Cause, Local};
use crate::wire::frame::kind::Kind;
use crate::wire::frame::trace::Trace;

/// The length of what stands in front of a body, in bytes: length, kind and flags.
pub(crate) const HEADER: usize = 6;
/// The longest content of HELLO and HELLO_ACK, in bytes.
pub(crate) const HELLO_MAX: usize = 4 << 10;

/// One frame. `to` is a process of the node that reads it, `from` one of the node that wrote it.
///
/// ```
/// use ambit_dist::wire::{Frame, Kind};
/// let mut out = bytes::BytesMut::new();
/// Frame::Ping { nonce: 7 }.encode(&mut out);
/// assert_eq!(out[..], [10, 0, 0, 0, 0x43, 0, 7, 0, 0, 0, 0, 0, 0, 0]);
/// let read = Frame::decode(Kind::Ping.number(), 0, &out[6..]);
/// assert_eq!(read, Ok(Some(Frame::Ping { nonce: 7 })));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Frame<'a> {
    /// From here on, in this stream, `id` is this type or protocol.
    TypeDef {
        /// The number, dense from 1.
        id: u32,
        /// The stable name.
        name: &'a str,
        /// The fingerprint of its contract.
        fingerprint: u64,
        /// The text of its contract, or nothing.
        contract: &'a [u8],
    },
    /// From here on, in this stream, `id` is this life of a node.
    NodeDef {
        /// The number, dense from 1, counted apart from those of types.
        id: u32,
        /// The name of the node.
        name: &'a str,
        /// Which life.
        incarnation: u64,
    },
    /// A message.
    Tell {
        /// The receiver.
        to: Local,
        /// The sender, if it is a process.
        from: Option<Local>,
        /// The number of the protocol in this stream.
        ty: u32,
        /// The tag of the method.
        method: u32,
        /// Whether the payload is in the framed form.
        framed: bool,
        /// The trace it belongs to.
        trace: Option<Trace>,
        /// The arguments.
        payload: &'a [u8],
    },
    /// A call, which expects a [`Frame::Reply`] or [`Frame::ReplyErr`].
    Ask {
        /// The number of the call, unique among those that the sending node waits for in this session.
        req: u64,
        /// The receiver.
        to: Local,
        /// The caller, if it is a process.
        from: Option<Local>,
        /// The number of the protocol in this stream.
        ty: u32,
        /// The tag of the method.
        method: u32,
        /// How long the caller still waits, in milliseconds; none: for ever.
        deadline_ms: Option<u32>,
        /// Whether the payload is in the framed form.
        framed: bool,
        /// The trace it belongs to.
        trace: Option<Trace>,
        /// The arguments.
        payload: &'a [u8],
    },
    /// The answer to a call.
    Reply {
        /// The number of the call.
        req: u64,
        /// Whether the payload is in the framed form.
        framed: bool,
        /// The answer.
        payload: &'a [u8],
    },
    /// A call has failed at the receiving node.
    ReplyErr {
        /// The number of the call.
        req: u64,
        /// What went wrong, encoded.
        error: &'a [u8],
    },
    /// Nobody waits for the answer of this call any more.
    Cancel {
        /// The number of the call.
        req: u64,
    },
    /// `from` is linked to `to`.
    Link {
        /// The process that linked itself.
        from: Local,
        /// The other.
        to: Local,
    },
    /// `from` is no longer linked to `to`.
    Unlink {
        /// The process that unlinked itself.
        from: Local,
        /// The other.
        to: Local,
    },
    /// `to` is watched, and a [`Frame::Down`] with the same reference expected.
    Monitor {
        /// The process that watches, if it is one.
        from: Option<Local>,
        /// The one that is watched.
        to: Local,
        /// The number of the monitor, chosen by the node that watches.
        reference: u64,
    },
    /// The monitor is taken back.
    Demonitor {
        /// The process that watched, if it is one.
        from: Option<Local>,
        /// The one that was watched.
        to: Local,
        /// The number of the monitor.
        reference: u64,
    },
    /// A process that was watched has ended.
    Down {
        /// The one that was watched.
        from: Local,
        /// The one that watched, if it is a process.
        to: Option<Local>,
        /// The number of the monitor.
        reference: u64,
        /// Why it ended, encoded.
        reason: &'a [u8],
    },
    /// An exit signal.
    Exit {
        /// Who it is from, if a process.
        from: Option<Local>,
        /// Whom it is for.
        to: Local,
        /// How it came to be.
        cause: Cause,
        /// The reason, encoded.
        reason: &'a [u8],
    },
    /// A request to end, which a process may hear in its own time.
    Stop {
        /// Who it is from, if a process.
        from: Option<Local>,
        /// Whom it is for.
        to: Local,
        /// The reason, encoded.
        reason: &'a [u8],
    },
    /// A piece of a message that is too long for one frame.
    Frag {
        /// The number of the message within the lane.
        id: u32,
        /// Whether the message ends with it.
        last: bool,
        /// The bytes.
        chunk: &'a [u8],
    },
    /// Who the dialling node is, as the handshake has it: at most 4 KiB.
    Hello(&'a [u8]),
    /// Who the accepting node is, as the handshake has it: at most 4 KiB.
    HelloAck(&'a [u8]),
    /// `to` may be sent so many messages more.
    Credit {
        /// The process that handled them, of the node that wrote this.
        to: Local,
        /// How many.
        count: u32,
    },
    /// Expects a [`Frame::Pong`] with the same number.
    Ping {
        /// Any number.
        nonce: u64,
    },
    /// Answers a [`Frame::Ping`].
    Pong {
        /// The number of the ping.
        nonce: u64,
    },
    /// The node leaves: it takes no new work, and finishes what it has.
    GoAway,
}

impl Frame<'_> {
    /// What the frame is about.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::TypeDef { .. } => Kind::TypeDef,
            Self::NodeDef { .. } => Kind::NodeDef,
            Self::Tell { .. } => Kind::Tell,
            Self::Ask { .. } => Kind::Ask,
            Self::Reply { .. } => Kind::Reply,
            Self::ReplyErr { .. } => Kind::ReplyErr,
            Self::Cancel { .. } => Kind::Cancel,
            Self::Link { .. } => Kind::Link,
            Self::Unlink { .. } => Kind::Unlink,
            Self::Monitor { .. } => Kind::Monitor,
            Self::Demonitor { .. } => Kind::Demonitor,
            Self::Down { .. } => Kind::Down,
            Self::Exit { .. } => Kind::Exit,
            Self::Stop { .. } => Kind::Stop,
            Self::Frag { .. } => Kind::Frag,
            Self::Hello(_) => Kind::Hello,
            Self::HelloAck(_) => Kind::HelloAck,
            Self::Credit { .. } => Kind::Credit,
            Self::Ping { .. } => Kind::Ping,
            Self::Pong { .. } => Kind::Pong,
            Self::GoAway => Kind::GoAway,
        }
    }
}
