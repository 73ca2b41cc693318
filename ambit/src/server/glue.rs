//! What the macros' output leans on: conversions, and bounds with texts of their own.

use std::fmt;
use std::time::Duration;

use crate::engine::reply::ReplyTo;
use crate::exit_reason::ExitReason;
use crate::failure::Failure;
use crate::handle::call::Call;
use crate::handle::protocol::Protocol;
use crate::handle::subject::Subject;
use crate::process::resolved::Resolved;
use crate::server::context::Context;
use crate::server::gen_server::{Flow, GenServer};

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

/// An argument of a message, for `(&Shown(argument)).shown()` with both traits in scope: that finds [`ShowDebug`] if
/// the argument is `Debug`, and one reference further [`ShowNothing`].
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Shown<'a, T>(pub &'a T);

/// Shows an argument as itself.
#[doc(hidden)]
pub trait ShowDebug {
    fn shown(&self) -> &dyn fmt::Debug;
}

impl<T: fmt::Debug> ShowDebug for Shown<'_, T> {
    fn shown(&self) -> &dyn fmt::Debug {
        self.0
    }
}

/// Shows `_` for what has no other text.
#[doc(hidden)]
pub trait ShowNothing {
    fn shown(&self) -> &dyn fmt::Debug;
}

impl<T> ShowNothing for &Shown<'_, T> {
    fn shown(&self) -> &dyn fmt::Debug {
        &Nothing
    }
}

struct Nothing;

impl fmt::Debug for Nothing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("_")
    }
}

/// The answer of a method that returns it, which is the last thing its handler does.
#[inline]
pub fn answer<S: GenServer, R: Send + 'static>(ctx: &mut Context<S>, reply: ReplyTo<R>, value: R) {
    ctx.answer_last(reply, value);
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

/// The body of a handle's `Target`.
pub fn resolve_target<P: Protocol + ?Sized>(subject: &Subject<P>) -> Resolved {
    subject.resolve()
}
