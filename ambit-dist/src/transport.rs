//! Transports carry bytes between nodes: QUIC, memory, a simulated network, or a custom implementation.
//!
//! A [`Transport`] provides [`Connection`]s, and a connection provides streams. A stream is ordered and reliable, and
//! has its own back-pressure, so that a stream that waits does not delay the others. A transport does not interpret the
//! bytes. Nodes use [`Quic`]. [`Memory`] connects nodes within one program, for tests.
//!
//! The traits are object safe. Other crates may implement them, for example for networks that block UDP. Such a
//! transport must meet three conditions: both ends are authenticated before [`Transport::dial`] or [`Incoming::finish`]
//! returns a connection, each stream preserves its order, and all queues are bounded.

pub(crate) mod address_shares;
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
