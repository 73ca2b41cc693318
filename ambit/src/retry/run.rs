//! The execution of a retry: makes attempts, and waits between them on the system's clock.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;
use thiserror::Error;

use crate::process::clock::Clock;
use crate::process::system_inner::SystemInner;
use crate::process::{current_request, current_system};
use crate::retry::policy::Retry;
use crate::retry::schedule::{GaveUp, Schedule};
use crate::rt::{self, Instant};

/// The last error of a [`Retry`], with the reason why no further attempt was made.
///
/// The error describes only the *last* attempt. All that is known of the earlier attempts is that
/// [`when`](Retrying::when) accepted their errors.
///
/// ```
/// use ambit::retry::{GaveUp, Retry};
/// use std::time::Duration;
/// #[ambit::main]
/// async fn main() {
///     let twice = Retry::times(2).every(Duration::from_micros(50));
///     let error = twice.run(async || Err::<(), _>("busy")).await.unwrap_err();
///     assert_eq!((error.error, error.attempts, error.why), ("busy", 2, GaveUp::Attempts));
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
#[error("{error} (attempt {attempts}; {why})")]
pub struct RetryError<E> {
    /// The error of the last attempt.
    pub error: E,
    /// The number of attempts that were made, including the first one.
    pub attempts: u32,
    /// The reason why no further attempt was made.
    pub why: GaveUp,
}

pin_project! {
    /// The future of [`Retry::run`]: makes attempts with pauses between them, and resolves to the first success or the
    /// last error.
    ///
    /// # Errors
    /// Returns a [`RetryError`] with the error of the last attempt and one of these reasons, a [`GaveUp`]:
    /// - `Permanent` if [`when`](Retrying::when) did not accept the error.
    /// - `Attempts` if all attempts of the policy have failed.
    /// - `Time` if the next pause would exceed [`Retry::within`], or the deadline of the call that is being handled.
    /// - `NoRuntime` if the future is polled outside a tokio runtime, where there is no clock to wait on.
    ///
    /// # Panics
    /// Panics if the future is polled again after completion, like any `async` block.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll makes no attempt. Dropping it later drops the attempt in progress, if
    /// there is one, and makes no further attempt.
    ///
    /// ```
    /// use ambit::retry::Retry;
    /// use std::time::Duration;
    /// #[ambit::main]
    /// async fn main() {
    ///     let mut answers = [Err("busy"), Ok(7)].into_iter();
    ///     let policy = Retry::times(3).every(Duration::from_micros(50));
    ///     let retrying = policy.run(|| std::future::ready(answers.next().unwrap()));
    ///     assert_eq!(retrying.when(|error| *error == "busy").await, Ok(7));
    /// }
    /// ```
    #[must_use = "nothing is tried until it is awaited"]
    pub struct Retrying<F, Fut, W> {
        operation: F,
        when: W,
        policy: Retry,
        schedule: Schedule,
        system: Option<Arc<SystemInner>>,
        deadline: Option<Instant>,
        #[pin]
        state: State<Fut>,
    }
}

pin_project! {
    #[project = StateProjection]
    enum State<Fut> {
        Fresh,
        Attempt { #[pin] attempt: Fut },
        Pause { clock: Clock },
        Done,
    }
}

impl Retry {
    /// Calls `operation` and awaits its future, and repeats this after an error as long as the policy allows. The first
    /// poll starts the first attempt.
    ///
    /// Inside a handler, no pause exceeds the deadline of the call that is being handled; see
    /// [`Call`](crate::Call#inside-a-handler).
    ///
    /// # Errors
    /// Like [`Retrying`].
    ///
    /// # Cancel safety
    /// Like [`Retrying`].
    ///
    /// ```
    /// # #[ambit::main]
    /// # async fn main() {
    /// use ambit::retry::Retry;
    /// use std::time::Duration;
    /// let mut tries = 0;
    /// let outcome = Retry::times(5)
    ///     .every(Duration::from_millis(1))
    ///     .run(|| {
    ///         tries += 1;
    ///         let found = if tries < 3 { Err("not yet") } else { Ok(tries) };
    ///         async move { found }
    ///     })
    ///     .await;
    /// assert_eq!(outcome, Ok(3));
    /// # }
    /// ```
    pub fn run<F, Fut, T, E>(self, operation: F) -> Retrying<F, Fut, fn(&E) -> bool>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        Retrying::new(self, operation)
    }
}

