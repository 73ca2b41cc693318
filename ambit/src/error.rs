//! The error types: one small enum per operation.
//!
//! The documentation of each variant states whether the server is still running, whether the request may have been
//! executed, and whether a retry makes sense.

use std::fmt;

use thiserror::Error;

use crate::exit_reason::ExitReason;
pub use crate::exit_reason::{Detail, ErrorReport, PanicReport};
pub use crate::failure::Failure;
use crate::pid::Pid;

/// The state of a failed request: whether it may have been executed.
///
/// ```
/// use ambit::error::{CallError, Executed};
/// use ambit::process::ExitReason;
/// let exited = |executed| CallError::Exited { reason: ExitReason::Shutdown, executed };
/// assert!(exited(Executed::No).is_transient());
/// assert!(!exited(Executed::Maybe).is_transient());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Executed {
    /// The request was certainly not executed: it was still queued.
    No,
    /// The request may have been executed: its handler had begun.
    Maybe,
}

impl fmt::Display for Executed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::No => "the request was not executed, so a retry is safe",
            Self::Maybe => {
                "the request may have been executed, so retry only what may be done twice"
            }
        })
    }
}

/// The error of a call.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let counter = CounterSubject::named("counter");
///     let error = counter.add(1).await.unwrap_err();
///     assert_eq!(error, CallError::NoProcess);
///     assert!(error.is_transient(), "a retry is safe");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CallError {
    /// No such process: it has ended, or no process is registered under the name. The request was not executed; retry
    /// when the process is back.
    #[error(
        "there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`"
    )]
    NoProcess,
    /// The server ended before it answered. If its supervisor restarts the server, the new process is registered under
    /// the same name.
    #[error("the server ended before it answered: {}; {executed}", reason.with_causes())]
    Exited {
        /// The reason why the server ended.
        reason: ExitReason,
        /// Whether the handler may have run.
        executed: Executed,
    },
    /// No answer arrived within the deadline. The server is still running. A request that was still waiting for
    /// capacity was withdrawn; a queued request may still be executed, and its answer is discarded. Retry only
    /// idempotent requests. A call made inside a handler has at most the remaining time of the request being handled;
    /// if no time remains, the call is not sent.
    #[error(
        "no answer within the deadline; the request may still be executed: give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// The server called itself from its own handler, and would have waited for itself forever. A call that is awaited
    /// at once is not executed; one that was sent before with `.send()` is queued and may run after this handler. Call
    /// the method directly, or use `ctx.continue_with`.
    #[error("a server cannot call itself: call the method directly, or use `ctx.continue_with`")]
    CallsItself,
    /// This call would have closed a cycle: the listed servers wait for each other. A call that is awaited at once is
    /// not executed; a request that was queued before the cycle closed may still run. Replace one of the calls with a
    /// cast, or answer one of them later with a deferred reply.
    #[error(
        "this call would wait for itself, through {}: let one of them cast, or answer later",
        Chain(pids)
    )]
    Cycle {
        /// The cycle, beginning with the caller.
        pids: Vec<Pid>,
    },
    /// The server dropped the reply port without answering. The server is still running; the request was executed
    /// partly or completely.
    #[error(
        "the server dropped the reply port without an answer: let its handler answer on every path"
    )]
    NoReply,
    /// The mailbox is full, and the way of sending or the overflow policy does not allow waiting; or another node is
    /// already handling the maximum number of concurrent requests from this node. The request was not executed; retry
    /// later.
    #[error(
        "no capacity: the mailbox is full, or its node has too many requests in flight; retry later"
    )]
    Full,
    /// The node of the server is unreachable.
    #[error("no connection to the node of the server; {executed}")]
    NoConnection {
        /// Whether the handler may have run.
        executed: Executed,
    },
    /// The server is on a node whose program defines this method differently. The request was not executed; do not
    /// retry. Other methods of the server still work; update one of the programs so that both define this method alike.
    #[error(
        "the other node declares `{method}` differently: {differs}. Update the older program, or give the changed method a new name"
    )]
    Incompatible {
        /// The method, prefixed with the name of its protocol: `shop.counter::add`.
        method: String,
        /// A description of the difference, with the node of each definition: "argument `by`: was `u32` and is `u64`".
        differs: Box<str>,
    },
    /// `.blocking()` was called on a thread that drives a runtime; blocking would stop that runtime. Nothing was sent.
    /// Await the call, or move it to `spawn_blocking`.
    #[error("blocking here would stop the runtime this thread drives: await the call instead")]
    BlocksRuntime,
    /// The process does not have the requested type. The request was not executed; do not retry.
    #[error("the process is of another type: use a handle of the type that it was started as")]
    WrongType,
    /// The server is on another node and is not exposed to this one. The request was not executed; do not retry. Send a
    /// handle of the server to this node, or expose its type on its node.
    #[error(
        "it is not exposed to other nodes: call `expose` or `expose_rpc` on its node, or send a handle of it here"
    )]
    NotExposed,
    /// The arguments or the answer exceed the size limit that the two nodes agreed on. If the answer is too large, the
    /// request was executed. Do not retry: send the data in parts, or raise the limit on both nodes.
    #[error(
        "the message is larger than the {limit} bytes that the two nodes allow: send it in parts"
    )]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The arguments or the answer cannot be sent to another node. If the answer cannot be sent, the request was
    /// executed. Do not retry.
    #[error("the message cannot be sent to another node: {why}")]
    Unsendable {
        /// The reason.
        why: String,
    },
}

