//! One wait for a token.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::engine::ticket::{Outcome, Ticket};
use crate::otp::rate_limit::bucket::{Place, Turn};
use crate::otp::rate_limit::{Inner, RateLimiter};
use crate::process::clock::Clock;

/// The wait for a token, from [`RateLimiter::acquire`].
///
/// # Cancel safety
/// Dropping it gives the place in the line back, and takes no token.
#[must_use = "nothing is taken until it is awaited"]
pub struct Acquire {
    limiter: RateLimiter,
    state: State,
}

enum State {
    Fresh,
    Waits(Wait),
    Done,
}

/// A place in the line.
struct Wait {
    place: Place,
    /// Settled when nobody is before it any more.
    first: Arc<Ticket>,
    /// Rings when there is a token for whoever is first.
    clock: Option<Clock>,
}

impl Acquire {
    pub(super) fn new(limiter: RateLimiter) -> Self {
        Self {
            limiter,
            state: State::Fresh,
        }
    }
}

impl Future for Acquire {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        let inner = &this.limiter.inner;
        loop {
            match &mut this.state {
                State::Done => return Poll::Ready(()),
                State::Fresh => {
                    let now = inner.clock.now();
                    let mut bucket = inner.bucket.lock();
                    this.state = if bucket.take(now) {
                        State::Done
                    } else {
                        let first = Arc::<Ticket>::default();
                        State::Waits(Wait {
                            place: bucket.join(first.clone()),
                            first,
                            clock: None,
                        })
                    };
                }
                State::Waits(wait) => {
                    std::task::ready!(wait.poll(inner, cx));
                    this.state = State::Done;
                }
            }
        }
    }
}

impl Wait {
    fn poll(&mut self, inner: &Inner, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            if let Some(clock) = &self.clock {
                std::task::ready!(clock.poll(cx));
            }
            let now = inner.clock.now();
            let turn = inner.bucket.lock().ask(now, self.place);
            match turn {
                Turn::Taken(next) => {
                    tell(next);
                    return Poll::Ready(());
                }
                Turn::Later => drop(std::task::ready!(self.first.poll(cx))),
                Turn::In(time) => match inner.clock.world() {
                    Some(world) => self.clock = Some(Clock::start(&world, time)),
                    None => {
                        cx.waker().wake_by_ref();
                        return Poll::Pending;
                    }
                },
            }
        }
    }
}

/// Somebody is the first in the line now, and looks at the clock.
fn tell(first: Option<Arc<Ticket>>) {
    if let Some(first) = first {
        first.settle(Outcome::Admitted);
    }
}

impl Drop for Acquire {
    fn drop(&mut self) {
        if let State::Waits(wait) = &self.state {
            let first = self.limiter.inner.bucket.lock().leave(wait.place);
            tell(first);
        }
    }
}

impl fmt::Debug for Acquire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Acquire")
            .field("done", &matches!(self.state, State::Done))
            .finish_non_exhaustive()
    }
}

pin_project! {
    /// Something that is done when there is a token for it, from [`RateLimiter::limit`].
    ///
    /// # Cancel safety
    /// Dropped while it waits, nothing was done and no token is taken; dropped later, that of what it does.
    #[must_use = "nothing is done until it is awaited"]
    pub struct Limited<F> {
        acquire: Acquire,
        #[pin]
        what: F,
    }
}

impl<F> Limited<F> {
    pub(super) fn new(acquire: Acquire, what: F) -> Self {
        Self { acquire, what }
    }
}

impl<F: Future> Future for Limited<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        std::task::ready!(Pin::new(this.acquire).poll(cx));
        this.what.poll(cx)
    }
}

impl<F> fmt::Debug for Limited<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limited")
            .field("acquire", &self.acquire)
            .finish_non_exhaustive()
    }
}
