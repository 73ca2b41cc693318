//! Transports carry bytes between nodes: QUIC, memory, a simulated network, or a custom implementation.
//!
//! A [`Transport`] provides [`Connection`]s, and a connection provides streams: ordered, reliable, each with its own
//! back-pressure, so that a waiting stream does not stop the others. The layers above interpret the bytes; a transport
//! knows nothing of nodes and frames. Nodes use [`Quic`]. [`Memory`] connects nodes of one program, for tests.
//!
//! The traits are object safe and may be implemented outside of this crate, for networks that block UDP. Such a
//! transport must meet three conditions: both ends are authenticated before [`Transport::dial`] or [`Incoming::finish`]
//! returns a connection, each stream keeps its order, and all queues are bounded.

mod connection;
mod endpoint;
mod error;
mod memory;
pub(crate) mod quic;
mod stream;

pub use self::connection::{Connection, TransportStats};
pub use self::endpoint::{Dial, Incoming, Transport};
pub use self::error::{AcceptError, BindError, Closed, DialError};
#[doc(hidden)]
pub use self::memory::ReadRate as Pace;
pub use self::memory::{Memory, MemoryTransport, ReadRate};
pub use self::quic::{Quic, QuicSettings, SocketBuffers};
pub use self::stream::{BoxFuture, MAX_CHUNK, ReadError, ReceiveHalf, SendHalf, WriteError};
