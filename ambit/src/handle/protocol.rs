//! Messages and protocols, and the typed handle and the port of each protocol.

use std::convert::Infallible;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use crate::engine::reply::OpenReply;
use crate::engine::wake::Wake;
use crate::handle::message_sink::{MessageSink, TimedSink};
use crate::handle::process::{Follow, Process};
use crate::handle::target::Target;
use crate::process::header::AnyProcess;
use crate::process::offer::{Offer, Patience};
use crate::process::system_inner::SystemInner;
use crate::rt::BoxFuture;

/// A value that can be sent to a plain process.
///
/// Many std types implement this trait; derive it for your own types with `#[derive(Message)]`. With
/// `#[message(name = "shop.order")]`, values of the type can also be sent to other nodes: see `ambit::message`.
///
/// ```
/// use ambit::prelude::*;
/// #[derive(Message)]
/// enum Order { Coffee { sugar: bool }, Tea }
/// fn is_message<M: Message>() {}
/// is_message::<Order>();
/// is_message::<(u64, String)>();
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a message",
    label = "not a message",
    note = "add `#[derive(Message)]` to the type"
)]
pub trait Message: Sized + Send + 'static {}

/// The message types of a process: its calls and its casts. `#[gen_server]` implements it for a server type, and
/// `#[protocol]` for the `dyn` type of a trait. For a plain process, the message type is the protocol.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::Protocol;
/// struct Counter;
/// #[gen_server]
/// impl Counter {}
/// fn name_of<P: Protocol + ?Sized>(_: &impl AsRef<Subject<P>>) -> &'static str { P::NAME }
/// #[ambit::main]
/// async fn main() {
///     let counter = Counter.start().await.unwrap();
///     assert_eq!(name_of::<Counter>(&counter), "Counter");
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a protocol",
    note = "a protocol is a server type with `#[gen_server]` on its impl block, `dyn` of a trait with `#[protocol]`, or a message \
            type with `#[derive(Message)]`"
)]
pub trait Protocol: 'static {
    /// The calls, each with its reply port; usually an enum.
    type Call: Send;
    /// The casts; usually an enum.
    type Cast: Send;
    /// The typed handle.
    type Subject: Clone + Send + Sync + Debug + From<Subject<Self>> + AsRef<Subject<Self>> + Target;
    /// The name of the protocol in handles and reports.
    const NAME: &'static str;
}

impl<M: Message> Protocol for M {
    type Call = Infallible;
    type Cast = M;
    type Subject = Subject<M>;
    const NAME: &'static str = "Process";
}

/// The typed handle to a process, its *subject*. It sends messages of protocol `P` to one process, or to the process
/// that is currently registered under a name.
///
/// For a server, prefer the handle that `#[gen_server]` generates: it has one method per message. Both handles
/// dereference to [`Process`].
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let echo: Subject<String> = ambit::spawn(|mut inbox: Inbox<String>| async move {
///         while let Some(text) = inbox.recv().await {
///             println!("{text}");
///         }
///     });
///     echo.send("hi".into()).await.unwrap();
/// }
/// ```
pub struct Subject<P: Protocol + ?Sized> {
    pub(super) process: Process,
    pub(super) sink: SubjectTarget<P>,
    pub(super) timeout: Option<Duration>,
    pub(super) when_available: bool,
}

pub(super) enum SubjectTarget<P: Protocol + ?Sized> {
    Fixed(Arc<dyn ProtocolSink<P>>),
    Following(Arc<dyn FollowPort<P>>),
}

/// A process with protocol `P`.
pub(crate) trait ProtocolSink<P: Protocol + ?Sized>:
    AnyProcess + MessageSink<P::Cast>
{
    /// Queues a call. `Ok` carries the wake-up, which the caller performs last, when it is ready for the answer.
    fn offer_call(
        &self,
        call: P::Call,
        question: Arc<dyn OpenReply>,
        patience: Patience<'_>,
    ) -> Result<Wake, Offer<P::Call>>;
    /// Accepts a call whose permit is already held; returns it if the process has ended.
    fn push_reserved_call(
        &self,
        call: P::Call,
        question: Arc<dyn OpenReply>,
    ) -> Result<(), P::Call>;
    /// Returns the sink for timer messages, if it has one.
    fn timed_sink(self: Arc<Self>) -> Option<Arc<dyn TimedSink<P::Cast>>> {
        None
    }
    /// Returns true if a caller may run a handler inline: only a hint.
    fn may_run_inline(&self) -> bool {
        false
    }
    /// Runs the handler of `call` inline, if that is allowed now; otherwise returns the call.
    fn run_inline(&self, call: P::Call, timeout: Option<Duration>) -> Result<(), P::Call> {
        let _ = timeout;
        Err(call)
    }
}

/// A name of a process with protocol `P`.
pub(crate) trait FollowPort<P: Protocol + ?Sized>: Follow {
    fn port(&self) -> Option<Arc<dyn ProtocolSink<P>>>;
    /// Returns the holder of the name: a direct handle, or one that follows another name.
    fn next(&self) -> Option<Subject<P>>;
    /// Returns the system whose clock counts while waiting for the name.
    fn clock(&self) -> Option<Arc<SystemInner>>;
    /// Ready when the name should be resolved again.
    fn changed(&self, system: &Arc<SystemInner>) -> BoxFuture<'static, ()>;
}
