//! The panic hook of the program, which records where a panic happened.

use std::panic;
use std::sync::Once;

use crate::panics::{catch_for, record};
use crate::process::current;

/// Installs the hook that records the location of a panic in a process; the previous hook still runs.
pub(crate) fn install() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if cfg!(panic = "abort") {
            tracing::error!("built with panic = \"abort\": a panic in a process ends the program");
        }
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_quiet = current::panic_settings().unwrap_or(false);
            record(info, is_quiet, &*before);
        }));
    });
}

/// Runs `what` without any panic output, and returns whether it panicked.
pub(crate) fn panics(what: impl FnOnce()) -> bool {
    install();
    catch_for(true, what).is_err()
}
