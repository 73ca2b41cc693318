//! The error of a call.

use std::fmt;

use thiserror::Error;

use super::executed::Executed;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;

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
    /// handle to the server to this node, or expose its type on its node.
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
