//! The failures in a test, and those that the test expected.

use std::collections::BTreeSet;
use std::fmt::Write;

use parking_lot::Mutex;

use crate::handle::target::Target;
use crate::pid::Pid;
use crate::process::crash::CrashReport;
use crate::process::current_system;
use crate::process::terminating::TERMINATE;

/// Stored per system.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    crashes: Vec<CrashReport>,
    envelopes: Vec<String>,
    expected: BTreeSet<Pid>,
    expected_letters: Option<usize>,
    closed: bool,
    has_failed: bool,
}

impl Ledger {
    /// Records a crash. Once the ledger is closed, only a panic in terminate counts: the processes are stopped in no
    /// order, so a handler may fail because a process that it needs has ended.
    pub(crate) fn crash(&self, report: &CrashReport) {
        let mut inner = self.inner.lock();
        let counts = !inner.closed || report.crashed_method == Some(TERMINATE);
        if counts && !inner.expected.contains(&report.pid) {
            inner.crashes.push(report.clone());
        }
    }

    pub(crate) fn envelope(&self, envelope: String) {
        let mut inner = self.inner.lock();
        if !inner.closed {
            inner.envelopes.push(envelope);
        }
    }

    /// Closes the ledger at the end of the test: failures while the rest is stopped are not recorded, except panics in
    /// terminate.
    pub(crate) fn close(&self) {
        self.inner.lock().closed = true;
    }

    /// Returns whether the test has returned an error.
    pub(crate) fn has_failed(&self) -> bool {
        self.inner.lock().has_failed
    }

    /// Returns an error with one line for each failure that was neither expected nor read.
    pub(crate) fn verdict(&self) -> Result<(), String> {
        let inner = self.inner.lock();
        let mut text = String::new();
        for report in inner
            .crashes
            .iter()
            .filter(|report| !inner.expected.contains(&report.pid))
        {
            writeln!(
                text,
                "unexpected crash: {report}; call `expect_crash` if the test expects it"
            )
            .ok();
        }
        let count = inner.envelopes.len();
        match inner.expected_letters {
            Some(expected) if expected != count => {
                writeln!(text, "expected {expected} dead letters, found {count}:").ok();
            }
            None if count > 0 => {
                writeln!(
                    text,
                    "unexpected dead letters; call `expect_dead_letters(n)` if the test expects them:"
                )
                .ok();
            }
            Some(_) | None => return if text.is_empty() { Ok(()) } else { Err(text) },
        }
        for envelope in &inner.envelopes {
            writeln!(text, "  {envelope}").ok();
        }
        Err(text)
    }
}

/// The value that a test has returned, for [`note_outcome`].
#[allow(missing_debug_implementations, reason = "never seen")]
pub struct TestValue<'a, T>(pub &'a T);

impl<T, E> TestValue<'_, Result<T, E>> {
    /// Returns whether the value is an error.
    #[must_use]
    pub fn __ambit_is_error(&self) -> bool {
        self.0.is_err()
    }
}

/// Values other than results.
pub trait NoTestResult {
    /// Returns false, where the inherent method of the same name does not apply.
    fn __ambit_is_error(&self) -> bool {
        false
    }
}

impl<T> NoTestResult for TestValue<'_, T> {}

/// Records whether the test has returned an error, which is then what it fails with.
pub fn note_outcome<T>(value: T, is_error: impl FnOnce(&T) -> bool) -> T {
    if is_error(&value) {
        ledger().inner.lock().has_failed = true;
    }
    value
}

fn ledger() -> std::sync::Arc<Ledger> {
    current_system::current()
        .map(|system| system.extension::<Ledger>())
        .unwrap_or_default()
}

/// Declares that the process `target` is expected to crash, or to have crashed: its crash does not fail the test. If
/// the process never crashes, the test does not fail either.
#[allow(
    clippy::needless_pass_by_value,
    reason = "targets are handles and references"
)]
pub fn expect_crash(target: impl Target) {
    let pid = target.__resolve().pid;
    ledger().inner.lock().expected.insert(pid);
}

/// Expects exactly `count` dead letters in the whole test; any other number fails the test. Default: 0. Counting ends
/// when the body has returned and all processes are idle, so the final stop of the processes adds none. Dead letters
/// that [`dead_letters`] has returned are not counted. A later call replaces the number. Has no effect outside
/// `#[ambit::test]` and [`run_test`](super::run_test).
///
/// ```
/// use ambit::prelude::*;
/// use ambit::test::expect_dead_letters;
/// #[ambit::test]
/// async fn an_unread_message_is_a_dead_letter() {
///     expect_dead_letters(1);
///     let idle = ambit::spawn(|_: Inbox<u8>| std::future::pending::<()>());
///     idle.send(1).await.unwrap();
///     ambit::exit(&idle, ExitReason::Kill);
///     idle.closed().await;
/// }
/// # fn main() {}
/// ```
pub fn expect_dead_letters(count: usize) {
    ledger().inner.lock().expected_letters = Some(count);
}

/// Removes and returns the recorded crashes, except those that were expected when they happened. The returned crashes
/// do not fail the test, and are not returned again.
#[must_use]
pub fn crashes() -> Vec<CrashReport> {
    std::mem::take(&mut ledger().inner.lock().crashes)
}

/// Removes and returns the recorded dead letters, as text. The returned dead letters do not fail the test, and are not
/// returned again.
#[must_use]
pub fn dead_letters() -> Vec<String> {
    std::mem::take(&mut ledger().inner.lock().envelopes)
}
