//! Frames, the units of the streams of a session.
//!
//! A frame on the wire is `len u32le | kind u8 | flags u8 | body`; `len` is the number of bytes after the length field.
//! Decoding allocates and copies nothing: payloads borrow from the buffer.

pub(crate) mod address;
mod decode;
mod encode;
pub(crate) mod kind;
pub(crate) mod trace;

use crate::wire::frame::address::{Cause, ProcessAddress};
use crate::wire::frame::kind::Kind;
use crate::wire::frame::trace::Trace;

/// The number of bytes before the body: length, kind and flags.
pub(crate) const HEADER: usize = 6;
/// The maximum content of HELLO and HELLO_ACK, in bytes.
pub(crate) const HELLO_MAX: usize = 4 << 10;

/// A decoded frame. `from` is a process of the node that writes the frame, and `to` a process of the node that reads
/// it, except in [`Frame::Credit`].
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
    /// Defines the number `id` as a type or protocol, for the rest of this stream.
    TypeDef {
        /// The number, consecutive from 1.
        id: u32,
        /// The stable name of the type or protocol.
        name: &'a str,
        /// The fingerprint of the contract.
        fingerprint: u64,
        /// The text of the contract, which may be empty.
        contract: &'a [u8],
    },
    /// Defines the number `id` as an incarnation of a node, for the rest of this stream.
    NodeDef {
        /// The number, consecutive from 1, in a sequence of its own, separate from that of types.
        id: u32,
        /// The name of the node.
        name: &'a str,
        /// The incarnation of the node.
        incarnation: u64,
    },
    /// A message that expects no reply, such as a cast.
    Tell {
        /// The receiver.
        to: ProcessAddress,
        /// The sender; `None` if the sender is not a process.
        from: Option<ProcessAddress>,
        /// The number that a [`Frame::TypeDef`] of this stream gave to the protocol.
        ty: u32,
        /// The tag that identifies the method within the protocol.
        method: u32,
        /// True if the payload is in [`Form::Framed`](ambit::message::Form), false for the compact form.
        framed: bool,
        /// The trace context of the message, if it has one.
        trace: Option<Trace>,
        /// The encoded arguments.
        payload: &'a [u8],
    },
    /// A call, which expects a [`Frame::Reply`] or [`Frame::ReplyErr`].
    Ask {
        /// The number of the call, unique among the pending calls of the sending node in this session.
        req: u64,
        /// The receiver.
        to: ProcessAddress,
        /// The caller; `None` if the caller is not a process.
        from: Option<ProcessAddress>,
        /// The number that a [`Frame::TypeDef`] of this stream gave to the protocol.
        ty: u32,
        /// The tag that identifies the method within the protocol.
        method: u32,
        /// The time until the caller's deadline, in milliseconds; `None` if the call has no deadline.
        deadline_ms: Option<u32>,
        /// True if the payload is in [`Form::Framed`](ambit::message::Form), false for the compact form.
        framed: bool,
        /// The trace context of the call, if it has one.
        trace: Option<Trace>,
        /// The encoded arguments.
        payload: &'a [u8],
    },
    /// The reply to a [`Frame::Ask`].
    Reply {
        /// The number of the call.
        req: u64,
        /// True if the payload is in [`Form::Framed`](ambit::message::Form), false for the compact form.
        framed: bool,
        /// The encoded result.
        payload: &'a [u8],
    },
    /// Reports that a [`Frame::Ask`] failed at the receiving node.
    ReplyErr {
        /// The number of the call.
        req: u64,
        /// The encoded error.
        error: &'a [u8],
    },
    /// Cancels a call: the caller no longer waits for the reply.
    Cancel {
        /// The number of the call.
        req: u64,
    },
    /// Links `from` to `to`.
    Link {
        /// The process that requested the link.
        from: ProcessAddress,
        /// The other process.
        to: ProcessAddress,
    },
    /// Removes the link from `from` to `to`.
    Unlink {
        /// The process that removed the link.
        from: ProcessAddress,
        /// The other process.
        to: ProcessAddress,
    },
    /// Monitors `to`. When that process ends, the answer is a [`Frame::Down`] with the same reference.
    Monitor {
        /// The monitoring process; `None` if the monitor does not belong to a process.
        from: Option<ProcessAddress>,
        /// The monitored process.
        to: ProcessAddress,
        /// The number of the monitor, chosen by the monitoring node.
        reference: u64,
    },
    /// Removes a monitor.
    Demonitor {
        /// The monitoring process; `None` if the monitor does not belong to a process.
        from: Option<ProcessAddress>,
        /// The monitored process.
        to: ProcessAddress,
        /// The number of the monitor.
        reference: u64,
    },
    /// Reports that a monitored process has ended.
    Down {
        /// The monitored process.
        from: ProcessAddress,
        /// The monitoring process; `None` if the monitor does not belong to a process.
        to: Option<ProcessAddress>,
        /// The number of the monitor.
        reference: u64,
        /// The encoded exit reason.
        reason: &'a [u8],
    },
    /// An exit signal.
    Exit {
        /// The sender; `None` if the sender is not a process.
        from: Option<ProcessAddress>,
        /// The receiver.
        to: ProcessAddress,
        /// The cause of the signal.
        cause: Cause,
        /// The encoded exit reason.
        reason: &'a [u8],
    },
    /// An exit signal ahead of messages that its sender sent before it, and that still wait on the sending node. It has
    /// an effect only if it ends the receiver. [`Frame::Exit`] follows the messages, unless the session ends first.
    ExitAhead {
        /// The sender; `None` if the sender is not a process.
        from: Option<ProcessAddress>,
        /// The receiver.
        to: ProcessAddress,
        /// The cause of the signal.
        cause: Cause,
        /// The encoded exit reason.
        reason: &'a [u8],
    },
    /// A request to stop gracefully, unlike an exit signal.
    Stop {
        /// The sender; `None` if the sender is not a process.
        from: Option<ProcessAddress>,
        /// The receiver.
        to: ProcessAddress,
        /// The encoded exit reason.
        reason: &'a [u8],
    },
    /// A fragment of a message that is too long for one frame.
    Frag {
        /// The number of the message within the lane.
        id: u32,
        /// True for the last fragment of the message.
        last: bool,
        /// The bytes of the fragment.
        chunk: &'a [u8],
    },
    /// The hello of the dialling node, encoded by the handshake: at most 4 KiB.
    Hello(&'a [u8]),
    /// The accepting node's answer to the hello, encoded by the handshake: at most 4 KiB.
    HelloAck(&'a [u8]),
    /// Grants credits for messages to `to`.
    Credit {
        /// The process that handled the messages, on the node that wrote this frame.
        to: ProcessAddress,
        /// The number of credits. 0 reports that the process has ended and that no credits follow, so the window of
        /// the process may be forgotten.
        count: u32,
    },
    /// Requests a [`Frame::Pong`] with the same `nonce`.
    Ping {
        /// A number that identifies the ping.
        nonce: u64,
    },
    /// Answers a [`Frame::Ping`].
    Pong {
        /// The `nonce` of the ping.
        nonce: u64,
    },
    /// Announces that the node leaves the cluster: it accepts no new work and finishes its current work.
    GoAway,
}

impl Frame<'_> {
    /// Returns the kind of the frame.
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
            Self::ExitAhead { .. } => Kind::ExitAhead,
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
