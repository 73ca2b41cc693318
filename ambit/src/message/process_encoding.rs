//! The encoding of processes for the node at the other end of a connection.

use std::fmt;
use std::sync::Arc;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::remote::Exposed;
use crate::node::{PeerProtocol, RemoteProxy};
use crate::pid::Pid;

/// The node at the other end, which encodes and decodes references to processes.
///
/// `ambit-dist` has one for each connection, and passes it to [`Out::process_encoding`] and [`In::process_encoding`].
/// Its encoding is private to it; it decodes the same.
///
/// [`Out::process_encoding`]: crate::message::Out::process_encoding
/// [`In::process_encoding`]: crate::message::In::process_encoding
pub trait ProcessEncoding<C: Codec>: Send + Sync {
    /// Writes the identity of a process of any node.
    ///
    /// # Errors
    /// The other node has no identity for it.
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Writes the identity of a process that the other node may link, and reach in no other way.
    ///
    /// # Errors
    /// The other node has no identity for it.
    fn put_linkable(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.put_pid(pid, out)
    }

    /// Reads the identity of a process from the front of `bytes`.
    ///
    /// # Errors
    /// The bytes contain none.
    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError>;

    /// Writes a process that takes messages, and allows the other node to send them.
    ///
    /// # Errors
    /// The other node has no identity for it, or no more processes can be exposed to it.
    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<C>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;

    /// Reads a process from the front of `bytes`. `protocol` returns the wire name of the protocol that it must speak.
    ///
    /// # Errors
    /// The bytes contain none, or the process speaks another protocol.
    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<C>, DecodeError>;
}

/// A process that was decoded from bytes.
#[non_exhaustive]
pub enum DecodedProcess<C: Codec> {
    /// A process of this node.
    Here(Arc<dyn Exposed<C>>),
    /// A process of another node.
    There {
        /// Its remote proxy.
        proxy: Arc<RemoteProxy<C>>,
        /// Its protocol in the version of its own node.
        theirs: Arc<PeerProtocol>,
    },
}

impl<C: Codec> fmt::Debug for DecodedProcess<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Here(exposed) => formatter
                .debug_tuple("Here")
                .field(&exposed.remote())
                .finish(),
            Self::There { proxy, .. } => {
                formatter.debug_tuple("There").field(&proxy.pid()).finish()
            }
        }
    }
}
