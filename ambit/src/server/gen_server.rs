//! The [`GenServer`] trait, which `#[gen_server]` implements, and the types in its signature: the context, messages and
//! the next step of a server.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::engine::reply::{DeferredWake, OpenReply};
use crate::exit_reason::ExitReason;
use crate::handle::protocol::Protocol;
use crate::process::cell::{ProcessCell, ProcessPermit};
use crate::process::dead_letter::{LetterKind, Undelivered};
use crate::process::handler_span::HandlerSpan;
use crate::process::header::ProcessRef;
use crate::rt::Instant;
use crate::server::latency::TypeLatency;
use crate::server::options::ServerOptions;
use crate::signal::{Down, Exit};
use crate::trace::TraceContext;

/// The next step of a server after a handler returns.
///
/// ```
/// use ambit::prelude::*;
/// struct Fuse;
/// #[gen_server]
/// impl Fuse {
///     #[cast]
///     fn load(&mut self, amperes: u32) -> Flow {
///         if amperes > 16 { Flow::Stop(ExitReason::Shutdown) } else { Flow::Continue }
///     }
/// }
/// #[ambit::main]
/// async fn main() {
///     let fuse = Fuse.start().await.unwrap();
///     fuse.load(10).await.unwrap();
///     fuse.load(20).await.unwrap();
///     assert_eq!(fuse.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// The server handles the next message.
    #[default]
    Continue,
    /// The server stops: [`terminate`](GenServer::terminate) runs, then the process ends with this reason.
    Stop(ExitReason),
}

/// A message to a server.
///
/// The example of [`StateMachine`](crate::state_machine::StateMachine) has a `handle_now` that passes messages on.
pub enum Incoming<S: GenServer> {
    /// A request with a reply port.
    Call(<S::Protocol as Protocol>::Call),
    /// A message without a reply.
    Cast(<S::Protocol as Protocol>::Cast),
    /// A message that is neither a call nor a cast: from a timer, a monitor, a trapped exit, a task or a stream, or
    /// sent through a [`Recipient`](crate::server::Recipient).
    Info(S::Info),
    /// A continuation that the server requested with [`Context::continue_with`].
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
/// `#[gen_server]` on a plain impl block generates the implementation. Written by hand, a server looks as follows:
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
/// The four async handlers have default implementations, which drop the message and report it as a dead letter; the
/// server continues, and a dropped call fails with `NoReply`.
pub trait GenServer: Sized + Send + 'static {
    /// The protocol of the server; usually the server type itself.
    type Protocol: Protocol + ?Sized;
    /// The argument of [`init`](Self::init).
    type Args: Send;
    /// The messages that are neither calls nor casts: messages that the server requests, such as those of timers and
    /// monitors, and messages sent through a [`Recipient`](crate::server::Recipient).
    type Info: Send;
    /// The continuations that the server requests with [`Context::continue_with`].
    type Continue: Send;

    /// The size of the mailbox, the overflow policy and the inline policy. Default: [`ServerOptions::DEFAULT`].
    const OPTIONS: ServerOptions = ServerOptions::DEFAULT;
    /// Whether the server terminates in order when its parent ends with a reason other than `Normal`: the running
    /// handler finishes and [`terminate`](Self::terminate) runs before the server ends. Default: true. `#[gen_server]`
    /// sets it to true only for a server with a `#[terminate]` method.
    const TERMINATES: bool = true;
    /// Whether [`terminate`](Self::terminate) also runs after a panic in a handler, with the state as the handler left
    /// it. Default: true.
    const TERMINATES_AFTER_PANIC: bool = true;

    /// Builds the state. The process that starts the server waits until this returns; messages to the server are queued
    /// meanwhile. An error ends the process, and the start fails with `Init` and that reason, or with `Ignored` if the
    /// error is [`Ignore`](crate::server::Ignore). (Erlang: `Module:init/1`.)
    fn init(
        args: Self::Args,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Result<Self, ExitReason>> + Send;

    /// Handles a message synchronously, or returns it for the async handlers. By default, returns every message.
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

    /// Handles a call, unless [`handle_now`](Self::handle_now) has handled it.
    fn handle_call(
        &mut self,
        call: <Self::Protocol as Protocol>::Call,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Call(call), ctx)
    }

