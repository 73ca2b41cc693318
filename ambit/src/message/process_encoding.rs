//! The node at the other end: what names of processes mean there.

use std::fmt;
use std::sync::Arc;

use crate::message::codec::Codec;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::remote::Exposed;
use crate::node::{PeerProtocol, RemoteProxy};
use crate::pid::Pid;

/// The node at the other end, as values that name processes see it.
///
/// `ambit-dist` has one for each connection, and lends it to what is written and read there: [`Out::process_encoding`],
/// [`In::process_encoding`]. What it writes is its own affair; it reads that again.
///
/// [`Out::process_encoding`]: crate::message::Out::process_encoding
/// [`In::process_encoding`]: crate::message::In::process_encoding
pub trait ProcessEncoding<C: Codec>: Send + Sync {
    /// Writes the identity of a process of any node.
    ///
    /// # Errors
    /// The other node has no name for it.
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Writes the identity of a process that the other node may link, and reach in no other way.
    ///
    /// # Errors
    /// The other node has no name for it.
    fn put_linkable(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.put_pid(pid, out)
    }

    /// Takes the identity of a process from the front of `bytes`.
    ///
    /// # Errors
    /// There is none.
    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError>;

    /// Writes a process that can be spoken to, and lets the other node do so.
    ///
    /// # Errors
    /// The other node has no name for it, or no more processes can be shown to it.
    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<C>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;

    /// Takes a process from the front of `bytes`. `protocol` returns the wire name of the protocol that it must speak.
    ///
    /// # Errors
    /// There is none, or it speaks another protocol.
    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<C>, DecodeError>;
}

/// A process that was found in bytes.
#[non_exhaustive]
pub enum DecodedProcess<C: Codec> {
    /// One of this node.
    Here(Arc<dyn Exposed<C>>),
    /// One of another.
    There {
        /// What is known of it here.
        proxy: Arc<RemoteProxy<C>>,
        /// Its protocol, as its node knows it.
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
