//! A circuit breaker: stops asking what does not answer, and asks again after a while.
//!
//! What it decides is in `core`; this file counts the calls that go through it, on the clock of its system.

mod core;
mod guarded;

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use thiserror::Error;

use crate::names::outbox::Outbox;
use crate::otp::breaker::core::{Change, Core, Epoch, Outcome, Policy, Refused};
use crate::process::clock::HomeClock;
use crate::process::panics;

pub use crate::otp::breaker::core::BreakerState;
pub use crate::otp::breaker::guarded::Guarded;

/// Lets calls through while they succeed, and refuses them at once for a while after too many have failed.
/// (Erlang: the library `fuse`.)
///
/// *Closed*, it lets everything through and counts failures. After too many it *opens*: calls are refused without being
/// made. When it has been open for some time it is *half open*: a few calls are let through as probes. If they all
/// succeed it closes, and with the first one that fails it opens again.
///
/// Cloning gives another handle on the same breaker; it can be used anywhere, inside processes and outside.
///
/// ```
/// use ambit::{BreakerError, BreakerState, CircuitBreaker};
/// use std::time::Duration;
/// # #[ambit::main]
/// # async fn main() {
/// let breaker = CircuitBreaker::builder("mail")
///     .failures(2)
///     .open_for(Duration::from_secs(30))
///     .build();
/// let send = async || Err::<(), _>("no route");
/// assert_eq!(breaker.call(send).await, Err(BreakerError::Failed("no route")));
/// assert_eq!(breaker.call(send).await, Err(BreakerError::Failed("no route")));
/// assert_eq!(breaker.state(), BreakerState::Open);
/// assert!(matches!(breaker.call(send).await, Err(BreakerError::Open { .. })));
/// # }
/// ```
#[derive(Clone)]
pub struct CircuitBreaker {
    inner: Arc<Inner>,
}

struct Inner {
    name: String,
    core: Mutex<Core>,
    /// Changes of state, queued under the lock of the core so that listeners see them in order.
    changes: Outbox<Change>,
    clock: HomeClock,
    on_change: Option<OnChange>,
}

type OnChange = Box<dyn Fn(BreakerState, BreakerState) + Send + Sync>;

/// Makes a [`CircuitBreaker`].
#[must_use = "a builder builds nothing by itself"]
pub struct CircuitBreakerBuilder {
    name: String,
    policy: Policy,
    on_change: Option<OnChange>,
}

/// Why a call through a [`CircuitBreaker`] has no result.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BreakerError<E> {
    /// The breaker is open: too many calls have failed. Not executed; retry when `left` is over.
    #[error("the circuit breaker is open for another {left:?}: retry then")]
    Open {
        /// How long it stays open.
        left: Duration,
    },
    /// The breaker is half open, and its probes are under way. Not executed; retry when one of them has ended.
    #[error("the circuit breaker is half open and waits for its probes: retry when one has ended")]
    Probing,
    /// The call was made and failed; the error says the rest.
    #[error("{0}")]
    Failed(E),
}

impl CircuitBreaker {
    /// A breaker of this name, which appears in the `tracing` events of its changes.
    pub fn builder(name: impl Into<String>) -> CircuitBreakerBuilder {
        CircuitBreakerBuilder {
            name: name.into(),
            policy: Policy {
                failures: 5,
                within: None,
                open_for: Duration::from_secs(30),
                probes: 1,
            },
            on_change: None,
        }
    }

    /// Makes a call with `operation`, unless the breaker refuses it. An `Err` counts as a failure, unless
    /// [`counting`](Guarded::counting) says otherwise, and so does a panic.
    ///
    /// A probe that never ends keeps the breaker half open: give the call a deadline, as ambit's have by themselves.
    ///
    /// # Errors
    /// [`BreakerError`].
    ///
    /// # Cancel safety
    /// Dropped before it is done, the call counts neither as a success nor as a failure.
    pub fn call<F, Fut, T, E>(&self, operation: F) -> Guarded<F, Fut, fn(&E) -> bool>
    where
        F: FnOnce() -> Fut,
        Fut: Future<Output = Result<T, E>>,
    {
        Guarded::new(self.clone(), operation)
    }

