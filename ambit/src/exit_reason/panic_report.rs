//! The report of a panic: its message and location.

use std::fmt::{self, Display};
use std::sync::Arc;

/// A panic of user code: its message and location.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task::TaskError;
/// #[ambit::main]
/// async fn main() {
///     let task = Task::<()>::spawn_unlinked(async { panic!("out of range") });
///     let Err(TaskError::Exited(ExitReason::Panic(report))) = task.await else { unreachable!() };
///     assert_eq!(report.message(), "out of range");
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct PanicReport(Arc<Panicked>);

#[derive(PartialEq, Eq)]
struct Panicked {
    message: Box<str>,
    location: Option<Box<str>>,
}

impl PanicReport {
    pub(crate) fn new(message: &str, location: Option<&str>) -> Self {
        let location = location.map(Into::into);
        Self(Arc::new(Panicked {
            message: message.into(),
            location,
        }))
    }

    /// Returns the message of the panic.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Returns the location of the panic, `file:line:column`; `None` if another library replaced the panic hook, or the
    /// unwinding began with [`resume_unwind`](std::panic::resume_unwind), which runs no hook.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }
}

impl Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location() {
            Some(location) => write!(f, "panicked at {location}: {}", self.message()),
            None => write!(f, "panicked: {}", self.message()),
        }
    }
}

impl fmt::Debug for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.message(), f)?;
        match self.location() {
            Some(location) => write!(f, " at {location}"),
            None => Ok(()),
        }
    }
}
