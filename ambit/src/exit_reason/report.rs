//! The user-defined parts of an exit reason: an explanation, an error.
//!
//! `Debug` prints only the message, because a `main` that returns an error prints it with `Debug`.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Display};
use std::sync::Arc;

use crate::panics;

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

    /// Returns the length of its text in bytes.
    pub(super) fn text_bytes(&self) -> usize {
        self.0.len()
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
    /// The texts of its causes, the nearest first: no code of the error runs once the report exists, except in `source`
    /// and in its drop.
    causes: Box<[Box<str>]>,
    type_name: Cow<'static, str>,
    error: Option<Box<dyn Error + Send + Sync>>,
}

impl Drop for Failed {
    /// The last report may be dropped by any process, and a panic in the drop of the error must not end that one.
    fn drop(&mut self) {
        if let Some(error) = self.error.take() {
            panics::drop_quietly(error);
        }
    }
}

impl ErrorReport {
    /// Creates the report of a text that is no error value.
    pub(super) fn of_text(text: String) -> Self {
        Self(Arc::new(Failed {
            text: text.into(),
            causes: Box::default(),
            type_name: Cow::Borrowed("text"),
            error: None,
        }))
    }

    /// Creates the report of an error whose type is named `type_name`. A panic of its `Display` is a panic of the
    /// caller; a panic of its causes only ends their list.
    pub(super) fn of_error(error: Box<dyn Error + Send + Sync>, type_name: &'static str) -> Self {
        let mut failed = Failed {
            text: Box::default(),
            causes: Box::default(),
            type_name: Cow::Borrowed(type_name),
            error: Some(error),
        };
        // The report owns the error by now: its drop is caught even if its `Display` panics.
        if let Some(error) = &failed.error {
            let (text, causes) = (error.to_string(), cause_texts(&**error));
            (failed.text, failed.causes) = (text.into(), causes.into());
        }
        Self(Arc::new(failed))
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
        let texts: Vec<Box<str>> = causes.into_iter().take(CAUSES).map(Into::into).collect();
        let cause = texts.iter().rev().fold(None, |cause, text| {
            let text = text.to_string();
            Some(Box::new(RemoteCause { text, cause }))
        });
        let error = cause.map(|cause| {
            let cause = Some(cause);
            let text = text.clone();
            Box::new(RemoteCause { text, cause }).into()
        });
        Self(Arc::new(Failed {
            text: text.into(),
            causes: texts.into(),
            type_name: Cow::Owned(type_name),
            error,
        }))
    }

    /// Returns its cause, if that is another error.
    pub(super) fn cause(&self) -> Option<&(dyn Error + 'static)> {
        // Without texts there is no cause, or it panicked when it was asked for.
        if self.0.causes.is_empty() {
            return None;
        }
        self.0.error.as_deref()?.source()
    }

    /// Returns the texts of its causes, the nearest first.
    pub(crate) fn causes(&self) -> impl Iterator<Item = &str> {
        self.0.causes.iter().map(|text| &**text)
    }

    /// Returns about how many bytes its texts take: an error of another node has the text of each cause twice.
    pub(super) fn text_bytes(&self) -> usize {
        /// The two strings of a cause, without their texts.
        const CAUSE: usize = 96;
        let causes: usize = self.causes().map(|text| CAUSE + 2 * text.len()).sum();
        2 * self.0.text.len() + self.0.type_name.len() + causes
    }

    /// Returns its text with its causes, the nearest first.
    pub(super) fn with_causes(&self) -> String {
        joined(self.to_string(), self.causes())
    }
}

impl Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.with_causes(), f)
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
pub(crate) fn with_causes(text: String, cause: Option<&(dyn Error + 'static)>) -> String {
    joined(text, causes(cause).map(ToString::to_string))
}

fn joined(mut text: String, causes: impl Iterator<Item: AsRef<str>>) -> String {
    for own in causes {
        let own = own.as_ref();
        // Many errors repeat their cause in their own text.
        if !text.ends_with(own) {
            text.push_str(": ");
            text.push_str(own);
        }
    }
    text
}

/// Returns the texts of the causes of an error. If one panics, the list ends before it.
fn cause_texts(error: &(dyn Error + 'static)) -> Vec<Box<str>> {
    let mut texts = Vec::new();
    let collected = panics::catch(|| {
        let causes = causes(error.source());
        texts.extend(causes.map(|cause| Box::from(cause.to_string())));
    });
    if let Err(report) = collected {
        tracing::error!(%report, "a cause of an error panicked");
    }
    texts
}

fn causes<'a>(
    first: Option<&'a (dyn Error + 'static)>,
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(first, |error| (**error).source()).take(CAUSES)
}
