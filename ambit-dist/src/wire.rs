//! The wire protocol `ambit/1` as pure code: the bytes that two nodes exchange.
//!
//! This module reads no socket or clock, starts no task and accesses no process. It turns bytes into frames, and frames
//! into bytes or errors. Users need only [`Limits`] and [`CloseCode`]; the rest is the reference of the protocol.
//!
//! # Streams
//!
//! A session has one control stream and [`Limits::lanes`] lanes in each direction. Each of them is a separate stream
//! that preserves order. All frames from one process to another (messages, replies, links and exits) use the [`lane`]
//! of the pair, so they arrive in order. The order between different streams is undefined.
//!
//! # Frames
//!
//! A stream is a sequence of frames: `len u32le | kind u8 | flags u8 | body`, where `len` is the number of bytes after
//! the length field. A frame is at most [`Limits::frame`] long, and a definition at most [`Limits::definition`]. A
//! longer message is fragmented ([`Outgoing`], [`Fragments`]).
//!
//! | kind | number | stream | body |
//! |---|---|---|---|
//! | TYPE_DEF | 0x01 | lane | id: n, name: text, fingerprint: u64, contract: rest |
//! | NODE_DEF | 0x02 | lane | id: n, name: text, incarnation: u64 |
//! | TELL | 0x10 | lane | to: id, from: id?, type: n, method: u32, payload: rest |
//! | ASK | 0x11 | lane | req: n, to: id, from: id?, type: n, method: u32, deadline in ms: n?, payload: rest |
//! | REPLY | 0x12 | lane | req: n, payload: rest |
//! | REPLY_ERR | 0x13 | lane | req: n, error: rest |
//! | CANCEL | 0x14 | lane | req: n |
//! | LINK, UNLINK | 0x20, 0x21 | lane | from: id, to: id |
//! | MONITOR, DEMONITOR | 0x22, 0x23 | lane | from: id?, to: id, reference: n |
//! | DOWN | 0x24 | lane | from: id, to: id?, reference: n, reason: rest |
//! | EXIT | 0x25 | lane | from: id?, to: id, cause: u8 (0 sent, 1 link), reason: rest |
//! | STOP | 0x26 | lane | from: id?, to: id, reason: rest |
//! | FRAG | 0x30 | lane | id: n, chunk: rest |
//! | HELLO, HELLO_ACK | 0x40, 0x41 | control | rest, at most 4 KiB |
//! | CREDIT | 0x42 | control | to: id, count: n |
//! | PING, PONG | 0x43, 0x44 | control | nonce: u64 |
//! | GOAWAY | 0x45 | control | |
//!
//! - `n` is an unsigned integer in LEB128, in its shortest form. `n?` is encoded as the value plus 1, and 0 for none.
//! - `id` is a process: `slot: n, generation: n`. `id?` encodes the slot as `n?`; without a process, it has no
//!   generation.
//! - `req` is the number of a call, chosen by the node that sends it. Reusing the number of an unanswered call is
//!   malformed.
//! - `u32` and `u64` have a fixed length, in little-endian order.
//! - `text` is UTF-8, preceded by its length in bytes as an `n`. `rest` is the remainder of the frame.
//!
//! | flag | meaning | allowed on |
//! |---|---|---|
//! | 0x01 | the body begins with a W3C trace context: trace id (16 bytes), span id (8), flags (1) | TELL, ASK |
//! | 0x02 | the payload is in the framed form of its type | TELL, ASK, REPLY |
//! | 0x04 | a reader that does not support the kind or a flag skips the frame | any |
//! | 0x08 | the last fragment of its message | FRAG |
//!
//! An unknown kind or flag without 0x04 is malformed, as is any byte that the table does not define, so each frame has
//! exactly one encoding. A later minor version may add frames that older nodes skip. Where skipping would be wrong, it
//! adds kinds and flags that are sent only to nodes that support them.
//!
//! # Definitions
//!
//! Frames refer to types (protocols) and nodes by numbers, which an earlier frame of the same stream defines. Types and
//! nodes have separate sequences; each starts at 1, has no gaps, and defines each number once ([`InternTable`],
//! [`Definitions`]).
//!
//! # Fragments
//!
//! The concatenated fragments of a message are `kind | flags | body` of TELL, ASK, REPLY, REPLY_ERR, DOWN, EXIT or
//! STOP. A lane may have at most [`Limits::partials`] messages in progress, with at most [`Limits::share`] bytes in
//! total. The fragments of one message stay in order. Fragments of other messages, and whole frames of other pairs, may
//! be interleaved with them. Later frames of the same pair follow the last fragment.
//!
//! # Credits
//!
//! A process accepts messages (TELL, ASK) from one node ahead of handling them: at first [`Limits::first_window`] of
//! them. CREDIT returns the credits of handled messages ([`Window`]). It may also grant additional credits, until the
//! sender has [`Limits::window`]. A message with a long payload costs several credits ([`Limits::cost`]). A message
//! that costs more than half the first window needs only that half to be sent; the sender owes the rest.
//!
//! Long messages ([`Limits::long`]) also share a limit: the messages in progress in one session may have at most
//! [`Limits::partial_bytes`], or the length of two messages of maximum length if that is more. CREDIT with the address
//! of the node itself returns these credits. All other frames, and messages for the node itself, need no credit.
//!
//! # Leaving
//!
//! A node that leaves sends its messages, and then GOAWAY; it ends its lanes. The other node reads them to the end, and
//! closes the connection when the messages are in the mailboxes of their processes. If both nodes leave, each then ends
//! its half of the control stream instead, and closes the connection when the other half has ended as well.
//!
//! # Starts
//!
//! A server that was started for another node stops when the session ends, unless that node has confirmed that it
//! received the answer to the start. It confirms by sending DEMONITOR with reference 0 for the server.
//!
//! # Close codes
//!
//! The side that closes a connection sends a [`CloseCode`] and a text for the log.
//!
//! | number | code | reason |
//! |---|---|---|
//! | 0 | [`Normal`](CloseCode::Normal) | the connection is no longer needed |
//! | 1 | [`GoAway`](CloseCode::GoAway) | the node leaves the cluster |
//! | 2 | [`Duplicate`](CloseCode::Duplicate) | the nodes have another connection, which stays open |
//! | 0x10 | [`Version`](CloseCode::Version) | the nodes support no common version or codec |
//! | 0x11 | [`Cluster`](CloseCode::Cluster) | the nodes belong to different clusters |
//! | 0x12 | [`Name`](CloseCode::Name) | the certificate is not for the name, or another node has the name |
//! | 0x13 | [`StaleIncarnation`](CloseCode::StaleIncarnation) | a later incarnation of the node is known; the text contains `the later life <hex>` |
//! | 0x14 | [`Quarantined`](CloseCode::Quarantined) | the node is not admitted: refused by name or by an admit hook, or its certificate is no longer accepted |
//! | 0x20 | [`TooLarge`](CloseCode::TooLarge) | a length or a count exceeds its agreed limit |
//! | 0x21 | [`Malformed`](CloseCode::Malformed) | bytes that are not a frame, or a frame that is not allowed at this point |
//! | 0x22 | [`FlowViolation`](CloseCode::FlowViolation) | messages without credit, or more credits granted than the window allows |
//! | 0x23 | [`HandshakeTimeout`](CloseCode::HandshakeTimeout) | the handshake took too long |
//! | 0x24 | [`Overloaded`](CloseCode::Overloaded) | the node accepts no more connections, or one of the two nodes cannot keep up |
//! | 0x25 | [`Silent`](CloseCode::Silent) | the other node did not answer heartbeats |
//! | 0x30 | [`Internal`](CloseCode::Internal) | an internal error of the node |

mod close;
mod credit;
mod error;
mod fragment;
mod frame;
mod intern;
mod lane;
mod limits;
mod splitter;
pub(crate) mod varint;

pub use self::close::CloseCode;
pub use self::credit::Window;
pub use self::error::WireError;
pub(crate) use self::error::bounded;
pub use self::fragment::Fragments;
pub use self::fragment::outgoing::{Outgoing, Piece};
pub use self::frame::Frame;
pub(crate) use self::frame::HELLO_MAX;
pub(crate) use self::frame::address::NODE;
#[doc(hidden)]
pub use self::frame::address::ProcessAddress as Local;
pub use self::frame::address::{Cause, ProcessAddress};
pub use self::frame::kind::Kind;
pub(crate) use self::frame::kind::OPTIONAL;
pub use self::frame::trace::Trace;
#[doc(hidden)]
pub use self::intern::InternTable as Known;
pub use self::intern::{Definitions, InternTable, Interned};
pub use self::lane::lane;
pub use self::limits::Limits;
pub(crate) use self::splitter::SplitFrame;
pub use self::splitter::{RawFrame, Splitter};
