//! References to processes inside values: their encoding for the node at the other end of a connection, and processes
//! of any protocol that are exposed to other nodes.
//!
//! Decoding a value may yield a reference to a process, which in turn decodes messages, so these types refer to each
//! other. Their methods are in the files that use them.

use std::any::Any;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "bytes")]
use ::bytes::Bytes;

use crate::distribution::{PeerProtocol, ProtocolBinding};
use crate::error::CastError;
use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::form::Form;
use crate::message::limits::Budget;
use crate::message::remote::Answering;
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;
use crate::pid::Pid;
use crate::rt::BoxFuture;

/// The node at the other end of a connection, for encoding and decoding references to processes.
///
/// `ambit-dist` implements it for each connection, and passes it to [`Out::process_encoding`] and
/// [`In::process_encoding`]. The encoding is private to the implementation, which must decode what it has encoded.
///
/// [`Out::process_encoding`]: crate::message::Out::process_encoding
/// [`In::process_encoding`]: crate::message::In::process_encoding
pub trait ProcessEncoding<C: Codec>: Send + Sync {
    /// Writes the identity of the process `pid`, which may run on any node.
    ///
    /// # Errors
    /// An [`EncodeError`] if the other node has no identity for the process.
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Writes the identity of the process `pid`, which the other node may link to, but not send messages to. By
    /// default, calls [`put_pid`](Self::put_pid).
    ///
    /// # Errors
    /// An [`EncodeError`] if the other node has no identity for the process.
    fn put_linkable(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.put_pid(pid, out)
    }

    /// Reads the identity of a process from the front of `bytes`.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes do not begin with the identity of a process.
    fn take_pid(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError>;

    /// Writes a reference to the process `pid`, and allows the other node to send messages to it through `exposed`.
    ///
    /// # Errors
    /// An [`EncodeError`] if the other node has no identity for the process, or no more processes can be exposed to it.
    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<C>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;

    /// Reads a reference to a process from the front of `bytes`. `protocol` returns the wire name of the protocol that
    /// the process must implement.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes do not begin with a reference to a process, or the process implements another
    /// protocol.
    fn take_subject(
        &self,
        protocol: fn() -> &'static str,
        bytes: &mut &[u8],
    ) -> Result<DecodedProcess<C>, DecodeError>;
}

/// A reference to a process that was decoded from bytes.
#[non_exhaustive]
pub enum DecodedProcess<C: Codec> {
    /// A process of this node.
    Here(Arc<dyn Exposed<C>>),
    /// A process of another node.
    There {
        /// The remote proxy of the process.
        proxy: Arc<dyn DecodedProxy>,
        /// The protocol of the process, in the version of that node.
        theirs: Arc<PeerProtocol>,
    },
}

/// The remote proxy of a decoded process, without its type. It is a [`RemoteProxy`](crate::distribution::RemoteProxy),
/// to which the code that reads the handle downcasts it.
pub trait DecodedProxy: Any + Send + Sync {
    /// Returns the pid of the process.
    fn pid(&self) -> Pid;
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

/// A process of any protocol that other nodes can send messages to.
///
/// Every [`Subject`](crate::prelude::Subject) of a [`Remote`](crate::message::Remote) protocol implements it.
pub trait Exposed<C: Codec>: Send + Sync {
    /// Returns the handle, to be downcast to its type.
    fn as_any(&self) -> &dyn Any;

    /// Returns the wire name of the process's protocol.
    fn remote(&self) -> &'static str;

    /// Returns the process's protocol in the version of the local node.
    ///
    /// # Errors
    /// - [`Clash`] if the protocol refers to two types with one name on the wire and different definitions.
    fn binding(&self) -> Result<Arc<ProtocolBinding>, Clash>;

    /// Returns the process's protocol in the version of the node on which the process runs; `None` if that is the local
    /// node.
    fn theirs(&self) -> Option<Arc<PeerProtocol>>;

    /// Returns a future that reserves a slot in the mailbox, and waits for capacity without a time limit. It resolves
    /// to `None` if the process has ended. Dropping the future withdraws the reservation.
    fn place(&self) -> BoxFuture<'static, Option<Box<dyn ReservedSlot<C>>>>;

    /// Returns the interface of the process's protocol, and adds the definitions of all referenced types to `types`.
    fn interface(&self, types: &mut Types) -> Interface;

    /// Reads all of `input` as the arguments of the call with the tag `method`, and sends the call to the process. The
    /// reply is encoded as `answer` specifies.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method; nothing is sent in that case.
    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads all of `input` as the arguments of the cast with the tag `method`, and sends the cast to the process
    /// without waiting for capacity.
    ///
    /// # Errors
    /// If one of these errors is returned, nothing was sent:
    /// - [`DeliverError::Decode`] if the bytes are not the arguments of the method.
    /// - [`DeliverError::Cast`] if the process has ended, or its mailbox is full.
    fn cast(&self, method: u32, input: In<'_, C>) -> Result<(), DeliverError>;
}

/// A reserved slot in the mailbox of a process, for one message from another node. Dropping it releases the slot.
pub trait ReservedSlot<C: Codec>: Send {
    /// Reads all of `input` as the arguments of the call with the tag `method`, and sends the call to the process. The
    /// reply is encoded as `answer` specifies.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method; nothing is sent in that case.
    fn call(
        self: Box<Self>,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads all of `input` as the arguments of the cast with the tag `method`, and sends the cast to the process.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method; nothing is sent in that case.
    fn cast(self: Box<Self>, method: u32, input: In<'_, C>) -> Result<(), DecodeError>;
}

/// The reason why a cast from another node was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The bytes are not the arguments of the method.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The process has ended, or its mailbox is full.
    #[error(transparent)]
    Cast(#[from] CastError),
}

/// An input from which values are decoded.
pub struct In<'a, C: Codec> {
    pub(super) rest: &'a [u8],
    pub(super) form: Form,
    pub(super) budget: Budget,
    pub(super) process_encoding: Option<&'a dyn ProcessEncoding<C>>,
    #[cfg(feature = "bytes")]
    pub(super) memory: Option<&'a Bytes>,
    pub(super) codec: C,
}

/// The settings for a call from another node: its timeout, and the encoding of the reply.
pub struct AnswerAs<C: Codec> {
    pub(super) timeout: Option<Duration>,
    pub(super) form: Form,
    pub(super) limit: usize,
    pub(super) peer: Option<Arc<Contract>>,
    pub(super) process_encoding: Option<Arc<dyn ProcessEncoding<C>>>,
    pub(super) now: bool,
}