    /// Handles a cast, unless [`handle_now`](Self::handle_now) has handled it.
    fn handle_cast(
        &mut self,
        cast: <Self::Protocol as Protocol>::Cast,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Cast(cast), ctx)
    }

    /// Handles an info, unless [`handle_now`](Self::handle_now) has handled it.
    fn handle_info(
        &mut self,
        info: Self::Info,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Info(info), ctx)
    }

    /// Handles a continuation, unless [`handle_now`](Self::handle_now) has handled it.
    fn handle_continue(
        &mut self,
        next: Self::Continue,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = Flow> + Send {
        unhandled(Incoming::Continue(next), ctx)
    }

    /// Cleans up before the server ends. Runs once: after a stop, after a panic in a handler, and when the parent ends.
    /// Does not run after a kill or an untrapped exit signal, nor if [`init`](Self::init) failed.
    /// [`TERMINATES`](Self::TERMINATES) and [`TERMINATES_AFTER_PANIC`](Self::TERMINATES_AFTER_PANIC) can exclude the
    /// end of the parent and the panic. Does nothing by default. (Erlang: `Module:terminate/2`.)
    fn terminate(
        &mut self,
        reason: &ExitReason,
        ctx: &mut Context<Self>,
    ) -> impl Future<Output = ()> + Send {
        let _ = (reason, ctx);
        async {}
    }

    /// Returns the name of the method that handles `message`, for reports and the inline policy; empty by default.
    fn method_of(message: &Incoming<Self>) -> &'static str {
        let _ = message;
        ""
    }

    /// Returns the arguments of `message` as text for crash reports; called only if the system was built with
    /// `report_arguments(true)`. Returns `None` by default.
    fn arguments_of(message: &Incoming<Self>) -> Option<String> {
        let _ = message;
        None
    }
}

fn unhandled<S: GenServer>(
    message: Incoming<S>,
    ctx: &mut Context<S>,
) -> impl Future<Output = Flow> + Send + use<S> {
    ctx.cell().dead_letter_item(message, Undelivered::Unhandled);
    std::future::ready(Flow::Continue)
}

/// The message of an idle timeout: no other message arrived within the time set by [`Context::idle_timeout`]. (Erlang:
/// `timeout`.)
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// struct Session;
/// #[gen_server]
/// impl Session {
///     #[init]
///     fn init(ctx: &mut Context<Self>) -> Self {
///         ctx.idle_timeout(Duration::from_micros(100));
///         Self
///     }
///     #[info]
///     fn on_idle(&mut self, ctx: &mut Context<Self>, _idle: IdleTimeout) { ctx.stop(ExitReason::Shutdown) }
/// }
/// #[ambit::main]
/// async fn main() {
///     let session = Session::start().await.unwrap();
///     assert_eq!(session.closed().await, ExitReason::Shutdown);
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdleTimeout;

/// The interface of a server to its own process. A handler that needs it takes `ctx: &mut Context<Self>`.
///
/// A method that causes a message to the server is available only if the server has an `#[info]` method for that
/// message:
///
/// ```
/// use ambit::prelude::*;
/// use std::time::Duration;
/// #[derive(Clone)]
/// struct Tick;
/// struct Clock { ticks: u64 }
/// #[gen_server]
/// impl Clock {
///     #[init]
///     fn init(ctx: &mut Context<Self>) -> Self {
///         ctx.send_every(Duration::from_millis(1), Tick);
///         Self { ticks: 0 }
///     }
///     #[info]
///     fn on_tick(&mut self, ctx: &mut Context<Self>, _: Tick) {
///         self.ticks += 1;
///         if self.ticks == 3 { ctx.stop(ExitReason::Normal) }
///     }
/// }
/// #[ambit::main]
/// async fn main() {
///     let clock = Clock::start().await.unwrap();
///     assert_eq!(clock.closed().await, ExitReason::Normal);
/// }
/// ```
pub struct Context<S: GenServer> {
    pub(super) cell: Arc<ServerCell<S>>,
    /// Its own process, while that is not the current one, so that an inline run need not change the reference count.
    /// Behind an uncontended lock, so that the context is `Sync` although this need not be.
    pub(crate) own: Mutex<Option<ProcessRef>>,
    /// The handler has requested something that comes before the next message.
    pub(crate) asked: bool,
    /// Allocated on first use: there are many idle servers, and most never need it.
    pub(super) rare: Option<Box<RareContext<S>>>,
    /// The call that is being handled, unless its caller runs the handler inline.
    pub(super) question: Option<Arc<dyn OpenReply>>,
    /// The deferred wake-up of the last answered caller, until the next message begins or the server waits.
    pub(super) deferred_wake: DeferredWake,
}

