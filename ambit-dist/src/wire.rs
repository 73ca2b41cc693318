//! The wire protocol `ambit/1` as pure code: the bytes that two nodes exchange.
//!
//! This module reads no socket or clock, starts no task, and knows no processes: bytes go in; frames, errors and
//! numbers come out. Users need only [`Limits`] and [`CloseCode`]; the rest is the reference of the protocol.
//!
//! # Streams
//!
//! A session has one control stream and [`Limits::lanes`] lanes in each direction. Each of them is a stream that
//! preserves order. Everything that one process sends to another uses the [`lane`] of the pair: messages, replies,
//! links and exits, so that they arrive in order. There is no order between two streams.
//!
//! # Frames
//!
//! A stream is a sequence of frames: `len u32le | kind u8 | flags u8 | body`, where `len` counts the bytes after it. A
//! frame is at most [`Limits::frame`] long, and a definition at most [`Limits::definition`]. A longer message is
//! fragmented ([`Outgoing`], [`Fragments`]).
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
//! - `id` is a process: `slot: n, generation: n`. `id?` encodes its slot as `n?`, and ends there for none.
//! - `req` is the number of a call, chosen by the caller; reusing the number of an unanswered call is malformed.
//! - `u32` and `u64` have a fixed length, in little-endian order.
//! - `text` is UTF-8 after its length in bytes, an `n`. `rest` is the remainder of the frame.
//!
//! | flag | | on |
//! |---|---|---|
//! | 0x01 | the body begins with a W3C trace context: trace id (16 bytes), span id (8), flags (1) | TELL, ASK |
//! | 0x02 | the payload is in the framed form of its type | TELL, ASK, REPLY |
//! | 0x04 | a reader that does not know the kind or a flag skips the frame | any |
//! | 0x08 | the last fragment of its message | FRAG |
//!
//! An unknown kind or flag without 0x04 is malformed, as is any byte that the table does not define, so each frame has
//! exactly one encoding. A later minor version adds frames that older nodes skip or, where skipping would be wrong,
//! flags and kinds that are sent only to nodes that know them.
//!
//! # Definitions
//!
//! Types (protocols) and nodes are referred to by numbers, defined earlier in the same stream: consecutive from 1 on,
//! each once, with separate sequences for types and nodes ([`InternTable`], [`Definitions`]).
//!
//! # Fragments
//!
//! The concatenated fragments of a message are `kind | flags | body` of TELL, ASK, REPLY, REPLY_ERR, DOWN, EXIT or
//! STOP. At most [`Limits::partials`] messages of a lane may be in progress, with at most [`Limits::share`] bytes
//! together. The fragments of one message stay in order; fragments of other messages, and whole frames of other pairs,
//! may be interleaved. Frames of the same pair wait for the last fragment.
//!
//! # Credits
//!
//! A process accepts [`Limits::first_window`] messages (TELL, ASK) from one node before it has handled them. CREDIT
//! returns the handled ones ([`Window`]), and may grant more, until the sender has [`Limits::window`]. A message with a
//! long payload costs several credits ([`Limits::cost`]). A message that costs more than half the first window can be
//! sent with that half; the sender owes the rest. Long messages are also limited together, by [`Limits::long`]: at most
//! [`Limits::partial_bytes`] of a session, or two of the longest, may be in progress, and CREDIT with the address of
//! the node itself returns them. All other frames, and messages for the node itself, need no credit.
//!
//! # Starts
//!
//! A server that was started for another node ends with the session, unless that node has sent DEMONITOR with the
//! reference 0 for it to confirm that it has read the answer.
//!
//! # Close codes
//!
//! A closed connection has a [`CloseCode`] and a text for the log.
//!
//! | number | | when |
//! |---|---|---|
//! | 0 | [`Normal`](CloseCode::Normal) | the connection is no longer needed |
//! | 1 | [`GoAway`](CloseCode::GoAway) | the node leaves |
//! | 2 | [`Duplicate`](CloseCode::Duplicate) | another connection between the nodes stays |
//! | 0x10 | [`Version`](CloseCode::Version) | no common version |
//! | 0x11 | [`Cluster`](CloseCode::Cluster) | different clusters |
//! | 0x12 | [`Name`](CloseCode::Name) | the certificate is not for the name, or another node has the name |
//! | 0x13 | [`StaleIncarnation`](CloseCode::StaleIncarnation) | a later incarnation of the node is known; the text contains `the later life <hex>` |
//! | 0x14 | [`Quarantined`](CloseCode::Quarantined) | the node is not admitted: refused by name or by an admit hook, or its certificate is no longer accepted |
//! | 0x20 | [`TooLarge`](CloseCode::TooLarge) | longer or more than agreed |
//! | 0x21 | [`Malformed`](CloseCode::Malformed) | bytes that are not a frame, or a frame in the wrong place |
//! | 0x22 | [`FlowViolation`](CloseCode::FlowViolation) | messages without credit, or more credit than the window |
//! | 0x23 | [`HandshakeTimeout`](CloseCode::HandshakeTimeout) | the handshake took too long |
//! | 0x24 | [`Overloaded`](CloseCode::Overloaded) | no capacity for the connection, or the node cannot keep up with it |
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
pub use self::fragment::Fragments;
pub use self::fragment::outgoing::{Outgoing, Piece};
pub use self::frame::Frame;
pub(crate) use self::frame::HELLO_MAX;
pub(crate) use self::frame::address::NODE;
#[doc(hidden)]
pub use self::frame::address::ProcessAddress as Local;
pub use self::frame::address::{Cause, ProcessAddress};
pub use self::frame::kind::Kind;
pub use self::frame::trace::Trace;
#[doc(hidden)]
pub use self::intern::InternTable as Known;
pub use self::intern::{Definitions, InternTable, Interned};
pub use self::lane::lane;
pub use self::limits::Limits;
pub(crate) use self::splitter::SplitFrame;
pub use self::splitter::{RawFrame, Splitter};
