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
use crate::handle::waiting_delivery::WaitingDelivery;
use crate::message::codec::Codec;
use crate::message::contract::Contract;
use crate::message::error::{DecodeError, EncodeError};
use crate::message::form::Form;
use crate::message::limits::Budget;
use crate::message::remote::Answering;
use crate::message::schema::{Clash, Types};
use crate::message::shape::Interface;
use crate::pid::Pid;

/// The node at the other end of a connection, for encoding and decoding references to processes.
///
/// `ambit-dist` implements it for each connection, and passes it to [`Out::process_encoding`] and
/// [`In::process_encoding`]. The encoding is private to the implementation, which must decode what it has encoded.
///
/// [`Out::process_encoding`]: crate::message::Out::process_encoding
/// [`In::process_encoding`]: crate::message::In::process_encoding
///
/// An implementation for a single node needs only a list:
///
/// ```
/// # use std::sync::{Arc, Mutex};
/// # use ambit::prelude::*;
/// use ambit::message::{DecodedProcess, Exposed, Form, In, Out, ProcessEncoding, Wire};
/// # use ambit::message::{Budget, Codec, DecodeError, EncodeError};
/// # #[derive(Clone, Copy, Debug, Default)]
/// # struct Json;
/// # impl Codec for Json {
/// #     fn name(&self) -> &'static str { "json" }
/// #     fn put<T: serde::Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
/// #         serde_json::to_writer(&mut *out, value).map_err(|error| EncodeError::Refused(error.to_string()))?;
/// #         Ok(out.push(b'\n'))
/// #     }
/// #     fn take_any<T>(&self, bytes: &mut &[u8], _: &mut Budget) -> Result<T, DecodeError>
/// #     where
/// #         T: serde::de::DeserializeOwned,
/// #     {
/// #         let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(DecodeError::Truncated)?;
/// #         let value = serde_json::from_slice(&bytes[..end]);
/// #         *bytes = &bytes[end + 1..];
/// #         value.map_err(|error| DecodeError::Invalid(error.to_string()))
/// #     }
/// # }
/// # struct Counter(u64);
/// # #[gen_server(remote = "shop.counter")]
/// # impl Counter { #[call] fn get(&self) -> u64 { self.0 } }
/// # struct List(Mutex<Vec<Arc<dyn Exposed<Json>>>>);
/// impl ProcessEncoding<Json> for List {
///     fn put_subject(&self, _: Pid, one: Arc<dyn Exposed<Json>>, out: &mut Vec<u8>) -> Result<(), EncodeError> {
///         let mut all = self.0.lock().unwrap();
///         out.push(all.len() as u8);
///         Ok(all.push(one))
///     }
///     fn take_subject(&self, _: fn() -> &'static str, from: &mut &[u8]) -> Result<DecodedProcess<Json>, DecodeError> {
///         let number = from.split_off_first().ok_or(DecodeError::Truncated)?;
///         Ok(DecodedProcess::Here(self.0.lock().unwrap()[usize::from(*number)].clone()))
///     }
/// #   fn put_pid(&self, _: Pid, _: &mut Vec<u8>) -> Result<(), EncodeError> { Err(EncodeError::NoNode) }
/// #   fn take_pid(&self, _: &mut &[u8]) -> Result<Pid, DecodeError> { Err(DecodeError::NoNode) }
/// }
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let counter = Counter(42).start().await?;
/// # let list = List(Mutex::default());
/// # let mut out = Out::new(Form::Compact).process_encoding(&list);
/// # counter.put(&mut out)?;
/// # let bytes = out.into_bytes();
/// let read = CounterSubject::take(&mut In::new(&bytes, Form::Compact).process_encoding(&list))?;
/// assert_eq!(read.get().await?, 42);
/// # Ok(())
/// # }
/// ```
pub trait ProcessEncoding<C: Codec>: Send + Sync {
    /// Writes the identity of the process `pid`, which may run on any node.
    ///
    /// # Errors
    /// An [`EncodeError`] if the other node has no identity for the process.
    fn put_pid(&self, pid: Pid, out: &mut Vec<u8>) -> Result<(), EncodeError>;

    /// Takes over the guard of a process that was started for the receiver of this answer, before its handle is written.
    /// The guard ends the process when it is dropped; an implementation keeps it until the receiver has confirmed that
    /// it has the handle. By default, drops the guard.
    fn hold(&self, pid: Pid, guard: Box<dyn Any + Send>) {
        let _ = pid;
        drop(guard);
    }

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

