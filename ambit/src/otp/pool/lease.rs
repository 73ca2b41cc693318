//! A worker leased to one client.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Weak};
use std::thread;

use crate::engine::reply::ExitObserver;
use crate::exit_reason::ExitReason;
use crate::otp::pool::core::{CheckoutEnd, Ticket};
use crate::otp::pool::shared::Shared;
use crate::process::current;
use crate::process::header::{AnyProcess, ProcessRef};
use crate::process::terminating::Terminating;
use crate::server::startable::Startable;

/// A ticket, returned when this is dropped, and when the process that took it ends.
pub(super) struct Hold<C: Startable> {
    pub(super) shared: Arc<Shared<C>>,
    pub(super) ticket: Ticket,
    /// The meaning of a drop.
    pub(super) left: CheckoutEnd,
    client: Option<(Weak<dyn AnyProcess>, u64)>,
}

impl<C: Startable> Hold<C> {
    pub(super) fn new(shared: Arc<Shared<C>>, ticket: Ticket) -> Self {
        let watch = |client: ProcessRef| {
            let at_end = ClientEnd {
                shared: Arc::downgrade(&shared),
                ticket,
            };
            let key = client.core().observe(Arc::new(at_end)).ok()?;
            Some((Arc::downgrade(&client), key))
        };
        let client = current::current().and_then(watch);
        Self {
            shared,
            ticket,
            left: CheckoutEnd::Returned,
            client,
        }
    }
}

impl<C: Startable> Drop for Hold<C> {
    fn drop(&mut self) {
        let mut left = std::mem::replace(&mut self.left, CheckoutEnd::Returned);
        if left == CheckoutEnd::Returned && thread::panicking() {
            left = CheckoutEnd::Failed;
        }
        if let Some((client, key)) = self.client.take()
            && let Some(client) = client.upgrade()
        {
            if left == CheckoutEnd::Returned {
                let Some(as_client) = dropped_by(&client) else {
                    return;
                };
                left = as_client;
            }
            client.core().unobserve(key);
        }
        self.shared.leave(self.ticket, left);
    }
}

/// Returns what the drop of a lease by this client means; `None` if only its exit reason decides.
fn dropped_by(client: &ProcessRef) -> Option<CheckoutEnd> {
    let mut is_fatal = false;
    client.check_control(&mut |control| is_fatal = control.fatal.is_some());
    if is_fatal {
        return None;
    }
    if client.core().is_alive() {
        return Some(CheckoutEnd::Returned);
    }
    match client.core().terminating.get() {
        // Its `#[terminate]` returns the worker, and may use it until the process has ended.
        Terminating::Clean => Some(CheckoutEnd::Returned),
        Terminating::Failed => Some(CheckoutEnd::Failed),
        Terminating::No => None,
    }
}

/// Returns what a process still held when it ended.
struct ClientEnd<C: Startable> {
    shared: Weak<Shared<C>>,
    ticket: Ticket,
}

impl<C: Startable> ExitObserver for ClientEnd<C> {
    fn exited(&self, reason: &ExitReason) {
        if let Some(shared) = self.shared.upgrade() {
            let left = if reason.is_clean() {
                CheckoutEnd::Returned
            } else {
                CheckoutEnd::Failed
            };
            shared.leave(self.ticket, left);
        }
    }
}

/// A worker of a [`Pool`](crate::Pool) that is reserved for one client, and that dereferences to the handle to the
/// worker. Dropping the lease returns the worker to the pool at once, even in a `#[terminate]`. The worker also returns
/// when the process that checked it out ends, even if the lease has been moved to another process; the lease then no
/// longer reserves the worker.
///
/// The lease is bound to one process: if the worker ends, calls through the lease fail with `NoProcess`, and the
/// replacement of the worker goes to the next client. (poolboy: the pid of `checkout/1`.)
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
///     let printer = printers.checkout().await.unwrap();
///     assert_eq!(printer.print(1).await, Ok(1));
///     drop(printer);
///     assert_eq!(printers.status().free, 1);
/// }
/// ```
#[must_use = "the worker goes back to the pool when the lease is dropped"]
pub struct Lease<C: Startable> {
    pub(super) hold: Hold<C>,
    pub(super) worker: C::Handle,
}

impl<C: Startable> Lease<C> {
    /// Ends the worker with `reason`, which its `#[terminate]` receives; a new worker replaces it. This does not count
    /// as a restart. Use it for a worker that turned out to be broken. (NimblePool: `{:remove, reason}` from
    /// `handle_checkin`.)
    pub fn replace(mut self, reason: ExitReason) {
        self.hold.left = CheckoutEnd::Removed(reason);
    }
}

impl<C: Startable> Deref for Lease<C> {
    type Target = C::Handle;

    fn deref(&self) -> &C::Handle {
        &self.worker
    }
}

impl<C: Startable> fmt::Debug for Lease<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lease")
            .field("ticket", &self.hold.ticket.0)
            .finish_non_exhaustive()
    }
}
