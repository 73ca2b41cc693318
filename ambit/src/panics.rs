//! Panics of user code: caught, and recorded with message and location.

use std::any::Any;
use std::cell::RefCell;
use std::mem;
use std::ops::Deref;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo};

use crate::exit_reason::PanicReport;

thread_local! {
    static LAST: RefCell<Option<RecordedPanic>> = const { RefCell::new(None) };
    static SILENT: RefCell<bool> = const { RefCell::new(false) };
}

/// A panic that the hook has seen. It may have been caught since, and another payload thrown without the hook.
struct RecordedPanic {
    text: String,
    location: Option<String>,
}

pub(crate) fn record(
    info: &PanicHookInfo<'_>,
    is_quiet: bool,
    before: &dyn Fn(&PanicHookInfo<'_>),
) {
    let last = RecordedPanic {
        text: text_of(info.payload()).to_owned(),
        location: info.location().map(ToString::to_string),
    };
    drop(LAST.try_with(|known| known.replace(Some(last))));
    let silent = SILENT.try_with(|silent| *silent.borrow()).unwrap_or(false);
    if !silent && !is_quiet {
        before(info);
    }
}

/// Runs user code and converts a panic into a report.
pub(crate) fn catch<T>(what: impl FnOnce() -> T) -> Result<T, PanicReport> {
    match panic::catch_unwind(AssertUnwindSafe(what)) {
        Ok(value) => Ok(value),
        Err(payload) => Err(caught(payload)),
    }
}

/// Like [`catch`], for code that runs seldom: its parts are compiled once, and not for each closure.
pub(crate) fn catch_dyn(what: &mut dyn FnMut()) -> Result<(), PanicReport> {
    catch(what)
}

/// Drops a user value, and returns the report of a panic in its drop.
pub(crate) fn try_drop<T>(value: T) -> Result<(), PanicReport> {
    if !mem::needs_drop::<T>() {
        return Ok(());
    }
    let mut value = Some(value);
    catch_dyn(&mut || drop(value.take()))
}

/// Returns the report of a panic, and drops its payload. Separate, so that it is compiled once and not for each
/// `catch`.
#[cold]
fn caught(payload: Box<dyn Any + Send>) -> PanicReport {
    let report = report(&*payload);
    // The payload is a user value too, and its drop may panic in turn; the payload of that panic is leaked.
    if let Err(payload) = panic::catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(payload);
    }
    report
}

/// Converts and delivers an event for another process. Its conversion is code of that process's user: a panic in it is
/// logged, loses only this event, and does not interrupt the caller. Returns `None` then.
pub(crate) fn deliver<T>(what: impl FnOnce() -> T) -> Option<T> {
    let delivered = catch(what);
    delivered.inspect_err(report_conversion).ok()
}

#[cold]
fn report_conversion(report: &PanicReport) {
    tracing::error!(%report, "the conversion of an event panicked, so the event is lost");
}

/// Drops a user value, where a panic in its drop must not interrupt the caller.
pub(crate) fn drop_quietly<T>(value: T) {
    if let Err(report) = try_drop(value) {
        report_drop(&report);
    }
}

/// Drops user values one by one: a second panic during the drop of a whole collection would abort the program.
pub(crate) fn drop_each_quietly<T>(values: impl IntoIterator<Item = T>) {
    for value in values {
        drop_quietly(value);
    }
}

/// A user value of which any code may drop the last reference: a panic in its drop does not interrupt that code.
pub(crate) struct DropQuietly<T>(Option<T>);

impl<T> DropQuietly<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(Some(value))
    }
}

impl<T> Deref for DropQuietly<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0.as_ref().expect("only its drop takes it")
    }
}

impl<T> Drop for DropQuietly<T> {
    fn drop(&mut self) {
        if let Some(value) = self.0.take() {
            drop_quietly(value);
        }
    }
}

#[cold]
fn report_drop(report: &PanicReport) {
    tracing::error!(%report, "a drop panicked");
}

/// Returns the report of a panic that was just caught on this thread.
pub(crate) fn report(payload: &(dyn Any + Send)) -> PanicReport {
    let text = text_of(payload);
    let last = LAST.try_with(RefCell::take).ok().flatten();
    // `resume_unwind` runs no hook: the location of another panic would be wrong.
    let location = last
        .filter(|last| last.text == text)
        .and_then(|last| last.location);
    PanicReport::new(text, location.as_deref())
}

fn text_of(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a value that is no text")
}

/// Like [`catch`], without any panic output if `quiet`: for code that runs for a process, but not as that process.
pub(crate) fn catch_for<T>(quiet: bool, what: impl FnOnce() -> T) -> Result<T, PanicReport> {
    let before = SILENT
        .try_with(|silent| silent.replace(quiet))
        .unwrap_or(false);
    let outcome = catch(what);
    let _ = SILENT.try_with(|silent| silent.replace(before));
    outcome
}