    /// Reads what [`put_linkable`](Self::put_linkable) has written. An implementation must refuse a process that does not
    /// run on the node of the writer: the reader links it, and a link lets the writer end it. By default, calls
    /// [`take_pid`](Self::take_pid).
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes do not begin with the identity of a process of the writer's node.
    fn take_linkable(&self, bytes: &mut &[u8]) -> Result<Pid, DecodeError> {
        self.take_pid(bytes)
    }

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
///
/// [`ProcessEncoding`] has an example.
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
///
/// ```
/// use ambit::prelude::*;
/// use ambit::message::{AnswerAs, DeliveryEnd, Exposed, Form, In, Out, Wire, tag};
/// # use ambit::message::{Budget, Codec, DecodeError, EncodeError};
/// # #[derive(Clone, Copy, Debug, Default)]
/// # struct Json;
/// # impl Codec for Json {
/// #     fn name(&self) -> &'static str { "json" }
/// #     fn put<T: serde::Serialize + ?Sized>(&self, value: &T, out: &mut Vec<u8>) -> Result<(), EncodeError> {
/// #         serde_json::to_writer(&mut *out, value).map_err(|error| EncodeError::Refused(error.to_string()))?;
/// #         Ok(out.push(b'\n'))
/// #     }
/// #     fn take_any<T>(&self, bytes: &mut &[u8], _: &mut Budget) -> Result<T, DecodeError>
/// #     where
/// #         T: serde::de::DeserializeOwned,
/// #     {
/// #         let end = bytes.iter().position(|byte| *byte == b'\n').ok_or(DecodeError::Truncated)?;
/// #         let value = serde_json::from_slice(&bytes[..end]);
/// #         *bytes = &bytes[end + 1..];
/// #         value.map_err(|error| DecodeError::Invalid(error.to_string()))
/// #     }
/// # }
/// # struct Counter(u64);
/// # #[gen_server(remote = "shop.counter")]
/// # impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// # #[ambit::main]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let counter = Counter(40).start().await?;
/// let exposed: &dyn Exposed<Json> = counter.as_ref();
///
/// let mut args = Out::<Json>::new(Form::Compact);
/// 2_u64.put(&mut args)?;
/// let args = args.into_bytes();
/// let input = In::new(&args, Form::Compact);
/// let mut answer = exposed.call(tag("add"), input, AnswerAs::form(Form::Compact))?;
/// if let Some(waiting) = answer.take_waiting() {
///     assert_eq!(waiting.await, DeliveryEnd::Queued, "the mailbox was full");
/// }
/// let reply = answer.await?;
/// assert_eq!(u64::take(&mut In::<Json>::new(&reply, Form::Compact)), Ok(42));
/// # Ok(())
/// # }
/// ```
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

    /// Returns the interface of the process's protocol, and adds the definitions of all referenced types to `types`.
    fn interface(&self, types: &mut Types) -> Interface;

    /// Reads all of `input` as the arguments of the call with the tag `method`, and sends the call to the process. The
    /// reply is encoded as `answer` specifies. If the mailbox is full, the call waits in it, in arrival order;
    /// [`Answering::take_waiting`] returns the wait.
    ///
    /// # Errors
    /// A [`DecodeError`] if the bytes are not the arguments of the method; nothing is sent in that case.
    fn call(
        &self,
        method: u32,
        input: In<'_, C>,
        answer: AnswerAs<C>,
    ) -> Result<Answering, DecodeError>;

    /// Reads all of `input` as the arguments of the cast with the tag `method`, and sends the cast to the process. If the
    /// mailbox is full, the cast waits in it, in arrival order, and the wait is returned. Dropping the wait withdraws the
    /// cast.
    ///
    /// # Errors
    /// If one of these errors is returned, nothing was sent:
    /// - [`DeliverError::Decode`] if the bytes are not the arguments of the method.
    /// - [`DeliverError::Cast`] if the process has ended, or its mailbox is full and its overflow policy lets no message
    ///   wait.
    fn cast(&self, method: u32, input: In<'_, C>) -> Result<Option<WaitingDelivery>, DeliverError>;
}

/// The reason why a cast from another node was not delivered.
///
/// ```
/// use ambit::error::CastError;
/// use ambit::message::{DecodeError, DeliverError};
///
/// /// Returns true if the same bytes can be delivered later.
/// fn may_retry(error: &DeliverError) -> bool {
///     matches!(error, DeliverError::Cast(CastError::Full))
/// }
///
/// assert!(may_retry(&CastError::Full.into()));
/// assert!(!may_retry(&DecodeError::Truncated.into()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The bytes are not the arguments of the method.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The process has ended, or its mailbox is full and lets no message wait.
    #[error(transparent)]
    Cast(#[from] CastError),
}

/// An input from which values are decoded.
///
/// [`Out`](crate::message::Out) has an example.
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
///
/// [`Exposed`] has an example.
pub struct AnswerAs<C: Codec> {
    pub(super) timeout: Option<Duration>,
    pub(super) form: Form,
    pub(super) limit: usize,
    pub(super) peer: Option<Arc<Contract>>,
    pub(super) process_encoding: Option<Arc<dyn ProcessEncoding<C>>>,
}
