//! The error types: one small enum per operation.
//!
//! The documentation of each variant states whether the server is still running, whether the request may have been
//! executed, and whether a retry makes sense.

mod call;
mod cast;
mod child;
mod executed;
mod names;
mod start;
mod stop;

use thiserror::Error;

pub use call::CallError;
pub use cast::CastError;
pub use child::ChildError;
pub use executed::Executed;
pub use names::{LookupError, RegisterError, UpdateError};
pub use start::StartError;
pub use stop::StopError;

pub use crate::exit_reason::{Detail, ErrorReport, PanicReport};
pub use crate::failure::Failure;

/// The error of an operation that requires a calling process and was used outside one.
///
/// ```
/// use ambit::error::NotAProcess;
/// assert_eq!(ambit::trap_exits(true), Err(NotAProcess), "a plain thread has no links");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("this is not a process: use it inside a server, `ambit::spawn` or `#[ambit::main]`")]
pub struct NotAProcess;
