//! The memory use and the allocations of this process.

use std::sync::OnceLock;
use std::time::Duration;

/// The allocations of some work, minus its deallocations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocated {
    /// The number of allocations.
    pub count: u64,
    /// The change in allocated bytes; negative if more were freed.
    pub bytes: i64,
}

/// Runs a closure on this thread and returns its allocations.
pub type Measure = fn(&mut dyn FnMut()) -> Allocated;

static MEASURE: OnceLock<Measure> = OnceLock::new();

/// Sets how allocations are counted in this process.
pub(crate) fn count_with(measure: Measure) {
    let _ = MEASURE.set(measure);
}

/// Returns the allocations of `work`.
pub(crate) fn measure(mut work: impl FnMut()) -> Allocated {
    let measure = MEASURE
        .get()
        .expect("only the counting program runs this row");
    measure(&mut work)
}

/// Returns the resident bytes of this process, as reported by Linux; zero elsewhere.
pub(crate) fn resident() -> u64 {
    resident_of("self")
}

/// Returns the resident bytes of the process with this id.
pub(crate) fn resident_of(process: &str) -> u64 {
    const PAGE: u64 = 4096;
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let pages = statm.split_whitespace().nth(1);
    pages.and_then(|pages| pages.parse().ok()).unwrap_or(0) * PAGE
}

/// How long servers may take to release the memory of their start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
