//! Reports of a thread without a `tracing` subscriber: they go to standard error, because nothing else reads them.

use std::fmt::Display;

use tracing::dispatcher;
use tracing::subscriber::NoSubscriber;

use crate::panics;
use crate::process::system_inner::SystemSettings;

/// Writes `report` to standard error, unless this thread has a subscriber or the system is quiet.
pub(crate) fn write(settings: &SystemSettings, report: &dyn Display) {
    if settings.quiet_panics || settings.no_stderr || has_subscriber() {
        return;
    }
    // A print panics if standard error is closed.
    panics::catch_for(true, || eprintln!("ambit: {report}")).ok();
}

/// Returns true if the reports of this thread have a reader. A subscriber of another thread, or of code that is over,
/// reads none of them.
fn has_subscriber() -> bool {
    !dispatcher::get_default(|dispatch| dispatch.is::<NoSubscriber>())
}
