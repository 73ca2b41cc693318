//! The errors: one small enum per operation.
//!
//! Each variant says whether the server is still running, whether the request may have been executed, and whether a
//! retry makes sense.

use std::fmt;

use thiserror::Error;

use crate::exit_reason::ExitReason;
pub use crate::exit_reason::{Detail, ErrorReport, PanicReport};
pub use crate::failure::Failure;
use crate::pid::Pid;

/// Whether a request that failed may have been executed.
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
    /// Certainly not: it was still queued.
    No,
    /// Possibly: its handler had begun.
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

/// The reason why a call has no answer.
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
    /// There is no such process: it has ended, or the name is free. Not executed; retry when it is back.
    #[error(
        "there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`"
    )]
    NoProcess,
    /// The server ended before it answered. It no longer runs; a supervised server will be back under its name.
    #[error("the server ended before it answered: {}; {executed}", reason.with_causes())]
    Exited {
        /// The reason why the server ended.
        reason: ExitReason,
        /// Whether the handler may have run.
        executed: Executed,
    },
    /// No answer arrived within the deadline. The server is still running. A request that was still waiting for
    /// capacity was withdrawn; a queued request may still be executed, and its answer is discarded. Retry only
    /// idempotent requests. In a handler, the deadline is at most that of the request being handled; if that has
    /// passed, nothing is sent.
    #[error(
        "no answer within the deadline; the request may still be executed: give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// A server called itself from its own handler, which would have waited for itself. Not executed by a call that is
    /// awaited at once; one that was sent before, with `.send()`, is queued and may run after this handler. Call the
    /// method directly, or use `ctx.continue_with`.
    #[error("a server cannot call itself: call the method directly, or use `ctx.continue_with`")]
    CallsItself,
    /// The listed servers wait for each other in a cycle, which this call would have closed. Not executed by a call
    /// that is awaited at once; a request that was queued before the cycle closed may still run. Let one of them cast,
    /// or answer later with a deferred reply.
    #[error(
        "this call would wait for itself, through {}: let one of them cast, or answer later",
        Chain(pids)
    )]
    Cycle {
        /// The cycle, beginning with the caller.
        pids: Vec<Pid>,
    },
    /// The server dropped the reply port without answering. It is still running; the request was executed in part or
    /// whole.
    #[error(
        "the server dropped the reply port without an answer: let its handler answer on every path"
    )]
    NoReply,
    /// The mailbox has no capacity and the caller or the mailbox does not allow waiting, or another node already has
    /// the maximum number of concurrent requests from this node. Not executed; retry later.
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
    /// The server is on a node that defines this method differently. Not executed; do not retry: the other methods of
    /// the two work, and both programs have to agree on this one.
    #[error(
        "the other node declares `{method}` differently: {differs}. Update the older program, or give the changed method a new name"
    )]
    Incompatible {
        /// The method, with the name of its protocol: `shop.counter::add`.
        method: String,
        /// The difference in words: "argument `by`: was `u32` and is `u64`", and on which of the two nodes it was and
        /// is.
        differs: Box<str>,
    },
    /// `.blocking()` was used on a thread that drives a runtime, which it would stop. Nothing was sent; await the call,
    /// or move it to `spawn_blocking`.
    #[error("blocking here would stop the runtime this thread drives: await the call instead")]
    BlocksRuntime,
    /// The process does not have the requested type. Not executed; do not retry.
    #[error("the process is of another type: use a handle of the type that it was started as")]
    WrongType,
    /// The server is on another node and is not exposed to this one. Not executed; do not retry: send a handle on it to
    /// this node, or expose its type there.
    #[error(
        "it is not exposed to other nodes: call `expose` or `expose_rpc` on its node, or send a handle of it here"
    )]
    NotExposed,
    /// The arguments or the answer exceed the size limit of the two nodes. If it is the answer, the request was
    /// executed. Do not retry: send parts, or raise the limit on both nodes.
    #[error(
        "the message is larger than the {limit} bytes that the two nodes allow: send it in parts"
    )]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// The arguments or the answer cannot be sent to another node. If it is the answer, the request was executed. Do
    /// not retry.
    #[error("the message cannot be sent to another node: {why}")]
    Unsendable {
        /// The reason.
        why: String,
    },
}

