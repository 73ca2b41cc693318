//! Streams whose failures carry the failed element.

use std::fmt;
use std::future::{Future, poll_fn};
use std::task::{Context, Poll};

use thiserror::Error;

use crate::otp::task::error::TaskError;
use crate::otp::task::stream::TaskStream;

/// The failure of one element of an [`InputStream`]: the input and the error of its task.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task::{self, FailedElement, TaskError};
/// #[ambit::main]
/// async fn main() {
///     let answers = task::stream([1, 0], |n| async move { 10_u32.checked_div(n).expect("not zero") });
///     let failed = answers.ordered().unlinked().keep_input().collect().await.pop().unwrap();
///     let FailedElement { input, error } = failed.unwrap_err();
///     assert_eq!(input, 0);
///     assert!(matches!(error, TaskError::Exited(ExitReason::Panic(_))));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{error}")]
pub struct FailedElement<I> {
    /// The input of the task.
    pub input: I,
    /// The error of the task.
    pub error: TaskError,
}

type Outcome<I, T> = Result<T, FailedElement<I>>;

/// A [`TaskStream`] whose errors carry the input of the failed task, from [`TaskStream::keep_input`].
///
/// ```
/// use ambit::prelude::*;
/// use ambit::task;
/// #[ambit::main]
/// async fn main() {
///     let mut doubled = task::stream([1, 2], |n| async move { n * 2 }).ordered().keep_input();
///     assert_eq!(doubled.next().await, Some(Ok(2)));
///     assert_eq!(doubled.collect().await, [Ok(4)]);
/// }
/// ```
#[must_use = "a stream does nothing until it is polled"]
pub struct InputStream<I: Iterator, F, T> {
    stream: TaskStream<I, F, T>,
}

impl<I: Iterator, F, T> TaskStream<I, F, T>
where
    I::Item: Clone,
{
    /// Keeps a clone of each input until its outcome is returned, and adds it to the error of a task that fails, for a
    /// retry or a report. Call this method after the other settings. (Elixir: `zip_input_on_exit: true`.)
    ///
    /// # Panics
    /// Panics if the stream has started.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::task;
    /// #[ambit::main]
    /// async fn main() {
    ///     let halves = task::stream([4, 3], |n| async move {
    ///         assert!(n % 2 == 0, "odd");
    ///         n / 2
    ///     });
    ///     let mut halves = halves.ordered().unlinked().keep_input();
    ///     assert_eq!(halves.next().await.unwrap().unwrap(), 2);
    ///     assert_eq!(halves.next().await.unwrap().unwrap_err().input, 3);
    /// }
    /// ```
    #[track_caller]
    pub fn keep_input(mut self) -> InputStream<I, F, T> {
        self.assert_fresh("keep_input");
        self.copy = Some(I::Item::clone);
        InputStream { stream: self }
    }
}

impl<I, F, Fut, T> InputStream<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    /// Returns the next outcome; `None` at the end of the stream.
    ///
    /// # Errors
    /// The errors of [`TaskStream`], each with the input of the failed task.
    ///
    /// # Cancel safety
    /// Dropping the future loses no outcome: the tasks keep running, and the next call returns the outcome.
    pub async fn next(&mut self) -> Option<Result<T, FailedElement<I::Item>>> {
        poll_fn(|cx| self.poll_outcome(cx)).await
    }

    fn poll_outcome(&mut self, cx: &mut Context<'_>) -> Poll<Option<Outcome<I::Item, T>>> {
        self.stream.poll_cooperatively(cx).map(|element| {
            let (input, outcome) = element?;
            // Inputs have been kept since before the first element began.
            let input = input.expect("every input is kept");
            Some(outcome.map_err(|error| FailedElement { input, error }))
        })
    }

    /// Waits for all remaining tasks, and returns their outcomes in the order of [`next`](Self::next).
    ///
    /// # Cancel safety
    /// Dropping the future before completion ends the remaining tasks, and their outcomes are lost.
    pub async fn collect(mut self) -> Vec<Result<T, FailedElement<I::Item>>> {
        let mut all = Vec::new();
        while let Some(outcome) = self.next().await {
            all.push(outcome);
        }
        all
    }
}

impl<I: Iterator, F, T> Unpin for InputStream<I, F, T> {}

#[cfg(feature = "stream")]
impl<I, F, Fut, T> futures_core::Stream for InputStream<I, F, T>
where
    I: Iterator,
    F: FnMut(I::Item) -> Fut,
    Fut: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    type Item = Outcome<I::Item, T>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Self::Item>> {
        self.poll_outcome(cx)
    }
}

impl<I: Iterator, F, T> fmt::Debug for InputStream<I, F, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.stream.fmt(f)
    }
}
