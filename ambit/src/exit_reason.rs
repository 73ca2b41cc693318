//! Why a process ended.
//!
//! The reasons are Erlang's, as one closed enum; what a user's own error or text adds travels inside
//! [`Detail`] and [`ErrorReport`]. Cloning is cheap: a reason goes to every link and monitor.

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};
use std::sync::Arc;

/// Why a process ended, as its links, monitors and callers see it. (Erlang: the exit reason.)
///
/// ```
/// use ambit::ExitReason;
/// assert!(ExitReason::shutdown_with("disk full").is_clean());
/// assert!(!ExitReason::error("disk full").is_clean());
/// assert_eq!(ExitReason::error("disk full").to_string(), "disk full");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitReason {
    /// It finished its work.
    Normal,
    /// It was told to stop.
    Shutdown,
    /// It stopped on purpose and says why.
    ShutdownWith(Detail),
    /// The untrappable request to die. Seen as a reason only where a process ended *itself* with it.
    Kill,
    /// It was killed.
    Killed,
    /// There was no such process.
    NoProcess,
    /// The node of the process is not reachable.
    NoConnection,
    /// Something it waited for took too long.
    Timeout,
    /// User code panicked.
    Panic(PanicReport),
    /// User code ended with an error.
    Error(ErrorReport),
}

/// How many causes of an error are looked at: a chain may lead back into itself.
const CAUSES: usize = 16;

impl ExitReason {
    /// An abnormal reason that says `text`.
    pub fn error(text: impl Display) -> Self {
        Self::Error(ErrorReport::new(
            text.to_string(),
            Cow::Borrowed("text"),
            None,
        ))
    }

    /// A clean reason that says `text`.
    pub fn shutdown_with(text: impl Display) -> Self {
        Self::ShutdownWith(Detail::new(text.to_string()))
    }

    /// Whether the process ended on purpose: `Normal`, `Shutdown` or `ShutdownWith`. Everything else is a crash.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_))
    }

    /// The text of the reason with what caused it, for reports.
    pub(crate) fn with_causes(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        for _ in 0..CAUSES {
            let Some(error) = cause else { break };
            let own = error.to_string();
            // Many errors repeat their cause in their own text.
            if !text.ends_with(&own) {
                text.push_str(": ");
                text.push_str(&own);
            }
            cause = error.source();
        }
        text
    }

    /// The reason a user's error stands for: an `ExitReason` inside is taken as it is.
    pub(crate) fn from_user<E: Into<Box<dyn Error + Send + Sync>>>(error: E) -> Self {
        match error.into().downcast::<Self>() {
            Ok(reason) => *reason,
            Err(error) => {
                let (text, type_name) = (error.to_string(), Cow::Borrowed(type_name::<E>()));
                Self::Error(ErrorReport::new(text, type_name, Some(error)))
            }
        }
    }
}

impl Display for ExitReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Normal => f.write_str("normal"),
            Self::Shutdown => f.write_str("shutdown"),
            Self::ShutdownWith(detail) => write!(f, "shutdown: {detail}"),
            Self::Kill => f.write_str("kill"),
            Self::Killed => f.write_str("killed"),
            Self::NoProcess => f.write_str("no such process"),
            Self::NoConnection => f.write_str("no connection to the node"),
            Self::Timeout => f.write_str("timeout"),
            Self::Panic(report) => report.fmt(f),
            Self::Error(report) => report.fmt(f),
        }
    }
}

impl Error for ExitReason {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Error(report) => report.0.error.as_deref().and_then(|error| error.source()),
            _ => None,
        }
    }
}

/// What a process says about its clean end; `Display` is exactly that text.
#[derive(Clone, Debug, PartialEq, Eq)]
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

/// A panic of user code: its text and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PanicReport(Arc<Panicked>);

#[derive(Debug, PartialEq, Eq)]
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

    /// The panic's text.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The panic's place, `file:line:column`; `None` if another library replaced the panic hook.
    #[must_use]
    pub fn location(&self) -> Option<&str> {
        self.0.location.as_deref()
    }
}

impl Display for PanicReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.location() {
            Some(place) => write!(f, "panicked at {place}: {}", self.message()),
            None => write!(f, "panicked: {}", self.message()),
        }
    }
}

/// An error of user code: its text and, for local exits, the error itself.
#[derive(Clone, Debug)]
pub struct ErrorReport(Arc<Failed>);

#[derive(Debug)]
struct Failed {
    text: Box<str>,
    type_name: Cow<'static, str>,
    error: Option<Box<dyn Error + Send + Sync>>,
}

impl ErrorReport {
    fn new(
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

    /// The typed error, if it is an `E`. One from another node is only its texts, and of no type.
    ///
    /// ```
    /// # use ambit::ExitReason;
    /// let reason = ExitReason::error("only a text");
    /// let ExitReason::Error(report) = reason else { unreachable!() };
    /// assert!(report.downcast_ref::<std::io::Error>().is_none());
    /// ```
    #[must_use]
    pub fn downcast_ref<E: Error + 'static>(&self) -> Option<&E> {
        self.0.error.as_deref()?.downcast_ref()
    }

    /// The name of the error's type, `"text"` for [`ExitReason::error`].
    pub fn type_name(&self) -> &str {
        &self.0.type_name
    }

    /// What another node says of an error: the causes of its text, the nearest first. More than are looked at are dropped.
    #[cfg(feature = "remote")]
    pub(crate) fn told(text: String, type_name: String, causes: Vec<String>) -> Self {
        let causes = causes.into_iter().take(CAUSES).rev();
        let cause = causes.fold(None, |cause, text| Some(Box::new(Told { text, cause })));
        let error = cause.map(|cause| {
            let cause = Some(cause);
            let text = text.clone();
            Box::new(Told { text, cause }).into()
        });
        Self::new(text, Cow::Owned(type_name), error)
    }

    /// What caused it, the nearest first.
    #[cfg(feature = "remote")]
    pub(crate) fn causes(&self) -> impl Iterator<Item = &(dyn Error + 'static)> {
        let first = self.0.error.as_deref().and_then(|error| error.source());
        std::iter::successors(first, |error| (**error).source()).take(CAUSES)
    }
}

impl Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

/// What another node says of an error.
#[cfg(feature = "remote")]
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Told {
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

/// What `#[init]` returns as an error to say: there is nothing to do here, and that is fine.
///
/// The start gives `StartError::Ignored`, no process is left and nothing is reported. (Erlang: `ignore`.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("ignored")]
pub struct Ignore;

impl From<Ignore> for ExitReason {
    fn from(ignore: Ignore) -> Self {
        Self::from_user(ignore)
    }
}

impl ExitReason {
    pub(crate) fn is_ignore(&self) -> bool {
        matches!(self, Self::Error(report) if report.downcast_ref::<Ignore>().is_some())
    }
}
