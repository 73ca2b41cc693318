//! Reports of a program without a `tracing` subscriber: they go to standard error, because nothing else reads them.

use std::fmt::Display;

use tracing::dispatcher;

use crate::panics;
use crate::process::system_inner::SystemSettings;

/// Writes `report` to standard error, unless the program has a subscriber or the system is quiet.
pub(crate) fn write(settings: &SystemSettings, report: &dyn Display) {
    if settings.quiet_panics || settings.no_stderr || dispatcher::has_been_set() {
        return;
    }
    // A print panics if standard error is closed.
    panics::catch_for(true, || eprintln!("ambit: {report}")).ok();
}
