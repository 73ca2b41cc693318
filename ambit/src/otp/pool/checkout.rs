//! Waiting for a worker.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use crate::handle::blocking;
use crate::handle::call_request::DEFAULT_TIMEOUT;
use crate::otp::pool::Pool;
use crate::otp::pool::core::CheckoutEnd;
use crate::otp::pool::error::CheckoutError;
use crate::otp::pool::lease::{Hold, Lease};
use crate::process::clock::Clock;
use crate::rt::{self, FAR};
use crate::server::startable::Startable;

/// The future of [`Pool::checkout`]: requests a worker on the first poll, and returns it as a [`Lease`]. Requests are
/// served in FIFO order.
///
/// A checkout waits up to 5 s by default, from the first poll.
///
/// # Errors
/// - `NoProcess` if the pool does not exist.
/// - `Full` if the checkout would have to wait for another client, and either [`now`](Self::now) is set or the maximum
///   number of clients is already waiting.
/// - `Timeout` if no worker was free in time. The request is withdrawn.
/// - `Exited` if the pool ended while the checkout waited.
///
/// # Cancel safety
/// Dropping the future before the first poll requests nothing. Dropping it later withdraws the request; a worker that
/// was already granted to the request goes to the next client.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::pool::{CheckoutError, Pool};
/// use std::time::Duration;
/// #[derive(Clone)]
/// struct Printer;
/// #[gen_server]
/// impl Printer {}
/// #[ambit::main]
/// async fn main() {
///     let printers = Pool::builder(Printer::child_spec(|| Printer)).size(1).start().await.unwrap();
///     let _mine = printers.checkout().await.unwrap();
///     let late = printers.checkout().timeout(Duration::from_millis(1)).await;
///     assert_eq!(late.err(), Some(CheckoutError::Timeout));
///     assert_eq!(printers.checkout().now().await.err(), Some(CheckoutError::Full));
/// }
/// ```
#[must_use = "a checkout does nothing until it is awaited"]
pub struct Checkout<C: Startable> {
    pool: Pool<C>,
    timeout: Duration,
    is_patient: bool,
    hold: Option<Hold<C>>,
    late: Option<Clock>,
}

impl<C: Startable> Pool<C> {
    /// Reserves a worker for the caller, until the [`Lease`](crate::Lease) is dropped or the calling process ends.
    /// (poolboy: `checkout/1`.)
    pub fn checkout(&self) -> Checkout<C> {
        Checkout::new(self.clone())
    }

    /// Reserves a worker, runs `job` with its handle, and returns the result of the job. The worker returns to the pool
    /// when the job is done. If the job panics, or is dropped before it is done, the pool's `on_client_failure` policy
    /// applies to the worker. An `Err` that the job returns is a result, not a failure. (poolboy: `transaction/2`.)
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::pool::Pool;
    /// #[derive(Clone)]
    /// struct Printer;
    /// #[gen_server]
    /// impl Printer { #[call] fn print(&self, page: u8) -> u8 { page } }
    /// #[ambit::main]
    /// async fn main() {
    ///     let printers = Pool::builder(Printer::child_spec(|| Printer)).size(1).start().await.unwrap();
    ///     let printed = printers.with(async |printer| printer.print(7).await).await;
    ///     assert_eq!(printed, Ok(Ok(7)));
    /// }
    /// ```
    ///
    /// # Errors
    /// The errors of a [`Checkout`], which waits up to 5 s. After an error the job has not run.
    ///
    /// # Panics
    /// Panics if the job panics.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll requests nothing. Dropping it while it waits for a worker withdraws
    /// the checkout. Dropping it while the job runs counts as a failure of the client.
    pub async fn with<F, Fut>(&self, job: F) -> Result<Fut::Output, CheckoutError>
    where
        F: FnOnce(C::Handle) -> Fut,
        Fut: Future,
    {
        self.checkout().with(job).await
    }
}

impl<C: Startable> Unpin for Checkout<C> {}

impl<C: Startable> Checkout<C> {
    pub(super) fn new(pool: Pool<C>) -> Self {
        Self {
            pool,
            timeout: DEFAULT_TIMEOUT,
            is_patient: true,
            hold: None,
            late: None,
        }
    }

    /// Sets how long to wait for a worker, from the first poll; 5 s by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Waits for a worker without a time limit.
    pub fn no_timeout(self) -> Self {
        self.timeout(FAR)
    }

    /// Fails with `Full` instead of waiting for another client to return a worker, or for a backoff. The checkout still
    /// waits for a worker that becomes free without a client, such as one that is starting, running a hook, or replacing
    /// one that is ending. (poolboy: `checkout(Pool, false)`.)
    pub fn now(mut self) -> Self {
        self.is_patient = false;
        self
    }

    /// Blocks the current thread until the checkout is done, for synchronous code.
    ///
    /// # Errors
    /// - The errors of an awaited `Checkout`.
    /// - `BlocksRuntime` on a thread that drives a runtime. Nothing was requested.
    pub fn blocking(self) -> Result<Lease<C>, CheckoutError> {
        blocking::wait(self).unwrap_or(Err(CheckoutError::BlocksRuntime))
    }

    /// Reserves a worker with the settings of this checkout and runs `job` with it, like [`Pool::with`].
    ///
    /// # Errors
    /// The errors of an awaited `Checkout`. After an error the job has not run.
    ///
    /// # Cancel safety
    /// Dropping the future before the first poll requests nothing. Dropping it while it waits for a worker withdraws
    /// the checkout. Dropping it while the job runs counts as a failure of the client.
    ///
    /// # Panics
    /// Panics if the job panics.
    pub async fn with<F, Fut>(self, job: F) -> Result<Fut::Output, CheckoutError>
    where
        F: FnOnce(C::Handle) -> Fut,
        Fut: Future,
    {
        let mut lease = self.await?;
        // A job that is cancelled before its end has failed.
        lease.hold.left = CheckoutEnd::Failed;
        let output = job(lease.worker.clone()).await;
        lease.hold.left = CheckoutEnd::Returned;
        Ok(output)
    }
}

impl<C: Startable> Future for Checkout<C> {
    type Output = Result<Lease<C>, CheckoutError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let hold = match &this.hold {
            Some(hold) => hold,
            None => {
                // A checkout spends coop budget like a call: a loop of checkouts lets other tasks run.
                ready!(rt::poll_proceed(cx)).made_progress();
                let shared = this.pool.shared().ok_or(CheckoutError::NoProcess)?;
                let ticket = shared.checkout(this.is_patient)?;
                this.hold.insert(Hold::new(shared, ticket))
            }
        };
        if let Poll::Ready(worker) = hold.shared.poll_worker(hold.ticket, cx) {
            this.late = None;
            let hold = this.hold.take();
            let lease = worker.map(|worker| hold.map(|hold| Lease { hold, worker }));
            return Poll::Ready(lease.and_then(|lease| lease.ok_or(CheckoutError::NoProcess)));
        }
        let system = hold.shared.system();
        let late = this
            .late
            .get_or_insert_with(|| Clock::start(system, this.timeout));
        ready!(late.poll(cx));
        (this.hold, this.late) = (None, None);
        Poll::Ready(Err(CheckoutError::Timeout))
    }
}

impl<C: Startable> fmt::Debug for Checkout<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Checkout")
            .field("pool", &self.pool)
            .field("timeout", &self.timeout)
            .field("is_patient", &self.is_patient)
            .finish_non_exhaustive()
    }
}