pub(super) struct RareContext<S: GenServer> {
    pub(super) stop: Option<ExitReason>,
    /// Behind a lock like `own`.
    pub(super) next: Mutex<Option<S::Continue>>,
    /// The idle timeout that a handler has set, until the handler ends.
    pub(super) idle_after: Option<Duration>,
    pub(super) idle_at: Option<Instant>,
    pub(super) on_idle: Option<fn(IdleTimeout) -> S::Info>,
    pub(super) on_down: Option<fn(Down) -> S::Info>,
    pub(super) on_exit: Option<fn(Exit) -> S::Info>,
    /// Answers that are sent after terminate; behind a lock like `own`.
    pub(super) held: Mutex<Vec<Box<dyn FnOnce() + Send>>>,
    /// The state of a higher layer for its kind of server; behind a lock like `own`.
    pub(super) extension: Mutex<Extension>,
}

/// The state of a higher layer in a server.
pub(crate) type Extension = Option<Box<dyn Any + Send>>;

impl<S: GenServer> Default for RareContext<S> {
    fn default() -> Self {
        Self {
            stop: None,
            next: Mutex::default(),
            idle_after: None,
            idle_at: None,
            on_idle: None,
            on_down: None,
            on_exit: None,
            held: Mutex::default(),
            extension: Mutex::default(),
        }
    }
}

/// A server's process.
pub(crate) type ServerCell<S> = ProcessCell<Incoming<S>, ServerState<S>>;

/// The run permit of a server.
pub(crate) type ServerPermit<'a, S> = ProcessPermit<'a, Incoming<S>, ServerState<S>>;

/// The state of a server between two messages.
pub(crate) struct ServerState<S: GenServer> {
    /// `None` before its init is done, and after its end.
    pub(crate) state: Option<S>,
    pub(crate) ctx: Option<Context<S>>,
    pub(crate) trace: MessageRecord,
    /// An inline handler has decided that the server ends; its task does the rest.
    pub(crate) leaving: Option<LoopExit>,
    /// The latency classes of its type's methods; known after an inline run.
    pub(crate) latency: Option<Arc<TypeLatency>>,
}

/// The way a server leaves its loop.
#[derive(Debug)]
pub(crate) struct LoopExit {
    pub(crate) reason: ExitReason,
    pub(crate) terminate: bool,
    /// A fatal signal ends the server, perhaps in the middle of a method.
    pub(crate) is_signal: bool,
}

/// A record of the message that is being handled, and of the last methods.
#[derive(Default)]
pub(crate) struct MessageRecord {
    /// Newest first.
    pub(super) methods: [&'static str; 3],
    /// The kind of the message; `None` between two messages.
    pub(super) handling: Option<LetterKind>,
    /// The number of handlers that have run inline.
    pub(crate) in_place: u32,
    /// The caller's deadline of an async method: stored here, because it would enlarge the method's future.
    pub(crate) deadline: Option<Instant>,
    /// Allocated only if details are needed.
    pub(super) more: Option<Box<RecordDetails>>,
}

#[derive(Default)]
pub(super) struct RecordDetails {
    pub(super) arguments: Option<String>,
    pub(super) began: Option<Instant>,
    /// The trace of the message that is about to begin, if it waited in the queue.
    pub(super) origin: Option<TraceContext>,
    pub(super) span: Option<HandlerSpan>,
    /// The trace of the previous message, for its continuation.
    pub(super) before: Option<TraceContext>,
    /// The start of the async method, if measuring is on and its run is timed.
    pub(super) timed: Option<Instant>,
}