impl CallError {
    /// Returns true if the request was certainly not executed and may succeed later: the process did not exist, there
    /// was no capacity, or the request was still queued when the server ended or its node became unreachable. A retry
    /// is safe, even if the request is not idempotent.
    ///
    /// Use it with [`Retrying::when`](crate::Retrying::when).
    ///
    /// ```
    /// use ambit::error::CallError;
    /// assert!(CallError::NoProcess.is_transient());
    /// assert!(!CallError::Timeout.is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        use Executed::No;
        match self {
            Self::NoProcess | Self::Full => true,
            Self::Exited { executed, .. } | Self::NoConnection { executed } => *executed == No,
            _ => false,
        }
    }

    /// Returns true if an idempotent request may be retried, although it may already have been executed. True for all
    /// errors that [`is_transient`](Self::is_transient) accepts, for `Timeout`, and for every `Exited` and
    /// `NoConnection`.
    ///
    /// ```
    /// use ambit::error::CallError;
    /// assert!(CallError::Timeout.is_transient_if_idempotent());
    /// assert!(!CallError::CallsItself.is_transient_if_idempotent());
    /// ```
    #[must_use]
    pub fn is_transient_if_idempotent(&self) -> bool {
        let may_be_executed = matches!(
            self,
            Self::Timeout | Self::Exited { .. } | Self::NoConnection { .. }
        );
        may_be_executed || self.is_transient()
    }
}

struct Chain<'a>(&'a [Pid]);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, pid) in self.0.iter().enumerate() {
            write!(f, "{}{pid}", if n == 0 { "" } else { " -> " })?;
        }
        Ok(())
    }
}

/// The error of a cast: the message was not queued.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let sink = Subject::<u8>::named("sink");
///     assert_eq!(sink.send(1).await, Err(CastError::NoProcess));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CastError {
    /// No such process: it has ended, or no process is registered under the name. Nothing was sent; retry when the
    /// process is back.
    #[error(
        "there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`"
    )]
    NoProcess,
    /// The mailbox is full, and the way of sending or the overflow policy does not allow waiting. The message is not
    /// handled; retry later.
    #[error("the mailbox is full: retry later, or await the cast, which waits for capacity")]
    Full,
    /// The mailbox had no capacity within the deadline. The server is still running; the message was withdrawn and is
    /// not handled.
    #[error(
        "the mailbox had no free slot within the deadline; the message was withdrawn: retry later, or give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// The node of the server is unreachable. Retry when the node is back.
    #[error("no connection to the node of the server: retry when the node is back")]
    NoConnection,
    /// `.blocking()` was called on a thread that drives a runtime. Nothing was sent; await the cast, or use `.now()`.
    #[error(
        "blocking here would stop the runtime this thread drives: await the cast or use `.now()`"
    )]
    BlocksRuntime,
    /// The server is on a node whose program defines this method differently. Nothing was sent; do not retry.
    #[error(
        "the other node declares `{method}` differently: {differs}. Update the older program, or give the changed method a new name"
    )]
    Incompatible {
        /// The method, prefixed with the name of its protocol: `shop.counter::add`.
        method: String,
        /// A description of the difference, with the node of each definition: "argument `by`: was `u32` and is `u64`".
        differs: Box<str>,
    },
    /// The message exceeds the size limit that the two nodes agreed on. Nothing was sent; do not retry. Send the data
    /// in parts, or raise the limit on both nodes.
    #[error(
        "the message is larger than the {limit} bytes that the two nodes allow: send it in parts"
    )]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The message cannot be sent to another node. Nothing was sent; do not retry.
    #[error("the message cannot be sent to another node: {why}")]
    Unsendable {
        /// The reason.
        why: String,
    },
}