impl<F, Fut, T, E> Retrying<F, Fut, fn(&E) -> bool>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    pub(crate) fn new(policy: Retry, operation: F) -> Self {
        Self {
            operation,
            when: |_| true,
            policy,
            schedule: Schedule::new(policy),
            system: None,
            deadline: None,
            state: State::Fresh,
        }
    }
}

impl<F, Fut, W, T, E> Retrying<F, Fut, W>
where
    Fut: Future<Output = Result<T, E>>,
{
    /// Retries only after errors for which `transient` returns true; any other error ends the retry. Default: every
    /// error is retried.
    ///
    /// For calls, use [`CallError::is_transient`](crate::CallError::is_transient).
    pub fn when<V: FnMut(&E) -> bool>(self, transient: V) -> Retrying<F, Fut, V> {
        Retrying {
            operation: self.operation,
            when: transient,
            policy: self.policy,
            schedule: self.schedule,
            system: self.system,
            deadline: self.deadline,
            state: self.state,
        }
    }

    /// Uses this clock instead of the current system's.
    pub(crate) fn on_clock_of(mut self, system: Option<Arc<SystemInner>>) -> Self {
        self.system = system;
        self
    }
}

impl<F, Fut, W, T, E> Future for Retrying<F, Fut, W>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    W: FnMut(&E) -> bool,
{
    type Output = Result<T, RetryError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.state.as_mut().project() {
                StateProjection::Fresh => {
                    *this.system = this.system.take().or_else(current_system::current_or_new);
                    let system = this.system.as_ref();
                    let until = |time| Some(rt::after(system?.now(), time));
                    *this.deadline = this.policy.within.and_then(until);
                }
                StateProjection::Pause { clock } => std::task::ready!(clock.poll(cx)),
                StateProjection::Attempt { attempt } => {
                    let _within = this.deadline.map(current_request::no_longer_than);
                    let error = match std::task::ready!(attempt.poll(cx)) {
                        Ok(value) => {
                            this.state.set(State::Done);
                            return Poll::Ready(Ok(value));
                        }
                        Err(error) => error,
                    };
                    match next(this.schedule, this.system.as_ref(), (this.when)(&error)) {
                        Ok(clock) => this.state.set(State::Pause { clock }),
                        Err(why) => {
                            this.state.set(State::Done);
                            let attempts = this.schedule.attempts();
                            let error = RetryError {
                                error,
                                attempts,
                                why,
                            };
                            return Poll::Ready(Err(error));
                        }
                    }
                    continue;
                }
                StateProjection::Done => panic!("a retry was polled after it was done"),
            }
            let _within = this.deadline.map(current_request::no_longer_than);
            let attempt = (this.operation)();
            this.state.set(State::Attempt { attempt });
        }
    }
}

/// Starts the pause after a failed attempt and returns its clock, or the reason why there is none. The remaining time
/// is that of the request being handled, which now includes the deadline of the retry.
fn next(
    schedule: &mut Schedule,
    system: Option<&Arc<SystemInner>>,
    is_transient: bool,
) -> Result<Clock, GaveUp> {
    let random = system.map_or(0, |system| system.random());
    let pause = schedule.failed(current_request::left(), random);
    if !is_transient {
        return Err(GaveUp::Permanent);
    }
    let (pause, system) = (pause?, system.ok_or(GaveUp::NoRuntime)?);
    let attempt = schedule.attempts();
    tracing::debug!(attempt, ?pause, "an attempt failed, another one follows");
    Ok(Clock::start(system, pause))
}

impl<F, Fut, W> fmt::Debug for Retrying<F, Fut, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retrying")
            .field("policy", &self.policy)
            .field("failed", &self.schedule.attempts())
            .finish_non_exhaustive()
    }
}
