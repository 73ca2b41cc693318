//! Guards: for the current system of a runtime, and for the registration of a listener.

use std::fmt;
use std::sync::Arc;

use crate::process::current_system;
use crate::process::system_inner::SystemInner;

/// A guard that keeps a system current, from [`System::enter`](super::System::enter). Dropping it makes the previously
/// current system current again.
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