impl CastError {
    /// Returns true if the message was certainly not queued and may be accepted later: the process did not exist, or
    /// there was no capacity.
    ///
    /// ```
    /// use ambit::error::CastError;
    /// assert!(CastError::Full.is_transient());
    /// assert!(!CastError::NoConnection.is_transient());
    /// ```
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::NoProcess | Self::Full | Self::Timeout)
    }
}

/// The error of a start. A failed start leaves no process, no name and no message.
///
/// ```
/// use ambit::prelude::*;
/// struct Counter(u64);
/// #[gen_server]
/// impl Counter { #[call] fn add(&mut self, by: u64) -> u64 { self.0 += by; self.0 } }
/// #[ambit::main]
/// async fn main() {
///     let first = Counter(0).start().name("counter").await.unwrap();
///     let second = Counter(0).start().name("counter").await;
///     assert_eq!(second.err(), Some(StartError::AlreadyRegistered { holder: first.pid() }));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StartError {
    /// `#[init]` failed or panicked, or an exit signal ended the process during `#[init]`.
    #[error("the server failed to start: {}", .0.with_causes())]
    Init(ExitReason),
    /// `#[init]` took longer than the start's `.timeout(..)`; the process was killed.
    #[error(
        "the server did not finish `#[init]` within the start timeout: see what it waits for, or give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// Another process is registered under the name or key; `#[init]` did not run.
    #[error("the name is held by {holder}: choose another name, or stop that process first")]
    AlreadyRegistered {
        /// The process that is registered.
        holder: Pid,
    },
    /// `.via(..)` was used with a duplicate registry, in which a key does not identify a single process. Use a unique
    /// registry.
    #[error("a duplicate registry cannot name a server: use `Registry::unique()`")]
    DuplicateRegistry,
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// The settings are invalid; the text states the cause.
    #[error("{0}")]
    BadSpec(String),
    /// `#[init]` returned [`Ignore`](crate::Ignore): there is nothing to run, and no process remains.
    #[error("the server has nothing to do: its `#[init]` returned `Ignore`")]
    Ignored,
    /// `.link()` was used outside a process. Start the server from a process, or without a link.
    #[error(
        "only a process can link, and this is none: leave out `.link()`, or start it from a process"
    )]
    NotAProcess,
    /// The start ran outside a tokio runtime. Start servers inside a runtime.
    #[error("there is no tokio runtime here: start servers inside one, as `#[ambit::main]` does")]
    NoRuntime,
}

/// The error of an operation on the children of a supervisor. Except after `NoProcess`, the supervisor is still
/// running.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let supervisor = Supervisor::builder().start().await.unwrap();
///     assert_eq!(supervisor.terminate_child("cache").await, Err(ChildError::NotFound));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ChildError {
    /// The supervisor has no child with this id or pid.
    #[error("the supervisor has no such child: `which_children` lists those that it has")]
    NotFound,
    /// The child is down, and the supervisor is restarting it; `terminate_child` cancels the restart.
    #[error("the child is being restarted: terminate it first")]
    Restarting,
    /// The child is running. Terminate it first.
    #[error("the child runs: terminate it first")]
    Running,
    /// A stopped child with this id already exists. Use `restart_child`, or delete the child first.
    #[error("there is a child of this id: restart or delete it, or choose another id")]
    AlreadyPresent,
    /// The dynamic supervisor has reached its `max_children`. Nothing was started; retry when a child has ended.
    #[error(
        "the supervisor has its maximum number of children: retry when one has ended, or raise `max_children`"
    )]
    MaxChildren,
    /// The spec is invalid; the text states the cause. Nothing was started.
    #[error("{0}")]
    BadSpec(String),
    /// The child failed to start; it is not running.
    #[error("the child did not start: {0}")]
    Start(StartError),
    /// No such supervisor, or the supervisor ended before it answered. In the second case the operation may have been
    /// performed.
    #[error("there is no such supervisor, or it ended before it answered: retry when it is back")]
    NoProcess,
    /// No answer arrived within the `.timeout(..)` of the request. The operation may still be performed.
    #[error(
        "the supervisor did not answer within the deadline; it may still execute the request: see `which_children`"
    )]
    Timeout,
    /// The supervisor is waiting for the calling process, for example for the `#[init]` of a child. The operation was
    /// not performed; retry later, or from another process.
    #[error(
        "the supervisor waits for this process and cannot answer it: send the request after `#[init]`, or from another process"
    )]
    CallsItself,
    /// `.blocking()` was called on a thread that drives a runtime. The operation was not performed; await the request
    /// instead.
    #[error("blocking here would stop the runtime this thread drives: await it instead")]
    BlocksRuntime,
    /// The child was asked to stop, then killed, and has not ended, because its handler never suspends. The child is
    /// listed as stuck until it ends, and is not replaced before that.
    #[error(
        "the child has not ended though it was killed, because its handler never suspends: let it await something"
    )]
    Stuck,
}

