//! The settings of a system.

use crate::process::system_inner::SystemSettings;

/// A builder for a [`System`](super::System).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::system::System;
/// #[ambit::main]
/// async fn main() {
///     let system = System::builder().quiet_panics(true).remember_crashes(1).build().unwrap();
///     for _ in 0..2 {
///         let job = system.within(|| ambit::spawn(|_: Inbox<u8>| async { panic!("not printed") }));
///         job.closed().await;
///     }
///     let snapshot = system.snapshot();
///     assert_eq!((snapshot.crashed, snapshot.crashes.len()), (2, 1));
/// }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "a builder builds nothing by itself"]
pub struct SystemBuilder {
    pub(super) settings: SystemSettings,
}

impl SystemBuilder {
    /// Sets whether crashes are silent: panics of processes are not passed to the program's panic hook, and crashes are
    /// not reported as `error!` events. Listeners of [`on_event`](super::System::on_event) still receive crashes.
    /// Default: false.
    ///
    /// ```
    /// use ambit::prelude::*;
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().quiet_panics(true).build().unwrap();
    ///     let job = system.within(|| ambit::spawn(|_: Inbox<()>| async { panic!("not printed") }));
    ///     assert!(matches!(job.closed().await, ExitReason::Panic(_)));
    /// }
    /// ```
    pub fn quiet_panics(mut self, quiet: bool) -> Self {
        self.settings.quiet_panics = quiet;
        self
    }

    /// Sets whether crashes are written to standard error, one line each, while the program has no `tracing`
    /// subscriber. The same applies to failed restarts, supervisors that give up, and children that do not end. If the
    /// program has a subscriber, all of these are `tracing` events instead. Default: true, so that no crash goes
    /// unnoticed.
    ///
    /// [`#[ambit::main(stderr_reports = false)]`](crate::main) changes the setting for the system that it creates. The
    /// panic hook of the program still prints panics; [`quiet_panics`](Self::quiet_panics) silences both.
    ///
    /// ```
    /// use ambit::system::System;
    /// let runtime = tokio::runtime::Runtime::new().unwrap();
    /// let _inside = runtime.enter();
    /// let system = System::builder().stderr_reports(false).build().unwrap();
    /// let _current = system.enter();
    /// ```
    pub fn stderr_reports(mut self, write: bool) -> Self {
        self.settings.no_stderr = !write;
        self
    }

    /// Sets whether crash reports contain the arguments of the message whose handler crashed. This costs time, because
    /// the arguments are formatted before each message is handled. Default: false.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().report_arguments(true).build().unwrap();
    ///     let _inside = system.enter();
    ///     // Crashes of processes that start from here on show the arguments.
    /// }
    /// ```
    pub fn report_arguments(mut self, report: bool) -> Self {
        self.settings.report_arguments = report;
        self
    }

    /// Sets how many crashes are stored for [`inspect::snapshot`](crate::inspect::snapshot); when the limit is reached,
    /// a new crash replaces the oldest. Default: 1,000.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().remember_crashes(100).build().unwrap();
    ///     let _inside = system.enter();
    /// }
    /// ```
    pub fn remember_crashes(mut self, crashes: usize) -> Self {
        self.settings.crashes = Some(crashes);
        self
    }

    /// Sets virtual time, which does not pass during execution: the seed then decides whether callers run handlers.
    #[cfg(feature = "test")]
    pub(crate) fn virtual_time(mut self, is_virtual: bool) -> Self {
        self.settings.virtual_time = is_virtual;
        self
    }

    /// Configures the system for a simulator whose clock stands still while code runs: every random choice of the
    /// system depends only on `seed`, and none depends on measured time.
    ///
    /// ```
    /// use ambit::system::System;
    /// #[ambit::main]
    /// async fn main() {
    ///     let system = System::builder().simulated(17).build().unwrap();
    ///     let _inside = system.enter();
    /// }
    /// ```
    #[cfg(feature = "test")]
    pub fn simulated(mut self, seed: u64) -> Self {
        self.settings.virtual_time = true;
        self.settings.seed = Some(seed);
        self
    }
}
