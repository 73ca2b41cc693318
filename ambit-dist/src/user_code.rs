//! Calls of user code in the tasks of a node.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs code of users, for example a `Clone` or the decoding of a value. Returns `None` if it panics, and logs `what`,
/// so that a panic fails only the item at hand and not the task.
pub(crate) fn caught<T>(what: &str, run: impl FnOnce() -> T) -> Option<T> {
    let result = catch_unwind(AssertUnwindSafe(run));
    if result.is_err() {
        tracing::error!("{what} panicked");
    }
    result.ok()
}
