//! One wait for a token.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::otp::rate_limit::RateLimiter;
use crate::otp::rate_limit::token_queue::TokenWait;
use crate::rt;

/// The future of [`RateLimiter::acquire`]: waits for a token.
///
/// # Cancel safety
/// Dropping the future before the first poll requests nothing. Dropping it later, before it completes, leaves the
/// queue: it takes no token and does not delay other waiters.
///
/// ```
/// use ambit::rate_limit::{Rate, RateLimiter};
/// #[ambit::main]
/// async fn main() {
///     let limiter = RateLimiter::new(Rate::per_second(10_000));
///     limiter.acquire().await;
///     limiter.acquire().await;
///     assert_eq!(limiter.stats().taken, 2);
/// }
/// ```
#[must_use = "nothing is taken until it is awaited"]
pub struct Acquire {
    limiter: RateLimiter,
    wait: TokenWait,
}

impl Acquire {
    pub(super) fn new(limiter: RateLimiter) -> Self {
        Self {
            limiter,
            wait: TokenWait::default(),
        }
    }
}

impl RateLimiter {
    /// Waits for a token and takes it, without a time limit. The future joins the queue on its first poll.
    ///
    /// Outside a tokio runtime there is no timer to wake the future, so it wakes itself repeatedly.
    ///
    /// # Cancel safety
    /// The same as for [`Acquire`].
    pub fn acquire(&self) -> Acquire {
        Acquire::new(self.clone())
    }

    /// Waits for a token, then awaits `what`: a cast, a call or any other lazy future, as in
    /// `limiter.limit(counter.hit(1)).await`. The wait for the token does not count towards the deadline of a cast or
    /// call.
    ///
    /// # Cancel safety
    /// Dropping the future while it waits for the token takes no token, and drops `what` before its first poll. After
    /// that, the token is spent, and the cancel safety of `what` applies.
    pub fn limit<F: Future>(&self, what: F) -> RateLimited<F> {
        RateLimited::new(self.acquire(), what)
    }
}

impl Future for Acquire {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let Poll::Ready(coop) = rt::poll_proceed(cx) else {
            this.wait.join(&this.limiter.line);
            return Poll::Pending;
        };
        std::task::ready!(this.wait.poll(&this.limiter.line, cx));
        coop.made_progress();
        Poll::Ready(())
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        self.wait.leave(&self.limiter.line);
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("done", &self.wait.is_done())
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// The future of [`RateLimiter::limit`]: waits for a token, then runs the inner future.
    ///
    /// # Cancel safety
    /// Dropping this future while it waits for the token takes no token, and drops the inner future before its first
    /// poll. Once it has the token, the token is spent, and the cancel safety of the inner future applies.
    ///
    /// ```
    /// use ambit::rate_limit::{Rate, RateLimiter};
    /// #[ambit::main]
    /// async fn main() {
    ///     let limiter = RateLimiter::new(Rate::per_second(10_000));
    ///     let doubled = limiter.limit(async { 21 * 2 }).await;
    ///     assert_eq!((doubled, limiter.stats().taken), (42, 1));
    /// }
    /// ```
    #[must_use = "nothing is done until it is awaited"]
    pub struct RateLimited<F> {
        acquire: Acquire,
        #[pin]
        what: F,
    }
}

impl<F> RateLimited<F> {
    pub(super) fn new(acquire: Acquire, what: F) -> Self {
        Self { acquire, what }
    }
}

impl<F: Future> Future for RateLimited<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        std::task::ready!(Pin::new(this.acquire).poll(cx));
        this.what.poll(cx)
    }
}

impl<F> fmt::Debug for RateLimited<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RateLimited")
            .field("acquire", &self.acquire)
            .finish_non_exhaustive()
    }
}