    /// What it is now.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        let now = self.inner.clock.now();
        self.inner.core.lock().state(now)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Opens it by hand, for the whole time from now. (Erlang: `fuse:circuit_disable/1`, with an end.)
    pub fn open(&self) {
        self.change(|core, now| ((), core.open(now)));
    }

    /// Closes it by hand, and forgets all failures. (Erlang: `fuse:reset/1`.)
    pub fn close(&self) {
        self.change(|core, _| ((), core.close()));
    }

    /// Lets a call through, or not.
    fn enter(&self) -> Result<Entered, Refused> {
        let epoch = self.change(Core::ask)?;
        let breaker = self.clone();
        let outcome = Outcome::Unknown;
        Ok(Entered {
            breaker,
            epoch,
            outcome,
        })
    }

    fn change<T>(&self, how: impl FnOnce(&mut Core, Duration) -> (T, Option<Change>)) -> T {
        let now = self.inner.clock.now();
        let (result, has_changed) = {
            let mut core = self.inner.core.lock();
            let (result, change) = how(&mut core, now);
            self.inner.changes.add(change);
            (result, change.is_some())
        };
        if has_changed {
            self.inner.changes.tell(|change| self.tell(change));
        }
        result
    }

    /// Runs the listener, which is user code, without the lock. Its panic is logged and does not end the call.
    fn tell(&self, (from, to): Change) {
        let name = self.name();
        let told = panics::catch(|| {
            match to {
                BreakerState::Open => tracing::warn!(name, ?from, "a circuit breaker has opened"),
                _ => tracing::info!(name, ?from, ?to, "a circuit breaker has changed"),
            }
            if let Some(on_change) = &self.inner.on_change {
                on_change(from, to);
            }
        });
        if let Err(report) = told {
            tracing::error!(name, %report, "`on_change` of a circuit breaker panicked");
        }
    }
}

impl CircuitBreakerBuilder {
    /// After how many failures it opens, at least one: one after the other, or, with [`within`](Self::within), in a time.
    /// Default: 5.
    pub fn failures(mut self, failures: u32) -> Self {
        self.policy.failures = failures.max(1);
        self
    }

    /// Counts the failures of the last `time`, whatever succeeds between them: a sliding window. Default: failures one
    /// after the other, where each success begins a new count.
    pub fn within(mut self, time: Duration) -> Self {
        self.policy.within = Some(time);
        self
    }

    /// How long it stays open. Default: 30 s.
    pub fn open_for(mut self, time: Duration) -> Self {
        self.policy.open_for = time;
        self
    }

    /// How many probes must succeed to close it again, and so how many are let through at the same time; at least one.
    /// Default: 1.
    pub fn probes(mut self, probes: u32) -> Self {
        self.policy.probes = probes.max(1);
        self
    }

    /// Calls `listener` with the old and the new state at each change, in the task that causes it: one change after the
    /// other, each beginning where the one before ended. Half open is a change when the first probe is let through. A
    /// panic of `listener` is logged, and changes nothing for the call that caused it.
    pub fn on_change(
        mut self,
        listener: impl Fn(BreakerState, BreakerState) + Send + Sync + 'static,
    ) -> Self {
        self.on_change = Some(Box::new(listener));
        self
    }

    /// The breaker, closed. Its clock is that of the current system.
    #[must_use]
    pub fn build(self) -> CircuitBreaker {
        let inner = Inner {
            name: self.name,
            core: Mutex::new(Core::new(self.policy)),
            changes: Outbox::default(),
            clock: HomeClock::new(),
            on_change: self.on_change,
        };
        CircuitBreaker {
            inner: Arc::new(inner),
        }
    }
}

/// A call that was let through. Its drop says what became of it.
struct Entered {
    breaker: CircuitBreaker,
    epoch: Epoch,
    outcome: Outcome,
}

impl Drop for Entered {
    fn drop(&mut self) {
        let (epoch, outcome) = (self.epoch, self.outcome);
        self.breaker
            .change(|core, now| ((), core.done(now, epoch, outcome)));
    }
}

impl fmt::Debug for CircuitBreaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreaker")
            .field("name", &self.name())
            .field("state", &self.state())
            .finish()
    }
}

impl fmt::Debug for CircuitBreakerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CircuitBreakerBuilder")
            .field("name", &self.name)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
