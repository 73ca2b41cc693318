//! The single exit path of a process, for every cause of its end.
//!
//! (1) The mailbox closes, and the pending handler is dropped. (2) Terminate runs, if due. (3) The state is dropped: up
//! to here this is the process's own code. The rest is done here: the queue is drained, (4) timers and tasks are
//! stopped, (5) names are released. A crash is reported. (6) Links, monitors and callers are notified, once each. (7)
//! The pid leaves the table. A receiver of (6) may rely on all earlier steps.
//!
//! (6) is sent in batches, because there may be very many receivers: between two batches the task of the process
//! yields. The futures that wait for the end (`closed`, calls) come last, so a caller that sees the end through one of
//! them knows that every link and monitor has its notice. Without a task, the drop of the exit sends the rest.

use tracing::level_filters::LevelFilter;

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::pid::Pid;
use crate::process::crash::CrashReport;
use crate::process::dead_letter::{Content, Undelivered};
use crate::process::exit_hook;
use crate::process::exit_notices::ExitNotices;
use crate::process::header::{AnyProcess, ProcessRef, Stage};
use crate::process::node_signal::Signal;
use crate::process::route;
use crate::process::stderr;
use crate::process::telemetry::Event;

/// An exit whose notices are being sent.
#[must_use = "dropped, it sends every notice at once"]
pub(crate) struct ExitInProgress {
    process: ProcessRef,
    reason: ExitReason,
    notices: ExitNotices,
    is_done: bool,
}

/// Ends a process whose future has already been dropped.
pub(crate) fn finish(process: &ProcessRef, reason: ExitReason) {
    drop(begin(process, reason));
}

/// Like `finish`, up to the notices.
pub(crate) fn begin(process: &ProcessRef, mut reason: ExitReason) -> ExitInProgress {
    let core = process.core();
    let pid = core.pid;
    process.close();
    step(pid, || process.drain());
    step(pid, || clean_up(&**process));
    // Only an init can decline its start.
    let ignored = reason.is_ignore() && !core.has_started();
    if ignored {
        reason = ExitReason::Normal;
    }
    let (notices, started, links) = close_relations(process, &reason, ignored);
    if !reason.is_clean() && started && !core.is_main() {
        step(pid, || report(process, &reason, links));
    }
    core.system.telemetry.emit(&Event::Exited {
        pid,
        type_name: core.type_name(),
        reason: &reason,
    });
    core.advance(Stage::Gone);
    ExitInProgress {
        process: process.clone(),
        reason,
        notices,
        is_done: false,
    }
}

/// Runs one step of an exit; the later steps follow even if it panics.
fn step(pid: Pid, step: impl FnOnce()) {
    if let Err(report) = panics::catch(step) {
        tracing::error!(%pid, %report, "a step of an exit panicked; the exit goes on");
    }
}

impl ExitInProgress {
    /// Sends up to `limit` notices; returns true if none is left, and the process is gone.
    pub(crate) fn send(&mut self, mut limit: usize) -> bool {
        let core = self.process.core();
        let mut is_done = self.is_done;
        while limit > 0 && !is_done {
            // A receiver's waker is user code, and may panic.
            step(core.pid, || {
                while limit > 0 && !is_done {
                    limit -= 1;
                    is_done = !self.notices.send_next(core, &self.reason);
                }
            });
        }
        if is_done && !self.is_done {
            core.system.table.release(core.pid);
        }
        self.is_done = is_done;
        is_done
    }

    /// Returns the process that ends.
    pub(crate) fn process(&self) -> &ProcessRef {
        &self.process
    }
}

impl Drop for ExitInProgress {
    fn drop(&mut self) {
        self.send(usize::MAX);
    }
}