impl CallError {
    /// Returns true if the request was certainly not executed, and may succeed later: there was no process or no
    /// capacity, or the request was still queued when the server ended. A retry is safe, whatever the request does.
    ///
    /// For [`Retrying::when`](crate::Retrying::when).
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

    /// Returns true if an idempotent request may be retried: it may also have been executed, so that only its answer is
    /// missing. True for all errors that [`is_transient`](Self::is_transient) accepts, a timeout, and a server or
    /// connection that ended meanwhile.
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

/// The reason why a cast was not queued.
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
    /// There is no such process. Not executed; retry when it is back.
    #[error(
        "there is no such process: it has ended, or its name is free; start it, or wait for it with `wait_for`"
    )]
    NoProcess,
    /// The mailbox has no capacity and the caller or the mailbox does not allow waiting. Not executed; retry later.
    #[error("the mailbox is full: retry later, or await the cast, which waits for capacity")]
    Full,
    /// There was no capacity within the deadline. The server is running; the message was withdrawn and is not executed.
    #[error(
        "the mailbox had no free slot within the deadline; the message was withdrawn: retry later, or give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// The node of the server is unreachable.
    #[error("no connection to the node of the server: retry when the node is back")]
    NoConnection,
    /// `.blocking()` was used on a thread that drives a runtime. Nothing was sent; await the cast, or use `.now()`.
    #[error(
        "blocking here would stop the runtime this thread drives: await the cast or use `.now()`"
    )]
    BlocksRuntime,
    /// The server is on a node that defines this method differently. Nothing was sent; do not retry.
    #[error(
        "the other node declares `{method}` differently: {differs}. Update the older program, or give the changed method a new name"
    )]
    Incompatible {
        /// The method, with the name of its protocol: `shop.counter::add`.
        method: String,
        /// The difference in words: "argument `by`: was `u32` and is `u64`", and on which of the two nodes it was and
        /// is.
        differs: Box<str>,
    },
    /// The message exceeds the size limit of the two nodes. Nothing was sent; do not retry: send parts, or raise the
    /// limit on both nodes.
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
    /// Returns true if the message was certainly not queued, and may succeed later: there was no process or no
    /// capacity.
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

/// The reason why a server did not start. When this is returned, no process, name or message of it is left.
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
    /// `#[init]` failed or panicked, or the process received an exit signal meanwhile.
    #[error("the server failed to start: {}", .0.with_causes())]
    Init(ExitReason),
    /// `#[init]` took longer than `.timeout(..)` allows; the process was killed.
    #[error(
        "the server did not finish `#[init]` within the start timeout: see what it waits for, or give it more time with `.timeout(..)`"
    )]
    Timeout,
    /// The name or key is taken; `#[init]` did not run.
    #[error("the name is held by {holder}: choose another name, or stop that process first")]
    AlreadyRegistered {
        /// The process that is registered.
        holder: Pid,
    },
    /// `.via(..)` was used with a duplicate registry, where a key identifies no single process. Use a unique registry.
    #[error("a duplicate registry cannot name a server: use `Registry::unique()`")]
    DuplicateRegistry,
    /// The name is empty.
    #[error("a name cannot be empty: choose one, or leave it out")]
    InvalidName,
    /// The settings are invalid; the text names the cause.
    #[error("{0}")]
    BadSpec(String),
    /// `#[init]` returned [`Ignore`](crate::Ignore): there is nothing to run.
    #[error("the server has nothing to do: its `#[init]` returned `Ignore`")]
    Ignored,
    /// `.link()` was used outside a process. Start it from a process, or without a link.
    #[error(
        "only a process can link, and this is none: leave out `.link()`, or start it from a process"
    )]
    NotAProcess,
    /// There is no tokio runtime here. Start servers inside one.
    #[error("there is no tokio runtime here: start servers inside one, as `#[ambit::main]` does")]
    NoRuntime,
}

