//! Processes inside of values: the encoding for the node at the other end of a connection, and processes of any
//! protocol that are exposed to other nodes.
//!
//! Reading a value may yield a process, and a process takes messages, which are values to read. So these types refer to
//! each other. Their methods are in the files that use them.

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
    /// An [`EncodeError`] if the other node has no identity for the process.
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Writes the identity of a process that the other node may link, and reach in no other way.
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

    /// Writes a process that takes messages, and allows the other node to send them.
    ///
    /// # Errors
    /// An [`EncodeError`] if the other node has no identity for the process, or no more processes can be exposed to it.
    fn put_subject(
        &self,
        pid: Pid,
        exposed: Arc<dyn Exposed<C>>,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError>;

    /// Reads a process from the front of `bytes`. `protocol` returns the wire name of the protocol that it must speak.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes do not begin with a process, or the process implements another protocol.
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
        proxy: Arc<dyn DecodedProxy>,
        /// Its protocol in the version of its own node.
        theirs: Arc<PeerProtocol>,
    },
}

/// The remote proxy of a process that was decoded: a [`RemoteProxy`](crate::distribution::RemoteProxy). What reads the
/// handle knows that type; values do not.
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

/// A process of any protocol that is exposed to other nodes: an entry of a node's process table.
///
/// Every [`Subject`](crate::prelude::Subject) of a [`Remote`](crate::message::Remote) protocol is one.
pub trait Exposed<C: Codec>: Send + Sync {
    /// Returns the handle behind it.
    fn as_any(&self) -> &dyn Any;

    /// Returns the name of its protocol on the wire.
    fn remote(&self) -> &'static str;

    /// Returns its protocol in the version of this node.
    ///
    /// # Errors
    /// - [`Clash`] if two types behind the protocol have one name on the wire and different definitions.
    fn binding(&self) -> Result<Arc<ProtocolBinding>, Clash>;

    /// Returns its protocol in the version of its own node, if that is another one.
    fn theirs(&self) -> Option<Arc<PeerProtocol>>;

    /// Returns a future that waits for a slot in the mailbox, without a time limit; its output is `None` if the process
    /// has ended. Dropping the future withdraws the wait.
    fn place(&self) -> BoxFuture<'static, Option<Box<dyn ReservedSlot<C>>>>;

    /// Returns the methods of its protocol.
    fn interface(&self, types: &mut Types) -> Interface;

    /// Reads a call and sends it.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method. Nothing was sent then.
    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads a cast and sends it, without waiting for capacity.
    ///
    /// # Errors
    /// Nothing was sent then:
    /// - [`DeliverError::Decode`] if the bytes are not the arguments of the method.
    /// - [`DeliverError::Cast`] if the process does not run, or its mailbox has no capacity.
    fn cast(&self, method: u32, input: In<'_, C>) -> Result<(), DeliverError>;
}

/// A reserved slot in the mailbox of a process, for one message from another node. Dropping it releases the slot.
pub trait ReservedSlot<C: Codec>: Send {
    /// Reads a call and sends it.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method. Nothing was sent then.
    fn call(
        self: Box<Self>,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads a cast and sends it.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method. Nothing was sent then.
    fn cast(self: Box<Self>, method: u32, input: In<'_, C>) -> Result<(), DecodeError>;
}

/// The reason why a cast from another node was not delivered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The bytes are not the arguments of the method.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// There is no such process, or no capacity.
    #[error(transparent)]
    Cast(#[from] CastError),
}

/// The input from which values are read.
pub struct In<'a, C: Codec> {
    pub(super) rest: &'a [u8],
    pub(super) form: Form,
    pub(super) budget: Budget,
    pub(super) process_encoding: Option<&'a dyn ProcessEncoding<C>>,
    #[cfg(feature = "bytes")]
    pub(super) memory: Option<&'a Bytes>,
    pub(super) codec: C,
}

/// The encoding of an answer, and the timeout of the call.
pub struct AnswerAs<C: Codec> {
    pub(super) timeout: Option<Duration>,
    pub(super) form: Form,
    pub(super) limit: usize,
    pub(super) peer: Option<Arc<Contract>>,
    pub(super) process_encoding: Option<Arc<dyn ProcessEncoding<C>>>,
    pub(super) now: bool,
}
