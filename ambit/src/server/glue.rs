//! Support for generated code: conversions, and bounds with their own diagnostics.

use std::future::Future;
use std::pin::Pin;
use std::task::{self, Poll};
use std::time::Duration;

use crate::engine::reply::{self, ReplyReceiver, ReplyTo};
use crate::exit_reason::ExitReason;
use crate::failure::Failure;
use crate::handle::call::Call;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer, Incoming};

/// A reply port of a deferred call: [`ReplyTo`], or a type alias for it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reply port",
    label = "expected `ReplyTo<T>`",
    note = "a `#[call(deferred)]` method takes `reply: ReplyTo<T>` as its last argument"
)]
pub trait ReplyPort {
    /// The type of the answer.
    type Value;

    /// Creates the port from the reply port of a call.
    fn from_reply(reply: ReplyTo<Self::Value>) -> Self;

    /// Returns the reply port of the call.
    fn into_reply(self) -> ReplyTo<Self::Value>;
}

impl<T> ReplyPort for ReplyTo<T> {
    type Value = T;

    fn from_reply(reply: Self) -> Self {
        reply
    }

    fn into_reply(self) -> Self {
        self
    }
}

/// The bound on the types of arguments and replies.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent between threads",
    label = "arguments and replies move to another task, so they must be `Send` and own their data"
)]
pub trait Payload: Send + 'static {}

impl<T: Send + 'static + ?Sized> Payload for T {}

/// A type without a parameter of the server's block that can be sent. The macros implement this for each such type, and
/// require it elsewhere, so that a type that cannot be sent is an error at this impl only.
///
/// The compiler shows the line of the bound in its error, and so the comment, which the formatter would delete.
#[rustfmt::skip]
pub trait Sent<By: ?Sized, const TYPE: u32>
where
    Self: Send + 'static, // `Arc` instead of `Rc`; `Box<dyn Error + Send + Sync>` instead of `Box<dyn Error>`
{
}

/// The bound on the state of a server.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent between threads",
    label = "a server moves between threads, so its fields must be `Send` and own their data"
)]
pub trait State: Send + 'static {}

impl<T: Send + 'static> State for T {}

/// A state that can be sent, as [`Sent`] is for messages.
#[rustfmt::skip]
pub trait SentState<const BLOCK: u32>
where
    Self: Send + 'static, // `Arc` instead of `Rc`; a plain field, or a `Mutex`, instead of `Rc<RefCell<_>>`
{
}

/// The bound on the state of a server with async `&self` methods, which borrow the state across an await.
pub trait SharedState: Sync {}

impl<T: Sync> SharedState for T {}

/// A state that can be shared, as [`Sent`] is for messages.
#[rustfmt::skip]
pub trait SyncState<const BLOCK: u32>
where
    Self: Sync, // an async method with `&mut self` does not need it
{
}

/// A valid return type of an `#[init]` method: `Self`, or a `Result` of it.
///
/// ```
/// use ambit::process::ExitReason;
/// use ambit::server::IntoInit;
/// let state: Result<u8, ExitReason> = 7.into_init();
/// assert_eq!(state, Ok(7));
/// let failed: Result<u8, ExitReason> = Err::<u8, _>("no such file").into_init();
/// assert_eq!(failed.unwrap_err().to_string(), "no such file");
/// ```
#[diagnostic::on_unimplemented(
    message = "`#[init]` cannot return `{Self}`",
    label = "expected `Self` or `Result<Self, E>`",
    note = "`E` must convert into `Box<dyn Error + Send + Sync>`, as an error type or a string does"
)]
pub trait IntoInit<S> {
    /// Returns the state, or the exit reason if `#[init]` failed.
    #[allow(clippy::missing_errors_doc, reason = "the conversion itself")]
    fn into_init(self) -> Result<S, ExitReason>;
}

impl<S> IntoInit<S> for S {
    fn into_init(self) -> Result<S, ExitReason> {
        Ok(self)
    }
}

impl<S, E: Failure> IntoInit<S> for Result<S, E> {
    fn into_init(self) -> Result<S, ExitReason> {
        self.map_err(Failure::into_reason)
    }
}