/// The reason why a supervisor did not perform an operation on a child. The supervisor is still running, except for
/// `NoProcess`.
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
    /// The supervisor has no such child.
    #[error("the supervisor has no such child: `which_children` lists those that it has")]
    NotFound,
    /// The child is down, and the supervisor tries to restart it; `terminate_child` ends that.
    #[error("the child is being restarted: terminate it first")]
    Restarting,
    /// The child is running. Terminate it first.
    #[error("the child runs: terminate it first")]
    Running,
    /// There is a child with this id that is not running. Use `restart_child`, or delete it first.
    #[error("there is a child of this id: restart or delete it, or choose another id")]
    AlreadyPresent,
    /// A dynamic supervisor has reached its limit of children. Nothing was started; retry when one has ended.
    #[error(
        "the supervisor has its maximum number of children: retry when one has ended, or raise `max_children`"
    )]
    MaxChildren,
    /// The spec is invalid; the text names the cause. Nothing was started.
    #[error("{0}")]
    BadSpec(String),
    /// The child did not start; it is not running.
    #[error("the child did not start: {0}")]
    Start(StartError),
    /// There is no such supervisor, or it ended before it answered. The operation may have been performed.
    #[error("there is no such supervisor, or it ended before it answered: retry when it is back")]
    NoProcess,
    /// No answer arrived within `.timeout(..)`. The operation may still be performed.
    #[error(
        "the supervisor did not answer within the deadline; it may still execute the request: see `which_children`"
    )]
    Timeout,
    /// The supervisor waits for the requesting process, for example for a child's `#[init]`. Not done; retry later, or
    /// from another process.
    #[error(
        "the supervisor waits for this process and cannot answer it: send the request after `#[init]`, or from another process"
    )]
    CallsItself,
    /// `.blocking()` was used on a thread that drives a runtime. Not done; await it instead.
    #[error("blocking here would stop the runtime this thread drives: await it instead")]
    BlocksRuntime,
    /// The child was asked to end, then killed, and has not ended: its handler never suspends. It is listed as stuck
    /// until it ends, and no other child replaces it.
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

/// The reason why a stop did not succeed.
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
    /// The process had ended before.
    #[error("there is no such process: it had ended before")]
    NoProcess,
    /// The process has not ended within the deadline; the request remains valid and it continues to stop.
    #[error(
        "the process has not ended within the deadline and is still stopping: wait with `closed()`, or kill it"
    )]
    Timeout,
    /// A process that waits for its own end would wait forever. Use `ctx.stop(..)`, or return.
    #[error("a process cannot wait for its own end: use `ctx.stop(..)`")]
    CallsItself,
    /// The process has ended, but for this reason instead of the requested one.
    #[error("the process ended for another reason: {}", .0.with_causes())]
    Exited(ExitReason),
}

/// The reason why a name lookup failed.
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
    /// No process is registered under it.
    #[error("no process is registered under this name: start it, or wait for it with `wait_for`")]
    NotFound,
    /// The registered process implements another protocol.
    #[error("the name is held by a process of another type: ask for that type")]
    WrongType,
    /// No process was registered under it within the deadline.
    #[error(
        "no process was registered under this name within the deadline: start it, or wait longer"
    )]
    Timeout,
}

/// The reason why a name was not registered.
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
    /// A process is registered already, possibly the same one or one that is terminating; its entry is unchanged.
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
    /// The process is on another node: local names are for local processes. Register it there.
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

/// The reason why a registered value was not updated; the function was not called, or its result not stored.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum UpdateError {
    /// The key belongs to another process; only the owner may change its value.
    #[error("the key belongs to another process: let that one update the value")]
    NotOwner,
    /// No process is registered under the key.
    #[error("no process is registered under this key: register it first")]
    NotFound,
    /// Duplicate registries have no single value per key.
    #[error("a duplicate registry has no single value per key: use `Registry::unique()`")]
    Duplicate,
    /// The caller is not a process, so it owns no entries.
    #[error(
        "only a process owns entries, and this is none: update the value in the process that registered it"
    )]
    NotAProcess,
}

/// The error of an operation that needs a process and was used outside one.
///
/// ```
/// use ambit::error::NotAProcess;
/// assert_eq!(ambit::trap_exits(true), Err(NotAProcess), "a plain thread has no links");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is not a process: use it inside a server, `ambit::spawn` or `#[ambit::main]`")]
pub struct NotAProcess;
