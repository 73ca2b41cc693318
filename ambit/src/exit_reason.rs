//! The reasons why processes end.
//!
//! [`ExitReason`] is a closed enum of Erlang's exit reasons; [`Detail`] and [`ErrorReport`] hold user-defined texts and
//! errors. Cloning is cheap, because a reason is sent to every link and monitor.

mod panic_report;
mod report;

use std::any::type_name;
use std::error::Error;
use std::fmt::{self, Display};

pub use self::panic_report::PanicReport;
pub(crate) use self::report::with_causes;
pub use self::report::{Detail, ErrorReport};

/// The reason why a process ended, as seen by its links, monitors and callers. (Erlang: the exit reason.)
///
/// ```
/// use ambit::process::ExitReason;
/// assert!(ExitReason::shutdown_with("disk full").is_clean());
/// assert!(!ExitReason::error("disk full").is_clean());
/// assert_eq!(ExitReason::error("disk full").to_string(), "disk full");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExitReason {
    /// The process finished its work, or was stopped with `stop()`.
    Normal,
    /// The process was asked to stop, usually by its supervisor.
    Shutdown,
    /// The process stopped on purpose, with an explanation. (Erlang: `{shutdown, Term}`.)
    ShutdownWith(Detail),
    /// The untrappable exit request. A killed process ends with `Killed`; `Kill` is the exit reason only of a process
    /// that ended itself with it.
    Kill,
    /// The process was killed.
    Killed,
    /// The process did not exist. (Erlang: `noproc`.)
    NoProcess,
    /// The node of the process is not reachable. (Erlang: `noconnection`.)
    NoConnection,
    /// An operation timed out while the process waited for it.
    Timeout,
    /// User code panicked.
    Panic(PanicReport),
    /// User code ended with an error.
    Error(ErrorReport),
}

/// The maximum length in bytes of a reason that is repeated inside another reason.
const NESTED: usize = 1_000;

impl ExitReason {
    /// Creates an abnormal reason with `text` as its message.
    pub fn error(text: impl Display) -> Self {
        Self::Error(ErrorReport::of_text(text.to_string()))
    }

    /// Creates a clean reason, [`ShutdownWith`](Self::ShutdownWith), with `text` as its explanation.
    pub fn shutdown_with(text: impl Display) -> Self {
        Self::ShutdownWith(Detail::new(text.to_string()))
    }

    /// Returns true if the process ended on purpose: `Normal`, `Shutdown` or `ShutdownWith`. Every other reason is a
    /// crash.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        matches!(self, Self::Normal | Self::Shutdown | Self::ShutdownWith(_))
    }

    /// Returns the text of the reason with its causes, for reports.
    pub(crate) fn with_causes(&self) -> String {
        match self {
            Self::Error(report) => report.with_causes(),
            other => other.to_string(),
        }
    }

    /// Returns about how many bytes its texts take.
    pub(crate) fn text_bytes(&self) -> usize {
        match self {
            Self::ShutdownWith(detail) => detail.text_bytes(),
            Self::Panic(report) => report.message().len() + report.location().map_or(0, str::len),
            Self::Error(report) => report.text_bytes(),
            _ => 0,
        }
    }

    /// Returns the text of the reason for inclusion in another one: a supervisor that gave up is included in the reason
    /// of its parent. Its length is bounded; the outermost and the innermost parts stay.
    pub(crate) fn nested(&self) -> String {
        let text = match self {
            Self::ShutdownWith(detail) => detail.to_string(),
            other => other.with_causes(),
        };
        shortened(text)
    }

    /// Converts a user's error into a reason: an `ExitReason` inside is used unchanged.
    pub(crate) fn from_user<E: Into<Box<dyn Error + Send + Sync>>>(error: E) -> Self {
        match error.into().downcast::<Self>() {
            Ok(reason) => *reason,
            Err(error) => Self::Error(ErrorReport::of_error(error, type_name::<E>())),
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
            Self::Error(report) => report.cause(),
            _ => None,
        }
    }
}

/// The error that `#[init]` returns to decline a start when there is nothing to run.
///
/// The start fails with `StartError::Ignored`, and no process remains. This is not a crash, so no crash is reported.
/// After the start, it is an error like any other. (Erlang: `ignore`.)
///
/// ```
/// use ambit::prelude::*;
/// use ambit::server::Ignore;
/// struct Metrics;
/// #[gen_server]
/// impl Metrics {
///     #[init]
///     fn init(enabled: bool) -> Result<Self, Ignore> {
///         if enabled { Ok(Self) } else { Err(Ignore) }
///     }
/// }
/// #[ambit::main]
/// async fn main() {
///     assert_eq!(Metrics::start(false).await.err(), Some(StartError::Ignored));
///     assert!(Metrics::start(true).await.is_ok());
/// }
/// ```
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

/// Cuts the middle out of a text that is too long.
fn shortened(text: String) -> String {
    if text.len() <= NESTED {
        return text;
    }
    let half = NESTED / 2;
    let head = (0..=half).rev().find(|at| text.is_char_boundary(*at));
    let tail = (text.len() - half..=text.len()).find(|at| text.is_char_boundary(*at));
    let (head, tail) = (head.unwrap_or(0), tail.unwrap_or(text.len()));
    format!("{} [..] {}", &text[..head], &text[tail..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panics;

    #[test]
    fn a_reason_inside_another_keeps_its_beginning_and_its_end() {
        let long = format!("first {} last", "ä".repeat(3 * NESTED));
        let nested = ExitReason::error(long).nested();
        assert!(nested.len() <= NESTED + 8, "{}", nested.len());
        assert!(nested.starts_with("first ä") && nested.ends_with("ä last"));
        assert_eq!(ExitReason::shutdown_with("short").nested(), "short");
    }

    /// An error with a chain of causes, of which the last panics when it is displayed or dropped.
    #[derive(Debug)]
    struct Deep(u8, Option<Box<Self>>);

    impl Display for Deep {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            assert!(self.0 < 3, "too deep");
            write!(f, "depth {}", self.0)
        }
    }

    impl Error for Deep {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            self.1.as_deref().map(|cause| cause as _)
        }
    }

    impl Drop for Deep {
        fn drop(&mut self) {
            assert!(self.1.is_some(), "a drop at depth {}", self.0);
        }
    }

    fn deep(from: u8) -> Deep {
        let causes = (from + 1..=3).rev();
        let cause = causes.fold(None, |cause, n| Some(Box::new(Deep(n, cause))));
        Deep(from, cause)
    }

    #[test]
    fn a_cause_that_panics_ends_the_list_of_causes() {
        let reason = ExitReason::from_user(deep(1));
        assert_eq!(reason.with_causes(), "depth 1: depth 2");
    }

    #[test]
    fn an_error_whose_text_and_drop_panic_is_one_panic_of_its_process() {
        let failed = panics::catch(|| ExitReason::from_user(deep(3)));
        assert_eq!(failed.unwrap_err().message(), "too deep");
    }
}
