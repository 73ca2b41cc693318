//! The settings of a system.

use crate::engine::in_place::InPlace;

/// The settings of a system; fixed when it is created.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct SystemSettings {
    pub(crate) quiet_panics: bool,
    /// Reports do not go to standard error, even without a subscriber.
    pub(crate) no_stderr: bool,
    pub(crate) report_arguments: bool,
    /// The number of stored crashes, if configured.
    pub(crate) crashes: Option<usize>,
    /// Overrides whether callers run handlers inline, regardless of the servers' options: for tests that run in both
    /// modes.
    pub(crate) in_place: Option<InPlace>,
    /// The clock does not advance while the system is active.
    pub(crate) virtual_time: bool,
    /// The seed of all random choices, instead of the runtime's entropy.
    pub(crate) seed: Option<u64>,
}
