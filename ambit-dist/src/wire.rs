//! The wire, `ambit/1`, as pure code: what two nodes say to each other, byte by byte.
//!
//! Nothing here reads a socket or a clock, starts a task, or knows a process: bytes go in, and frames, errors and numbers
//! come out. Users need [`Limits`] and [`CloseCode`] of it; the rest is the reference of the protocol.
//!
//! # Streams
//!
//! A session has one control stream and [`Limits::lanes`] lanes in each direction, each of them a stream on which bytes
//! stay in order. Everything that one process says to another goes over the pair's [`lane`]: messages, answers, links and
//! exits, so that none overtakes another. Between two streams there is no order.
//!
//! # Frames
//!
//! A stream is one frame after another: `len u32le | kind u8 | flags u8 | body`, where `len` counts what follows it. No
//! frame is longer than [`Limits::frame`], but for definitions ([`Limits::definition`]); a longer message goes in pieces
//! ([`Outgoing`], [`Fragments`]).
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
//! - `n` is a whole number in LEB128, in its shortest form. `n?` is one more, and 0 for none.
//! - `id` is a process: `slot: n, generation: n`. `id?` has `n?` for its slot, and for nobody ends there.
//! - `req` is the number of a call, chosen by the caller; one whose call has not been answered is malformed.
//! - `u32` and `u64` have a fixed length, the lowest byte first.
//! - `text` is UTF-8 behind its length in bytes, an `n`. `rest` is whatever is left of the frame.
//!
//! | flag | | on |
//! |---|---|---|
//! | 0x01 | the body begins with a W3C trace context: trace id (16 bytes), span id (8), flags (1) | TELL, ASK |
//! | 0x02 | the payload is in the framed form of its type | TELL, ASK, REPLY |
//! | 0x04 | whoever does not know the kind or a flag skips the frame | any |
//! | 0x08 | the last piece of its message | FRAG |
//!
//! An unknown kind or flag without 0x04 is malformed, as is every byte that the table does not explain. So each frame has
//! exactly one form, and a later minor version adds frames that older nodes skip or, if they must not, flags and kinds
//! that are used only with nodes that know them.
//!
//! # Definitions
//!
//! Types (protocols) and nodes are called by numbers that were defined before, in the same stream: from 1 on, without
//! gaps, each once, types and nodes counted apart ([`Known`], [`Definitions`]).
//!
//! # Pieces
//!
//! The pieces of a message together are `kind | flags | body` of TELL, ASK, REPLY, REPLY_ERR, DOWN, EXIT or STOP. At most
//! [`Limits::partials`] messages of a lane are under way, which have [`Limits::share`] bytes together. The pieces of one
//! message stay in order; those of others, and whole frames of other pairs, pass between them. Frames of the same pair
//! wait for the last piece.
//!
//! # Credits
//!
//! A process takes [`Limits::first_window`] messages (TELL, ASK) from one node before it has handled them. CREDIT returns what
//! it has handled ([`Window`]), and may grant more, until [`Limits::window`] are with the sender. A message with a long payload
//! counts as several ([`Limits::cost`]); one that costs more than half the first window needs only that half, and the
//! sender owes the rest. Such long messages also count together, by [`Limits::long`]: at most [`Limits::partial_bytes`] of a
//! session, or two of the longest, are under way, and CREDIT with the address of the node itself returns them. Everything
//! else needs no credit, and neither do messages for the node itself.
//!
//! # Starts
//!
//! A server that was started for another node ends with the session, unless that node has sent DEMONITOR with the reference 0
//! for it: it has read the answer.
//!
//! # Close codes
//!
//! A connection that is closed says why ([`CloseCode`]), with a text for whoever reads a log.
//!
//! | number | | when |
//! |---|---|---|
//! | 0 | [`Normal`](CloseCode::Normal) | nobody needs the connection any more |
//! | 1 | [`GoAway`](CloseCode::GoAway) | the node leaves |
//! | 2 | [`Duplicate`](CloseCode::Duplicate) | another connection between the two stays |
//! | 0x10 | [`Version`](CloseCode::Version) | no common version |
//! | 0x11 | [`Cluster`](CloseCode::Cluster) | different clusters |
//! | 0x12 | [`Name`](CloseCode::Name) | the certificate is not for the name |
//! | 0x13 | [`StaleIncarnation`](CloseCode::StaleIncarnation) | a later life of the node is known; the text has `the later life <hex>` in it |
//! | 0x14 | [`Quarantined`](CloseCode::Quarantined) | the node is not admitted: refused by name or by an admit hook, or its certificate is not accepted any more |
//! | 0x20 | [`TooLarge`](CloseCode::TooLarge) | longer or more than agreed |
//! | 0x21 | [`Malformed`](CloseCode::Malformed) | bytes that are no frame, or a frame where none may be |
//! | 0x22 | [`FlowViolation`](CloseCode::FlowViolation) | messages without credit, or more credit than the window |
//! | 0x23 | [`HandshakeTimeout`](CloseCode::HandshakeTimeout) | the handshake took too long |
//! | 0x24 | [`Overloaded`](CloseCode::Overloaded) | no room for the connection, or it cannot be kept up with |
//! | 0x25 | [`Silent`](CloseCode::Silent) | the other node gave no sign of life |
//! | 0x30 | [`Internal`](CloseCode::Internal) | a fault in the node |

mod close;
mod credit;
mod error;
mod fragment;
mod frame;
mod lane;
mod limits;
mod splitter;
mod types;
pub(crate) mod varint;

pub use self::close::CloseCode;
pub use self::credit::Window;
pub use self::error::WireError;
pub use self::fragment::Fragments;
pub use self::fragment::outgoing::{Outgoing, Piece};
pub use self::frame::Frame;
pub(crate) use self::frame::HELLO_MAX;
pub use self::frame::address::{Cause, Local};
pub use self::frame::kind::Kind;
pub use self::frame::trace::Trace;
pub use self::lane::lane;
pub use self::limits::Limits;
pub use self::splitter::{RawFrame, Splitter};
pub use self::types::{Definitions, Interned, Known};
