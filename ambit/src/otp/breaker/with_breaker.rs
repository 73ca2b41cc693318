//! One call through a circuit breaker.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::otp::breaker::core::{Outcome, Refused};
use crate::otp::breaker::{AdmittedCall, BreakerError, CircuitBreaker};
use crate::rt;

pin_project! {
    /// The future of [`CircuitBreaker::call`]. The first poll requests admission from the breaker.
    ///
    /// # Errors
    /// - `Open` if the breaker is open. The operation was not run.
    /// - `Probing` if the breaker is half open and waits for the outcome of its probes. The operation was not run.
    /// - `Failed` if the operation was run and returned an error.
    ///
    /// # Panics
    /// Panics if the operation panics, or if the future is polled again after completion.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll runs nothing. Dropping it later drops the operation, which then counts
    /// neither as a success nor as a failure. A dropped probe frees its place for another probe.
    ///
    /// ```
    /// use ambit::breaker::{BreakerState, CircuitBreaker};
    /// #[ambit::main]
    /// async fn main() {
    ///     let breaker = CircuitBreaker::builder("shop").failures(1).build();
    ///     let call = breaker.call(async || Err::<(), _>("sold out"));
    ///     call.counting(|error| *error != "sold out").await.unwrap_err();
    ///     assert_eq!(breaker.state(), BreakerState::Closed, "the shop has answered");
    /// }
    /// ```
    #[must_use = "a call does nothing until it is awaited"]
    pub struct WithBreaker<F, Fut, W> {
        breaker: CircuitBreaker,
        operation: Option<F>,
        counts: W,
        // Dropped before the place of the call becomes free.
        #[pin]
        running: Option<Fut>,
        entered: Option<AdmittedCall>,
    }
}

impl CircuitBreaker {
    /// Runs `operation`, unless the breaker rejects the call. An `Err` and a panic count as failures;
    /// [`counting`](WithBreaker::counting) can exempt errors. The outcome is ignored if the state of the breaker has
    /// changed since the call was let through.
    ///
    /// A probe that never ends keeps the breaker half open, so give `operation` a deadline. Calls to ambit servers have
    /// one by default.
    ///
    /// # Errors
    /// The errors of [`WithBreaker`].
    ///
    /// # Cancel safety
    /// The same as for [`WithBreaker`].
    pub fn call<F, Fut, T, E>(&self, operation: F) -> WithBreaker<F, Fut, fn(&E) -> bool>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        WithBreaker::new(self.clone(), operation)
    }
}

impl<F, Fut, T, E> WithBreaker<F, Fut, fn(&E) -> bool>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
{
    pub(super) fn new(breaker: CircuitBreaker, operation: F) -> Self {
        Self {
            breaker,
            operation: Some(operation),
            counts: |_| true,
            entered: None,
            running: None,
        }
    }
}

impl<F, Fut, W, T, E> WithBreaker<F, Fut, W>
where
    Fut: Future<Output = Result<T, E>>,
{
    /// Counts an error as a failure only if `counts` returns true for it. Other errors count as successes, because the
    /// service has replied. By default all errors count as failures. A panic in `counts` counts as a failure.
    pub fn counting<V: FnMut(&E) -> bool>(self, counts: V) -> WithBreaker<F, Fut, V> {
        WithBreaker {
            breaker: self.breaker,
            operation: self.operation,
            counts,
            entered: self.entered,
            running: self.running,
        }
    }
}

impl<F, Fut, W, T, E> Future for WithBreaker<F, Fut, W>
where
    F: FnOnce() -> Fut,
    Fut: Future<Output = Result<T, E>>,
    W: FnMut(&E) -> bool,
{
    type Output = Result<T, BreakerError<E>>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        if this.operation.is_some() {
            // A loop of rejected calls lets other tasks run.
            std::task::ready!(rt::poll_proceed(cx)).made_progress();
        }
        if let Some(operation) = this.operation.take() {
            match this.breaker.enter() {
                Ok(entered) => *this.entered = Some(entered),
                Err(Refused::Open(left)) => return Poll::Ready(Err(BreakerError::Open { left })),
                Err(Refused::Probing) => return Poll::Ready(Err(BreakerError::Probing)),
            }
            let running = ended_by_panic(this.entered, operation);
            this.running.set(Some(running));
        }
        let Some(running) = this.running.as_mut().as_pin_mut() else {
            panic!("a call through a circuit breaker was polled after it was done");
        };
        let result = std::task::ready!(ended_by_panic(this.entered, || running.poll(cx)));
        let counts = this.counts;
        let outcome = match &result {
            Err(error) if ended_by_panic(this.entered, || counts(error)) => Outcome::Failure,
            _ => Outcome::Success,
        };
        // Resources of the call are dropped before its completion is visible.
        ended_by_panic(this.entered, || this.running.set(None));
        if let Some(mut entered) = this.entered.take() {
            entered.outcome = outcome;
        }
        Poll::Ready(result.map_err(BreakerError::Failed))
    }
}

/// Runs user code; if it panics, the call counts as failed.
fn ended_by_panic<T>(entered: &mut Option<AdmittedCall>, what: impl FnOnce() -> T) -> T {
    let unless_done = UnlessDone(entered);
    let value = what();
    std::mem::forget(unless_done);
    value
}

struct UnlessDone<'a>(&'a mut Option<AdmittedCall>);

impl Drop for UnlessDone<'_> {
    fn drop(&mut self) {
        if let Some(mut entered) = self.0.take() {
            entered.outcome = Outcome::Failure;
        }
    }
}

impl<F, Fut, W> fmt::Debug for WithBreaker<F, Fut, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WithBreaker")
            .field("breaker", &self.breaker)
            .finish_non_exhaustive()
    }
}
