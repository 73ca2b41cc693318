//! The builder of pools.

use std::fmt;
use std::future::Future;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use crate::otp::pool::Pool;
use crate::otp::pool::core::Rules;
use crate::otp::pool::hooks::{Hooks, look};
use crate::otp::pool::policy::{CheckoutOrder, ClientFailure, Route, check_size};
use crate::server::glue::IntoFlow;
use crate::server::start::Start;
use crate::server::startable::Startable;
use crate::supervisor::core::{Flags, check_window};
use crate::supervisor::spec::ChildSpec;

/// The whole configuration of a pool.
pub(super) struct Config<C: Startable> {
    pub(super) spec: Arc<ChildSpec<C>>,
    pub(super) rules: Rules,
    pub(super) route: Route,
    pub(super) hooks: Hooks<C>,
}

impl<C: Startable> Clone for Config<C> {
    fn clone(&self) -> Self {
        Self {
            spec: self.spec.clone(),
            rules: self.rules.clone(),
            route: self.route,
            hooks: self.hooks.clone(),
        }
    }
}

impl<C: Startable> Config<C> {
    /// Finds errors in the configuration before anything is started.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.rules.size == 0 {
            return Err("a pool needs at least one worker: `.size(n)`".into());
        }
        check_size(self.rules.size)?;
        check_window(self.rules.within)?;
        if self.spec.is_once() {
            return Err("a pool starts its worker more than once: use `ChildSpec::from_fn`".into());
        }
        if self.spec.kept().is_some() {
            return Err(
                "a pool does not keep the mailboxes of its workers: leave out `.keep_mailbox()`"
                    .into(),
            );
        }
        let no_pause = self.hooks.ping.is_some() && self.rules.ping_after.is_zero();
        if no_pause || self.hooks.ping.is_some() && self.rules.max_pings == 0 {
            return Err("pings need a pause between them, and at least one per cycle".into());
        }
        self.spec.check()
    }
}

/// A builder for a [`Pool`], from [`Pool::builder`].
///
/// A hook is an async closure that takes the handle to a worker and returns `()`, a [`Flow`](crate::Flow) or a
/// `Result<(), E>`. `Flow::Stop(reason)`, an error or a panic ends the worker with that reason, and a new worker
/// replaces it. Each hook runs in its own task, so a slow hook delays only its worker.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::{CheckoutOrder, ClientFailure};
/// use std::time::Duration;
/// #[derive(Clone)]
/// struct Line;
/// #[gen_server]
/// impl Line { #[call] fn ping(&self) {} }
/// #[ambit::main]
/// async fn main() {
///     let lines = Pool::builder(Line::child_spec(|| Line))
///         .size(2)
///         .max_overflow(1)
///         .max_waiting(100)
///         .hand_out(CheckoutOrder::Fifo)
///         .on_client_failure(ClientFailure::Replace)
///         .on_checkout(async |line| line.ping().await)
///         .on_ping(Duration::from_secs(30), async |line| line.ping().await)
///         .start()
///         .await
///         .unwrap();
///     assert!(lines.checkout().await.is_ok());
/// }
/// ```
#[must_use = "a builder starts nothing by itself"]
pub struct PoolBuilder<C: Startable> {
    config: Config<C>,
}

impl<C: Startable> Clone for PoolBuilder<C> {
    fn clone(&self) -> Self {
        Self {
            config: self.config.clone(),
        }
    }
}

impl<C: Startable> Pool<C> {
    /// Returns a builder for a pool whose workers are started by `spec`. By default the pool has one worker per
    /// available CPU, and routes round robin. The pool gives each worker its own id; use `.name(..)` in the spec only
    /// for a pool of one worker.
    pub fn builder(spec: ChildSpec<C>) -> PoolBuilder<C> {
        PoolBuilder::new(spec)
    }
}

impl<C: Startable> PoolBuilder<C> {
    pub(super) fn new(spec: ChildSpec<C>) -> Self {
        let flags = Flags::default();
        let rules = Rules {
            size: std::thread::available_parallelism().map_or(1, NonZero::get),
            max_overflow: 0,
            max_waiting: usize::MAX,
            hand_out: CheckoutOrder::default(),
            is_lazy: false,
            on_failure: ClientFailure::default(),
            restarts: flags.restarts,
            within: flags.within,
            backoff: spec.own_rules().backoff.map(|backoff| *backoff),
            has_checkout: false,
            has_checkin: false,
            ping_after: Duration::ZERO,
            max_pings: usize::MAX,
        };
        Self {
            config: Config {
                spec: Arc::new(spec),
                rules,
                route: Route::default(),
                hooks: Hooks::default(),
            },
        }
    }

    /// Sets the number of workers, from 1 to 1,048,576; by default one per available CPU.
    pub fn size(mut self, workers: usize) -> Self {
        self.config.rules.size = workers;
        self
    }

    /// Sets how many overflow workers the pool may start, in addition to its size, for clients that would otherwise
    /// wait; 0 by default. An overflow worker ends when a worker is returned and no client waits. While the backoff delays
    /// the start of a worker, no overflow worker starts. (poolboy: `max_overflow`.)
    pub fn max_overflow(mut self, workers: usize) -> Self {
        self.config.rules.max_overflow = workers;
        self
    }

