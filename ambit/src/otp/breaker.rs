//! A circuit breaker: rejects calls to a failing service, and tries it again after a while.
//!
//! The decisions are in `core`; this file counts the calls that pass the breaker, on the clock of its system.

mod core;
pub(crate) mod with_breaker;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use thiserror::Error;

use crate::names::outbox::Outbox;
use crate::otp::breaker::core::{Change, Core, Epoch, Outcome, Policy, Refused};
use crate::panics;
use crate::process::clock::HomeClock;

pub use crate::otp::breaker::core::BreakerState;

/// A circuit breaker: lets calls through while they succeed, and rejects them for a while after too many failures.
/// (Erlang: the library `fuse`.)
///
/// A *closed* breaker lets all calls through and counts failures. Too many failures *open* it: calls are then rejected
/// without being made, for 30 s by default. After that time the breaker is *half open* and lets a few calls through as
/// probes. If all probes succeed, the breaker closes; the first probe that fails opens it again.
///
/// Clones share the same breaker. A breaker can be used inside and outside processes.
///
/// ```
/// use ambit::breaker::{BreakerError, BreakerState, CircuitBreaker};
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

/// A builder for a [`CircuitBreaker`], from [`CircuitBreaker::builder`].
///
/// ```
/// use ambit::breaker::{BreakerState, CircuitBreaker};
/// #[ambit::main]
/// async fn main() {
///     let (changes, seen) = std::sync::mpsc::channel();
///     let breaker = CircuitBreaker::builder("mail")
///         .failures(1)
///         .on_change(move |from, to| changes.send((from, to)).unwrap())
///         .build();
///     breaker.call(async || Err::<(), _>("no route")).await.unwrap_err();
///     assert_eq!(seen.try_recv(), Ok((BreakerState::Closed, BreakerState::Open)));
/// }
/// ```
#[must_use = "a builder builds nothing by itself"]
pub struct CircuitBreakerBuilder {
    name: String,
    policy: Policy,
    on_change: Option<OnChange>,
}

/// The error of a call through a [`CircuitBreaker`].
///
/// ```
/// use ambit::breaker::{BreakerError, CircuitBreaker};
/// #[ambit::main]
/// async fn main() {
///     let breaker = CircuitBreaker::builder("mail").build();
///     let outcome = breaker.call(async || Err::<(), _>("no route")).await;
///     assert_eq!(outcome, Err(BreakerError::Failed("no route")));
///     breaker.open();
///     let outcome = breaker.call(async || Ok::<_, &str>(())).await;
///     assert!(matches!(outcome, Err(BreakerError::Open { .. })), "the call is not made");
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BreakerError<E> {
    /// The breaker is open. The call was not made; retry after `left`.
    #[error("the circuit breaker is open for another {left:?}: retry then")]
    Open {
        /// The remaining time until the breaker becomes half open.
        left: Duration,
    },
    /// The breaker is half open and waits for the outcome of its probes. The call was not made; retry after a probe has
    /// ended.
    #[error("the circuit breaker is half open and waits for its probes: retry when one has ended")]
    Probing,
    /// The call was made and failed with this error.
    #[error("{0}")]
    Failed(E),
}

impl CircuitBreaker {
    /// Returns a builder for a breaker called `name`. The name appears in the breaker's `tracing` events. By default, 5
    /// consecutive failures open the breaker for 30 s, and one successful probe closes it.
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

    /// Returns the current state. A breaker whose open time has elapsed is half open, even before the first probe.
    #[must_use]
    pub fn state(&self) -> BreakerState {
        let now = self.inner.clock.now();
        self.inner.core.lock().state(now)
    }

    /// Returns the name of the breaker.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.name
    }

    /// Opens the breaker for the full [`open_for`](CircuitBreakerBuilder::open_for) time from now, even if it is open
    /// already. (Erlang: `fuse:circuit_disable/1`, but with a time limit.)
    pub fn open(&self) {
        self.change(|core, now| ((), core.open(now)));
    }

    /// Closes the breaker and resets its failure count. (Erlang: `fuse:reset/1`.)
    pub fn close(&self) {
        self.change(|core, _| ((), core.close()));
    }

    /// Lets a call through, or rejects it.
    fn enter(&self) -> Result<AdmittedCall, Refused> {
        let epoch = self.change(Core::ask)?;
        let breaker = self.clone();
        let outcome = Outcome::Unknown;
        Ok(AdmittedCall {
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

    /// Runs the listener, which is user code, without the lock. A panic in it is logged and does not end the call.
    fn tell(&self, (from, to): Change) {
        let name = self.name();
        let ran = panics::catch(|| {
            match to {
                BreakerState::Open => tracing::warn!(name, ?from, "a circuit breaker has opened"),
                _ => tracing::info!(name, ?from, ?to, "a circuit breaker has changed"),
            }
            if let Some(on_change) = &self.inner.on_change {
                on_change(from, to);
            }
        });
        if let Err(report) = ran {
            tracing::error!(name, %report, "`on_change` of a circuit breaker panicked");
        }
    }
}

impl CircuitBreakerBuilder {
    /// Sets the number of failures that opens the breaker: consecutive failures or, with [`within`](Self::within),
    /// failures in a time window. Default: 5; 0 counts as 1.
    pub fn failures(mut self, failures: u32) -> Self {
        self.policy.failures = failures.max(1);
        self
    }

    /// Counts the failures within a sliding window of the last `time`; successes do not reset the count. By default the
    /// breaker counts consecutive failures, and each success resets the count.
    pub fn within(mut self, time: Duration) -> Self {
        self.policy.within = Some(time);
        self
    }

    /// Sets how long the breaker stays open before it becomes half open. Default: 30 s.
    pub fn open_for(mut self, time: Duration) -> Self {
        self.policy.open_for = time;
        self
    }

    /// Sets how many probes must succeed to close the breaker. No more than this number of probes run at the same time.
    /// Default: 1; 0 counts as 1.
    pub fn probes(mut self, probes: u32) -> Self {
        self.policy.probes = probes.max(1);
        self
    }

    /// Sets a listener that is called with the old and the new state at each change. Changes are reported one at a time
    /// and in order: the old state of a change is the new state of the previous one. The listener runs on the thread of
    /// the call that causes the change, or of a concurrent call, and the causing call continues only after the listener
    /// has returned, so keep the listener short. The change to half open is reported when the first probe is let
    /// through. A panic in `listener` is logged, and does not affect the call that caused the change.
    pub fn on_change(
        mut self,
        listener: impl Fn(BreakerState, BreakerState) + Send + Sync + 'static,
    ) -> Self {
        self.on_change = Some(Box::new(listener));
        self
    }

    /// Returns the breaker in the closed state. The breaker uses the clock of the current system, even when it is used
    /// in another system later. After the end of that system, it continues on the clock of the system that uses it.
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

/// A call that was let through. Its drop records the outcome.
struct AdmittedCall {
    breaker: CircuitBreaker,
    epoch: Epoch,
    outcome: Outcome,
}

impl Drop for AdmittedCall {
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