/// Stops timers and tasks, then releases names.
fn clean_up(process: &dyn AnyProcess) {
    let Some(held) = process.core().relations.lock().clean_up() else {
        return;
    };
    for timer in held.timers.into_values() {
        // It drops the timer's message, which is a user value.
        if let Err(report) = panics::catch(|| timer.cancel()) {
            tracing::error!(pid = %process.core().pid, %report, "the drop of a timer's message panicked");
        }
    }
    for task in held.tasks.into_values() {
        task.abort();
    }
    exit_hook::run(held.hooks, process.core().pid);
}

/// Takes the receivers of the notices out of the relations: links and monitors that are added from now on get
/// `NoProcess`. Also returns whether the process had started, and its links for a report.
fn close_relations(
    process: &ProcessRef,
    reason: &ExitReason,
    ignored: bool,
) -> (ExitNotices, bool, Vec<Pid>) {
    let core = process.core();
    let (notices, started, links, orphaned_by, held) = {
        let mut relations = core.relations.lock();
        relations.ignored |= ignored;
        relations.die(reason.clone());
        let started = core.has_started();
        let mut links = relations.take_links();
        // A server that failed in its init answers its starter, which needs neither a signal nor a report.
        let parent = relations.parent().filter(|_| !started);
        let orphaned_by = parent.filter(|parent| links.remove(parent));
        let for_report = if reason.is_clean() {
            Vec::new()
        } else {
            links.iter().collect()
        };
        // A retained mailbox also holds the process, even when nothing was queued.
        let kept = relations.rare().and_then(|rare| rare.kept.take());
        let held = (relations.take_starter(), kept);
        let notices = ExitNotices::take(&mut relations, links);
        (notices, started, for_report, orphaned_by, held)
    };
    if held.0.is_some() || held.1.is_some() {
        step(core.pid, || drop(held));
    }
    if let Some(parent) = orphaned_by {
        let signal = Signal::Unlink { from: core.pid };
        drop(route::send(&core.system, parent, signal));
    }
    (notices, started, links)
}

fn report(process: &ProcessRef, reason: &ExitReason, links: Vec<Pid>) {
    let core = process.core();
    let is_printed =
        !core.system.settings.quiet_panics && LevelFilter::current() >= LevelFilter::ERROR;
    let (names, methods, crashed_method, arguments, crashed_in, label) = {
        let mut relations = core.relations.lock();
        let label = relations.label().map(str::to_owned);
        match relations.rare() {
            Some(rare) if rare.is_reported => return,
            Some(rare) if rare.put_down && *reason == ExitReason::Killed => return,
            Some(rare) => (
                std::mem::take(&mut rare.names).into_values().collect(),
                std::mem::take(&mut rare.methods),
                rare.crashed_method,
                rare.arguments.take(),
                rare.crashed_in,
                label,
            ),
            None => (Vec::new(), Vec::new(), false, None, None, label),
        }
    };
    let report = CrashReport {
        pid: core.pid,
        type_name: core.type_name(),
        names,
        label,
        reason: reason.clone(),
        crashed_method: methods.first().copied().filter(|_| crashed_method),
        methods,
        arguments,
        ancestors: ancestors(&**process),
        links,
    };
    if is_printed {
        tracing::error!(pid = %core.pid, type_name = core.type_name(), %reason,
            ancestors = ?report.ancestors, links = ?report.links, "{report}");
    }
    stderr::write(&core.system.settings, &report);
    core.system.crashes.keep(&report, core.system.age());
    core.system.telemetry.emit(&Event::Crashed(&report));
    if let Some(kind) = crashed_in {
        core.dead_letter(kind, Undelivered::Crashed, Content::new(report));
    }
}

/// The maximum number of reported ancestors.
pub(crate) const GENERATIONS: usize = 16;

/// Returns the process that started it, the starter of that one, and so on, as far as they are still alive.
pub(crate) fn ancestors(process: &dyn AnyProcess) -> Vec<Pid> {
    let mut all = Vec::new();
    let mut next = process.core().ancestor;
    while next != Pid::NOBODY && all.len() < GENERATIONS {
        all.push(next);
        next = route::find(next).map_or(Pid::NOBODY, |process| process.core().ancestor);
    }
    all
}
