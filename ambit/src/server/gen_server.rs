//! The trait that `#[gen_server]` generates, and that can be implemented manually.

use std::fmt;
use std::future::Future;

use crate::exit_reason::ExitReason;
use crate::handle::protocol::Protocol;
use crate::process::dead_letter::Undelivered;
use crate::server::context::Context;
use crate::server::options::ServerOptions;

/// The next step of a server after a handler.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// Handles the next message.
    #[default]
    Continue,
    /// Stops: terminate runs, then the process ends with this reason.
    Stop(ExitReason),
}

/// A message to a server.
pub enum Incoming<S: GenServer> {
    /// A request with a reply port.
    Call(<S::Protocol as Protocol>::Call),
    /// A message without a reply.
    Cast(<S::Protocol as Protocol>::Cast),
    /// A message that the server requested: timers, `Down`, results of its tasks.
    Info(S::Info),
    /// A continuation that the server requested.
    Continue(S::Continue),
}

impl<S: GenServer> fmt::Debug for Incoming<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Call(_) => "Call(..)",
            Self::Cast(_) => "Cast(..)",
            Self::Info(_) => "Info(..)",
            Self::Continue(_) => "Continue(..)",
        })
    }
}

/// A server: its state and its message handlers. (Erlang: `gen_server`.)
///
/// `#[gen_server]` on a plain impl block generates this. Written by hand, it looks as follows:
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::{Flow, Incoming};
///
/// struct Counter(u64);
/// enum Ask { Get(ReplyTo<u64>) }
/// enum Tell { Add(u64) }
///
/// impl ambit::server::Protocol for Counter {
///     type Call = Ask;
///     type Cast = Tell;
///     type Subject = Subject<Self>;
///     const NAME: &'static str = "Counter";
/// }
///
/// impl GenServer for Counter {
///     type Protocol = Self;
///     type Args = u64;
///     type Info = ();
///     type Continue = ();
///     async fn init(start: u64, _ctx: &mut Context<Self>) -> Result<Self, ExitReason> { Ok(Self(start)) }
///     async fn handle_call(&mut self, Ask::Get(reply): Ask, ctx: &mut Context<Self>) -> Flow {
///         ctx.answer(reply, self.0);
///         Flow::Continue
///     }
///     async fn handle_cast(&mut self, Tell::Add(by): Tell, _ctx: &mut Context<Self>) -> Flow {
///         self.0 += by;
///         Flow::Continue
///     }
/// }
///
/// #[ambit::main]
/// async fn main() {
///     let counter = ambit::start::<Counter>(40).await.unwrap();
///     counter.send(Tell::Add(2)).await.unwrap();
///     assert_eq!(counter.call(Ask::Get).await, Ok(42));
/// }
/// ```
///
/// The four async handlers have defaults, which run only for a message without a handler: the message is dropped and
/// reported as a dead letter, the server continues, and a call returns `NoReply`.
pub trait GenServer: Sized + Send + 'static {
    /// The protocol of the server; usually itself.
    type Protocol: Protocol + ?Sized;
    /// The argument of [`init`](Self::init).
    type Args: Send;
    /// The messages that the server sends to itself or requests.
    type Info: Send;
    /// The continuations that the server requests with [`Context::continue_with`].
    type Continue: Send;

    /// Mailbox size and overflow policy.
    const OPTIONS: ServerOptions = ServerOptions::DEFAULT;
    /// True if the server terminates in order when its parent ends: the exit then waits for the running handler and
    /// [`terminate`](Self::terminate) runs. The macro sets it only for a server with `#[terminate]`.
    const TERMINATES: bool = true;
    /// True if [`terminate`](Self::terminate) also runs after a panic of a handler, with the state as the handler left
    /// it.
    const TERMINATES_AFTER_PANIC: bool = true;

    /// Builds the state. The starter waits for it; messages queue meanwhile.
    fn init(
        args: Self::Args,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Self, ExitReason>> + Send;

    /// Handles a message synchronously, or returns it for the async handlers.
    ///
    /// # Errors
    /// The message itself, if its handler is async.
    fn handle_now(
        &mut self,
        message: Incoming<Self>,
        ctx: &mut Context<Self>,
    ) -> Result<Flow, Incoming<Self>> {
        let _ = ctx;
        Err(message)
    }

    /// Handles a call.
    fn handle_call(
        &mut self,
        call: <Self::Protocol as Protocol>::Call,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Call(call), ctx)
    }

    /// Handles a cast.
    fn handle_cast(
        &mut self,
        cast: <Self::Protocol as Protocol>::Cast,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Cast(cast), ctx)
    }

    /// Handles an info.
    fn handle_info(
        &mut self,
        info: Self::Info,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Info(info), ctx)
    }

    /// Handles a continuation.
    fn handle_continue(
        &mut self,
        next: Self::Continue,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Continue(next), ctx)
    }

    /// Cleans up, once: after a stop, a panic, or the end of its parent; not after a kill or an untrapped exit.
    fn terminate(
        &mut self,
        reason: &ExitReason,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (reason, ctx);
        async {}
    }

    /// Returns the name of a message's handler in reports.
    fn method_of(message: &Incoming<Self>) -> &'static str {
        let _ = message;
        ""
    }

    /// Returns the arguments of a message as text, for reports; called only if `report_arguments` is on.
    fn arguments_of(message: &Incoming<Self>) -> Option<String> {
        let _ = message;
        None
    }
}

fn unhandled<S: GenServer>(
    message: Incoming<S>,
    ctx: &mut Context<S>,
) -> impl Future<Output = Flow> + Send + use<S> {
    ctx.body().dead_letter_item(message, Undelivered::Unhandled);
    std::future::ready(Flow::Continue)
}
