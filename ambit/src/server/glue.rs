//! What the macros' output leans on: conversions, and bounds with texts of their own.

use std::time::Duration;

use crate::engine::reply::{self, Asked, ReplyTo};
use crate::exit_reason::ExitReason;
use crate::failure::Failure;
use crate::handle::call::Call;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer, Incoming};

/// A reply port, whatever it is called.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a reply port",
    label = "expected `ReplyTo<T>`",
    note = "a `#[call(deferred)]` method takes `reply: ReplyTo<T>` as its last argument"
)]
pub trait ReplyPort {
    /// What it answers.
    type Value;

    /// Makes it of the port of a call.
    fn from_reply(reply: ReplyTo<Self::Value>) -> Self;

    /// The port of the call again.
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

/// What can be an argument or a reply.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent between threads",
    label = "an argument or reply moves to another task, so it must be `Send` and own its data"
)]
pub trait Payload: Send + 'static {}

impl<T: Send + 'static + ?Sized> Payload for T {}

/// What can be a server's state.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be sent between threads",
    label = "a server moves between threads, so its fields must be `Send` and own their data"
)]
pub trait State: Send + 'static {}

impl<T: Send + 'static> State for T {}

/// What the state of a server is whose async methods take `&self`: they keep it borrowed while they wait.
pub trait SharedState: Sync {}

impl<T: Sync> SharedState for T {}

/// What `#[init]` may return.
#[diagnostic::on_unimplemented(
    message = "`#[init]` cannot return `{Self}`",
    label = "expected `Self` or `Result<Self, E>`",
    note = "`E` must convert into `Box<dyn Error + Send + Sync>`: an error type, or text"
)]
pub trait IntoInit<S> {
    /// The state, or why there is none.
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

/// What casts, infos and continuations may return.
#[diagnostic::on_unimplemented(
    message = "nobody waits for the `{Self}` that this method returns",
    label = "expected `()`, `Flow` or `Result<(), E>`",
    note = "use `#[call]` to answer; the `E` of a `Result<(), E>` must be an error type, or text"
)]
pub trait IntoFlow {
    /// What the server does next.
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

/// What `handle_now` gives.
pub type HandledNow<S> = Result<Flow, Incoming<S>>;

/// What `init` gives.
pub type Initial<S> = Result<S, ExitReason>;

/// The answer of a method that returns it, which is the last thing its handler does.
#[inline]
pub fn answer<S: GenServer, R: Send + 'static>(
    value: R,
    reply: ReplyTo<R>,
    ctx: &mut Context<S>,
) -> Flow {
    ctx.answer_last(reply, value);
    Flow::Continue
}

/// What follows a method that returns nothing.
#[inline]
pub fn done(_: ()) -> Flow {
    Flow::Continue
}

/// A message that an async handler has got although its method is plain: a direct caller has handed it over.
#[inline]
pub fn handled_now<S: GenServer>(
    server: &mut S,
    message: Incoming<S>,
    ctx: &mut Context<S>,
) -> Flow {
    server.handle_now(message, ctx).unwrap_or(Flow::Continue)
}

/// A context, held across an await.
///
/// The compiler proves that what a future holds can be sent; that of a context leads through all the library, for each
/// server anew. Of this it is said already.
pub trait Held<S: GenServer>: Send {
    /// The context itself.
    fn context(&mut self) -> &mut Context<S>;
}

impl<S: GenServer> Held<S> for Context<S> {
    #[inline]
    fn context(&mut self) -> &mut Self {
        self
    }
}

/// A new question: no closure makes the call, because each costs a program's build more than all the rest of its method.
#[inline]
pub fn question<R: Send + 'static>() -> (ReplyTo<R>, Asked<R>) {
    reply::question()
}

/// A call with the port of that question in it.
#[inline]
pub fn ask<P: Protocol + ?Sized, R: Send + 'static>(
    subject: &Subject<P>,
    call: P::Call,
    asked: Asked<R>,
) -> Call<'_, P, R> {
    Call::new(subject, call, asked)
}

/// `#[call(skip_expired)]`: whether the caller has gone, so that nobody would see the answer.
pub fn skip_expired<S: GenServer, R>(reply: &ReplyTo<R>, ctx: &mut Context<S>) -> bool {
    let expired = reply.is_closed();
    if expired {
        ctx.body().core.skip();
    }
    expired
}

/// The deadline that a method declares; the handle's and the call's own go before it.
pub fn call_with_timeout<P: Protocol + ?Sized, R: Send + 'static>(
    call: Call<'_, P, R>,
    timeout: Duration,
) -> Call<'_, P, R> {
    call.method_timeout(timeout)
}
