//! What carries bytes between nodes: QUIC, memory, a simulated network, or something of your own.
//!
//! A [`Transport`] gives [`Connection`]s, and a connection gives streams: ordered, reliable, each with its own
//! back-pressure, so that a stream which waits does not stop the others. What the bytes mean is decided above; a
//! transport knows nothing of nodes and frames. [`Quic`] is what nodes use. [`Memory`] connects nodes of one program,
//! for tests.
//!
//! The traits are object safe and may be implemented outside of this crate, for networks that let no UDP through. What
//! such a transport owes: both ends have proved who they are before a connection comes out of [`Transport::dial`] or
//! [`Incoming::finish`], each stream keeps its order, and all of its queues are bounded.

mod connection;
mod endpoint;
mod error;
mod memory;
pub(crate) mod quic;
mod stream;

pub use self::connection::{Connection, TransportStats};
pub use self::endpoint::{Dial, Incoming, Transport};
pub use self::error::{AcceptError, BindError, Closed, DialError};
pub use self::memory::{Memory, MemoryTransport, Pace};
pub use self::quic::{Quic, QuicSettings, SocketBuffers};
pub use self::stream::{BoxFuture, MAX_CHUNK, ReadError, ReceiveHalf, SendHalf, WriteError};
