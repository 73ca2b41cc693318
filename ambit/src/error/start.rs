//! The error of a start.

use thiserror::Error;

use super::names::RegisterError;
use crate::exit_reason::ExitReason;
use crate::pid::Pid;

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
