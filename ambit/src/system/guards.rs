//! Guards: for the current system of a runtime, and for the registration of a listener.

use std::fmt;
use std::sync::Arc;

use crate::process::current_system;
use crate::process::system_inner::SystemInner;

/// A guard that keeps a system current, from [`System::enter`](super::System::enter). Dropping it makes the previously
/// current system current again.
///
/// ```
/// use ambit::system::System;
/// let runtime = tokio::runtime::Runtime::new().unwrap();
/// let _inside = runtime.enter();
/// let (first, second) = (System::builder().build().unwrap(), System::builder().build().unwrap());
/// let _outer = first.enter();
/// let inner = second.enter();
/// assert_eq!(System::current().unwrap(), second);
/// drop(inner);
/// assert_eq!(System::current().unwrap(), first);
/// ```
#[must_use = "the system is left when the guard is dropped"]
pub struct SystemGuard {
    pub(super) system: Arc<SystemInner>,
}

impl Drop for SystemGuard {
    fn drop(&mut self) {
        current_system::leave(&self.system);
    }
}

impl fmt::Debug for SystemGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SystemGuard").finish_non_exhaustive()
    }
}

/// The registration of a listener, from [`System::on_event`](super::System::on_event) or
/// [`System::on_dead_letter`](super::System::on_dead_letter). Dropping it removes the listener.
///
/// ```
/// use ambit::prelude::*;
/// use ambit::system::System;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
/// #[ambit::main]
/// async fn main() {
///     let events = Arc::new(AtomicUsize::new(0));
///     let count = events.clone();
///     let guard = System::current().unwrap().on_event(move |_| { count.fetch_add(1, Relaxed); });
///     drop(guard);
///     ambit::spawn(|_: Inbox<u8>| async {}).closed().await;
///     assert_eq!(events.load(Relaxed), 0);
/// }
/// ```
#[must_use = "the listener is removed when the guard is dropped"]
pub struct TelemetryGuard {
    pub(super) system: Arc<SystemInner>,
    pub(super) key: u64,
}

impl Drop for TelemetryGuard {
    fn drop(&mut self) {
        self.system.telemetry.remove(self.key);
    }
}

impl fmt::Debug for TelemetryGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryGuard").finish_non_exhaustive()
    }
}