    /// Sets how many clients may wait for another client to return a worker; further checkouts fail with `Full`. No
    /// limit by default. With 0, no checkout waits for other clients.
    pub fn max_waiting(mut self, clients: usize) -> Self {
        self.config.rules.max_waiting = clients;
        self
    }

    /// Sets how [`Pool::worker`] chooses a worker; round robin by default.
    pub fn route(mut self, route: Route) -> Self {
        self.config.route = route;
        self
    }

    /// Sets the order in which free workers are handed out; by default the most recently returned worker is next
    /// ([`CheckoutOrder::Lifo`]).
    pub fn hand_out(mut self, order: CheckoutOrder) -> Self {
        self.config.rules.hand_out = order;
        self
    }

    /// Makes the pool start its workers in the order of their slots, as far as they are needed, and keep them from then
    /// on; a handle to one slot starts the slots before it too. By default the start of the pool completes when all
    /// workers are running, and fails if one of them does not start. (NimblePool: `lazy: true`.)
    pub fn lazy(mut self) -> Self {
        self.config.rules.is_lazy = true;
        self
    }

    /// Sets the policy for a worker whose client has failed; by default ([`ClientFailure::Return`]) the worker returns
    /// to the pool.
    pub fn on_client_failure(mut self, policy: ClientFailure) -> Self {
        self.config.rules.on_failure = policy;
        self
    }

    /// Allows up to `restarts` restarts of all workers together within a sliding window of `within`; one more, and the
    /// pool ends with `ShutdownWith`, like a supervisor. Default: 3 restarts in 5 s.
    ///
    /// Three events count as a restart: a worker has ended by itself and is replaced, the start of a worker has failed
    /// and is retried, or a hook has ended a worker with an abnormal reason. A worker that a hook ended with a clean
    /// reason counts only if no client has used it and it was up for less than `within`; a hook that rejects every new
    /// worker therefore ends the pool. The `restart` of the spec is ignored: every worker that ends is replaced. The
    /// `backoff` of the spec delays each replacement that counts.
    pub fn restarts(mut self, restarts: u32, within: Duration) -> Self {
        (self.config.rules.restarts, self.config.rules.within) = (restarts, within);
        self
    }

    /// Sets a hook that checks a worker before a client gets it; none by default. If the hook ends the worker, the
    /// client gets another one. The time that the hook takes counts towards the timeout of the checkout. (NimblePool:
    /// `handle_checkout`.)
    pub fn on_checkout<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(C::Handle) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoFlow> + Send + 'static,
    {
        self.config.rules.has_checkout = true;
        self.config.hooks.checkout = Some(look::<C, _, _>(hook));
        self
    }

    /// Sets a hook that runs each time a worker returns to the pool, before the next client gets it; none by default.
    /// It also runs after a client has failed, unless [`on_client_failure`](Self::on_client_failure) replaces the
    /// worker. (NimblePool: `handle_checkin`.)
    pub fn on_checkin<F, Fut>(mut self, hook: F) -> Self
    where
        F: Fn(C::Handle) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoFlow> + Send + 'static,
    {
        self.config.rules.has_checkin = true;
        self.config.hooks.checkin = Some(look::<C, _, _>(hook));
        self
    }

    /// Sets a hook, the ping, that runs every `period` on the workers that have been free and not pinged for that long;
    /// none by default. A ping does not change the hand-out order. A client that needs a worker during a ping gets
    /// another free worker, or waits until the ping is done. (NimblePool: `handle_ping`.)
    pub fn on_ping<F, Fut>(mut self, period: Duration, hook: F) -> Self
    where
        F: Fn(C::Handle) -> Fut + Send + Sync + 'static,
        Fut: Future<Output: IntoFlow> + Send + 'static,
    {
        self.config.rules.ping_after = period;
        self.config.hooks.ping = Some(look::<C, _, _>(hook));
        self
    }

    /// Sets how many workers are pinged in each period, longest idle first; by default all that are due.
    pub fn max_pings(mut self, workers: usize) -> Self {
        self.config.rules.max_pings = workers;
        self
    }

    /// Starts the pool, and its workers one after the other. A lazy pool starts no workers yet.
    ///
    /// # Errors
    /// - `BadSpec` if the size is 0 or above 1,048,576; if the window of [`restarts`](Self::restarts) is zero or
    ///   infinite; if the ping period or, with a ping, `max_pings` is 0; or if the spec can be started only once, keeps
    ///   its mailbox, or has a mailbox of 0 slots.
    /// - `Init` if a worker does not start. The workers started before it are stopped.
    /// - The errors of every [`Start`], such as `AlreadyRegistered` if the name is taken.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll starts nothing. Dropping it before the start is done kills the pool
    /// and the workers that were started.
    pub fn start(self) -> Start<Pool<C>> {
        Start::new(self)
    }

    /// Returns a child spec that starts this pool.
    pub fn child_spec(self) -> ChildSpec<Pool<C>> {
        ChildSpec::from_fn(move || self.clone().start())
    }

    pub(super) fn into_config(self) -> Config<C> {
        self.config
    }
}

impl<C: Startable> fmt::Debug for PoolBuilder<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PoolBuilder")
            .field("spec", &self.config.spec)
            .field("size", &self.config.rules.size)
            .field("route", &self.config.route)
            .finish_non_exhaustive()
    }
}
