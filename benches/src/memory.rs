//! How much memory this process holds, and what it has allocated.

use std::sync::OnceLock;
use std::time::Duration;

/// What was allocated while something ran, less what was freed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Allocated {
    /// How many allocations there were.
    pub count: u64,
    /// How many bytes are held now that were not before; less than zero if more was freed.
    pub bytes: i64,
}

/// Runs something on this thread and tells what it has allocated.
pub type Measure = fn(&mut dyn FnMut()) -> Allocated;

static MEASURE: OnceLock<Measure> = OnceLock::new();

/// Says how allocations are counted in this process.
pub(crate) fn count_with(measure: Measure) {
    let _ = MEASURE.set(measure);
}

/// What `work` has allocated.
pub(crate) fn measure(mut work: impl FnMut()) -> Allocated {
    let measure = MEASURE
        .get()
        .expect("only the counting program runs this row");
    measure(&mut work)
}

/// The resident bytes of this process, as Linux tells them; zero elsewhere.
pub(crate) fn resident() -> u64 {
    resident_of("self")
}

/// The resident bytes of a process, which is meant by its id.
pub(crate) fn resident_of(process: &str) -> u64 {
    const PAGE: u64 = 4096;
    let statm = std::fs::read_to_string(format!("/proc/{process}/statm")).unwrap_or_default();
    let pages = statm.split_whitespace().nth(1);
    pages.and_then(|pages| pages.parse().ok()).unwrap_or(0) * PAGE
}

/// How long servers are given to let go of what they held for their start.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);