impl From<CallError> for ChildError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Timeout => Self::Timeout,
            CallError::CallsItself | CallError::Cycle { .. } => Self::CallsItself,
            CallError::BlocksRuntime => Self::BlocksRuntime,
            _ => Self::NoProcess,
        }
    }
}

/// The error of a stop.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::StopError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
///     assert_eq!(idle.stop().await, Err(StopError::NoProcess));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StopError {
    /// The process had already ended, or no process is registered under the name.
    #[error("there is no such process: it had ended before")]
    NoProcess,
    /// The process has not ended within the deadline. The request remains in effect: the process is still stopping.
    #[error(
        "the process has not ended within the deadline and is still stopping: wait with `closed()`, or kill it"
    )]
    Timeout,
    /// The process tried to stop itself, and would have waited for its own end forever. Use `ctx.stop(..)`, or return.
    #[error("a process cannot wait for its own end: use `ctx.stop(..)`")]
    CallsItself,
    /// The process has ended, but with this reason instead of the requested one.
    #[error("the process ended for another reason: {}", .0.with_causes())]
    Exited(ExitReason),
}

/// The error of a name lookup.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::LookupError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     assert_eq!(ambit::whereis::<u8>("other"), Err(LookupError::NotFound));
///     assert_eq!(ambit::whereis::<String>("idle"), Err(LookupError::WrongType));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LookupError {
    /// No process is registered under the name.
    #[error("no process is registered under this name: start it, or wait for it with `wait_for`")]
    NotFound,
    /// The registered process implements another protocol.
    #[error("the name is held by a process of another type: ask for that type")]
    WrongType,
    /// No process was registered under the name within the deadline.
    #[error(
        "no process was registered under this name within the deadline: start it, or wait longer"
    )]
    Timeout,
}

/// The error of registering a process under a name or a registry key.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::error::RegisterError;
/// #[ambit::main]
/// async fn main() {
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     ambit::register("idle", &idle).unwrap();
///     let taken = RegisterError::AlreadyRegistered { holder: idle.pid() };
///     assert_eq!(ambit::register("idle", &idle), Err(taken));
///     assert_eq!(ambit::register("", &idle), Err(RegisterError::InvalidName));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// The name or key is taken, possibly by the same process or by one that is terminating; the existing entry is
    /// unchanged.
    #[error("the name is held by {holder}: choose another name, or stop that process first")]
    AlreadyRegistered {
        /// The process that is registered.
        holder: Pid,
    },
    /// The process to be registered is ending or has ended.
    #[error("there is no such process to register: it has ended")]
    NoProcess,
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// The process is on another node. Names and registry keys are only for processes of this node; register the
    /// process on its own node.
    #[error("the process is on another node: register it there")]
    Elsewhere,
}

impl From<RegisterError> for StartError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::AlreadyRegistered { holder } => Self::AlreadyRegistered { holder },
            RegisterError::InvalidName => Self::InvalidName,
            RegisterError::NoProcess | RegisterError::Elsewhere => {
                Self::Init(ExitReason::NoProcess)
            }
        }
    }
}

/// The error of an update of a registered value. The stored value is unchanged.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The key is registered by another process; only the owner of an entry may change its value.
    #[error("the key belongs to another process: let that one update the value")]
    NotOwner,
    /// No process is registered under the key.
    #[error("no process is registered under this key: register it first")]
    NotFound,
    /// The registry is a duplicate registry, which has no single value per key.
    #[error("a duplicate registry has no single value per key: use `Registry::unique()`")]
    Duplicate,
    /// The caller is not a process, so it owns no entries.
    #[error(
        "only a process owns entries, and this is none: update the value in the process that registered it"
    )]
    NotAProcess,
}

/// The error of an operation that requires a calling process and was used outside one.
///
/// ```
/// use ambit::error::NotAProcess;
/// assert_eq!(ambit::trap_exits(true), Err(NotAProcess), "a plain thread has no links");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is not a process: use it inside a server, `ambit::spawn` or `#[ambit::main]`")]
pub struct NotAProcess;