/// A valid return type of cast, info and continuation methods: `()`, [`Flow`], or a `Result` of `()`.
///
/// ```
/// use ambit::server::{Flow, IntoFlow};
/// assert_eq!(().into_flow(), Flow::Continue);
/// assert_eq!(Ok::<(), String>(()).into_flow(), Flow::Continue);
/// assert!(matches!(Err::<(), _>("disk full").into_flow(), Flow::Stop(_)));
/// ```
#[diagnostic::on_unimplemented(
    message = "a method without a reply cannot return `{Self}`",
    label = "expected `()`, `Flow` or `Result<(), E>`",
    note = "use `#[call]` to reply; the `E` of a `Result<(), E>` must be an error type or a string"
)]
pub trait IntoFlow {
    /// Returns the next step of the server. An `Err` stops the server with the error as its exit reason.
    fn into_flow(self) -> Flow;
}

impl IntoFlow for () {
    fn into_flow(self) -> Flow {
        Flow::Continue
    }
}

impl IntoFlow for Flow {
    fn into_flow(self) -> Flow {
        self
    }
}

impl<E: Failure> IntoFlow for Result<(), E> {
    fn into_flow(self) -> Flow {
        match self {
            Ok(()) => Flow::Continue,
            Err(error) => Flow::Stop(error.into_reason()),
        }
    }
}

/// The return type of [`GenServer::handle_now`].
pub type HandledNow<S> = Result<Flow, Incoming<S>>;

/// The output of [`GenServer::init`].
pub type Initial<S> = Result<S, ExitReason>;

/// Returns a future that runs a function when it is first polled.
#[must_use]
pub fn lazy<F: FnOnce() -> R, R>(run: F) -> Lazy<F> {
    Lazy(Some(run))
}

/// The future of [`lazy`].
#[derive(Debug)]
pub struct Lazy<F>(Option<F>);

// The function is moved out, and never pinned.
impl<F> Unpin for Lazy<F> {}

impl<F: FnOnce() -> R, R> Future for Lazy<F> {
    type Output = R;

    fn poll(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<R> {
        match self.0.take() {
            Some(run) => Poll::Ready(run()),
            None => Poll::Pending,
        }
    }
}

/// Sends the returned value of a method as the answer, at the end of its handler.
#[inline]
pub fn answer<S: GenServer, R: Send + 'static>(
    value: R,
    reply: ReplyTo<R>,
    ctx: &mut Context<S>,
) -> Flow {
    ctx.answer_last(reply, value);
    Flow::Continue
}

/// Converts the result of a method without a return value.
#[inline]
pub fn done(_: ()) -> Flow {
    Flow::Continue
}

/// Handles a message in an async handler although its method is synchronous, for callers that invoke the async handler
/// directly.
#[inline]
pub fn handled_now<S: GenServer>(
    server: &mut S,
    message: Incoming<S>,
    ctx: &mut Context<S>,
) -> Flow {
    server.handle_now(message, ctx).unwrap_or(Flow::Continue)
}

/// A context that is held across an await point.
///
/// The compiler must prove that a future's contents are `Send`. For a context, that proof visits the whole library,
/// once per server; this trait provides the result of the proof.
pub trait Held<S: GenServer>: Send {
    /// Returns the context itself.
    fn context(&mut self) -> &mut Context<S>;
}

impl<S: GenServer> Held<S> for Context<S> {
    #[inline]
    fn context(&mut self) -> &mut Self {
        self
    }
}

/// Creates the two ends of a question. The call is not built by a closure, because a closure costs more build time than
/// the rest of its method.
#[inline]
pub fn question<R: Send + 'static>() -> (ReplyTo<R>, ReplyReceiver<R>) {
    reply::question()
}

/// Creates a call whose message contains the port of the question `asked`.
#[inline]
pub fn ask<P: Protocol + ?Sized, R: Send + 'static>(
    subject: &Subject<P>,
    call: P::Call,
    asked: ReplyReceiver<R>,
) -> Call<'_, P, R> {
    Call::new(subject, call, asked)
}

/// Implements `#[call(skip_expired)]`: returns true if the caller no longer waits, so that an answer would be dropped.
pub fn skip_expired<S: GenServer, R>(reply: &ReplyTo<R>, ctx: &mut Context<S>) -> bool {
    let expired = reply.is_closed();
    if expired {
        ctx.cell().core.skip();
    }
    expired
}

/// Sets the timeout that a method declares; the timeouts of the handle and of the call override it.
pub fn call_with_timeout<P: Protocol + ?Sized, R: Send + 'static>(
    call: Call<'_, P, R>,
    timeout: Duration,
) -> Call<'_, P, R> {
    call.method_timeout(timeout)
}
