//! The user-defined parts of an exit reason: an explanation, a panic, an error.
//!
//! `Debug` prints only the message, because a `main` that returns an error prints it with `Debug`.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};
use std::sync::Arc;

/// The explanation of a clean exit; `Display` prints exactly its text.
///
/// ```
/// use ambit::process::ExitReason;
/// let ExitReason::ShutdownWith(detail) = ExitReason::shutdown_with("moved") else { unreachable!() };
/// assert_eq!(detail.to_string(), "moved");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Detail(Arc<Box<str>>);

impl Detail {
    pub(crate) fn new(text: String) -> Self {
        Self(Arc::new(text.into()))
    }
}

impl Display for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self.0, f)
    }
}

/// The maximum number of causes that are followed: a chain of errors may be cyclic.
const CAUSES: usize = 16;

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

/// An error from user code: its message and, if a process on this node returned a typed error, the error value.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let process = ambit::spawn(|_: Inbox<u8>| async { Err::<(), _>(std::fmt::Error) });
///     let ExitReason::Error(report) = process.closed().await else { unreachable!() };
///     assert!(report.downcast_ref::<std::fmt::Error>().is_some());
/// }
/// ```
#[derive(Clone)]
pub struct ErrorReport(Arc<Failed>);

struct Failed {
    text: Box<str>,
    type_name: Cow<'static, str>,
    error: Option<Box<dyn Error + Send + Sync>>,
}

impl ErrorReport {
    pub(super) fn new(
        text: String,
        type_name: Cow<'static, str>,
        error: Option<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        let text = text.into();
        Self(Arc::new(Failed {
            text,
            type_name,
            error,
        }))
    }

    /// Returns the error value if its type is `E`. Returns `None` for an error from another node: only its messages and
    /// its type name are transferred.
    ///
    /// ```
    /// # use ambit::process::ExitReason;
    /// let reason = ExitReason::error("only a text");
    /// let ExitReason::Error(report) = reason else { unreachable!() };
    /// assert!(report.downcast_ref::<std::io::Error>().is_none());
    /// ```
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.error.as_deref()?.downcast_ref()
    }

    /// Returns the name of the error's type; `"text"` for [`ExitReason::error`](crate::ExitReason::error).
    pub fn type_name(&self) -> &str {
        &self.0.type_name
    }

    /// Creates the report of an error on another node: the causes of its text, the nearest first. Causes above the
    /// limit are dropped.
    #[cfg(feature = "remote")]
    pub(crate) fn from_remote(text: String, type_name: String, causes: Vec<String>) -> Self {
        let causes = causes.into_iter().take(CAUSES).rev();
        let cause = causes.fold(None, |cause, text| {
            Some(Box::new(RemoteCause { text, cause }))
        });
        let error = cause.map(|cause| {
            let cause = Some(cause);
            let text = text.clone();
            Box::new(RemoteCause { text, cause }).into()
        });
        Self::new(text, Cow::Owned(type_name), error)
    }

    /// Returns its cause, if that is another error.
    pub(super) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        self.0.error.as_deref()?.source()
    }

    /// Returns its causes, the nearest first.
    #[cfg(feature = "remote")]
    pub(crate) fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        causes(self.cause())
    }
}

impl Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&with_causes(self.to_string(), self.cause()), f)
    }
}

/// An error that another node reported.
#[cfg(feature = "remote")]
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct RemoteCause {
    text: String,
    #[source]
    cause: Option<Box<Self>>,
}

impl PartialEq for ErrorReport {
    fn eq(&self, other: &Self) -> bool {
        self.0.text == other.0.text && self.0.type_name == other.0.type_name
    }
}

impl Eq for ErrorReport {}

/// Returns the text of an error with its causes, the nearest first.
pub(crate) fn with_causes(mut text: String, cause: Option<&(dyn Error + 'static)>) -> String {
    for error in causes(cause) {
        let own = error.to_string();
        // Many errors repeat their cause in their own text.
        if !text.ends_with(&own) {
            text.push_str(": ");
            text.push_str(&own);
        }
    }
    text
}

fn causes<'a>(
    first: Option<&'a (dyn Error + 'static)>,
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(first, |error| (**error).source()).take(CAUSES)
}
