//! The single exit path of a process, for every cause of its end.
//!
//! (1) The mailbox closes, and the pending handler is dropped. (2) Terminate runs, if due. (3) The state is dropped: up
//! to here this is the process's own code. The rest is done here: the queue is drained, (4) timers and tasks are
//! stopped, (5) names are released. A crash is reported. (6) Links, monitors and callers are notified, once each. (7)
//! The pid leaves the table. A receiver of (6) may rely on all earlier steps.
//!
//! All of this is done in batches, because there may be very many messages, timers, names or receivers: between two
//! batches the task of the process yields. The futures that wait for the end (`closed`, calls) come last, so a caller
//! that sees the end through one of them knows that every link and monitor has its notice. Without a task, the drop of
//! the exit does the rest.

use std::sync::atomic::{Ordering, fence};

use tracing::level_filters::LevelFilter;

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::pid::Pid;
use crate::process::crash::{CrashReport, REPORTED};
use crate::process::dead_letter::{Content, Undelivered};
use crate::process::exit_notices::ExitNotices;
use crate::process::header::{AnyProcess, ProcessHeader, ProcessRef, RemainingQueue, Stage};
use crate::process::node_signal::Signal;
use crate::process::relation::{CleanUp, OnExit};
use crate::process::route;
use crate::process::stderr;
use crate::process::telemetry::Event;
use crate::process::wait_scope;

/// The number of parts of an exit in one batch: messages, timers, names, notices. Then the task of the process yields.
pub(crate) const BATCH: usize = 512;

/// An exit whose process has stopped running.
#[must_use = "dropped, it does everything at once"]
pub(crate) struct ExitInProgress {
    process: ProcessRef,
    reason: ExitReason,
    phase: ExitPhase,
}

enum ExitPhase {
    /// The queue is drained.
    Queue(Option<Box<dyn RemainingQueue>>),
    /// Timers, tasks and names are released; the hook has more to release.
    CleanUp(Option<OnExit>),
    Notices(ExitNotices),
    /// The process is gone.
    Over,
}

/// Ends a process whose future has already been dropped.
pub(crate) fn finish(process: &ProcessRef, reason: ExitReason) {
    process.close();
    drop(begin(process, reason));
}

/// Begins the exit of a process whose mailbox is closed, with the drain of its queue.
pub(crate) fn begin(process: &ProcessRef, reason: ExitReason) -> ExitInProgress {
    let phase = match process.clone().drain() {
        None => ExitPhase::CleanUp(None),
        queue => ExitPhase::Queue(queue),
    };
    ExitInProgress {
        process: process.clone(),
        reason,
        phase,
    }
}

/// Releases `count` values of a process that is ending: now if they are one batch, otherwise as a part of its exit,
/// after its queue, its timers and tasks, and earlier hooks. `release` releases up to as many as its argument allows,
/// and returns their number.
pub(crate) fn release(
    core: &ProcessHeader,
    count: usize,
    mut release: impl FnMut(usize) -> usize + Send + 'static,
) {
    if count <= BATCH {
        release(BATCH);
        return;
    }
    let hook: OnExit = Box::new(move |_, limit| release(limit));
    let added = core.relations.lock().on_exit(hook);
    if let Err(mut release_now) = added {
        release_now(core.pid, usize::MAX);
    }
}

/// Runs one step of an exit; the later steps follow even if it panics.
fn step(pid: Pid, step: impl FnOnce()) {
    if let Err(report) = panics::catch(step) {
        tracing::error!(%pid, %report, "a step of an exit panicked; the exit goes on");
    }
}

impl ExitInProgress {
    /// Does the next parts of the exit, about `limit` of them; returns true if none is left, and the process is gone.
    pub(crate) fn go_on(&mut self, limit: usize) -> bool {
        let pid = self.process.core().pid;
        let mut left = limit;
        while left > 0 && !self.is_over() {
            // Drops, hooks and wakers are user code, and may panic.
            step(pid, || {
                while left > 0 && !self.is_over() {
                    left -= 1;
                    left = left.saturating_sub(self.next(left));
                }
            });
        }
        self.is_over()
    }

    fn is_over(&self) -> bool {
        matches!(self.phase, ExitPhase::Over)
    }

    /// Does one part, or several if a hook releases up to `limit` entries; returns their number.
    #[inline]
    fn next(&mut self, limit: usize) -> usize {
        match &mut self.phase {
            ExitPhase::Queue(rest) => {
                if !rest.as_mut().is_some_and(|rest| rest.drop_next()) {
                    self.phase = ExitPhase::CleanUp(None);
                }
                0
            }
            ExitPhase::CleanUp(hook) => match hook.take() {
                Some(hook) => self.run_hook(hook, limit),
                None => self.clean_up_next(limit),
            },
            ExitPhase::Notices(notices) => {
                let core = self.process.core();
                if !notices.send_next(core, &self.reason) {
                    self.phase = ExitPhase::Over;
                    core.system.table.release(core.pid);
                }
                0
            }
            ExitPhase::Over => 0,
        }
    }

    /// Stops the next timer or task, or runs the next hook.
    #[inline]
    fn clean_up_next(&mut self, limit: usize) -> usize {
        let next = self.process.core().relations.lock().next_clean_up();
        match next {
            // It drops the timer's message or the task's future, which are user values.
            Some(CleanUp::Timer(timer)) => timer.cancel(),
            Some(CleanUp::Task(task)) => task.end(),
            Some(CleanUp::Hook(hook)) => return self.run_hook(hook, limit),
            None => self.end_relations(),
        }
        0
    }

    fn run_hook(&mut self, mut hook: OnExit, limit: usize) -> usize {
        let limit = limit.clamp(1, BATCH);
        let released = hook(self.process.core().pid, limit);
        if released >= limit {
            self.phase = ExitPhase::CleanUp(Some(hook));
        }
        released
    }

    /// Marks the process as ended, and reports a crash; then its notices are sent.
    fn end_relations(&mut self) {
        let process = &self.process;
        let core = process.core();
        // Only an init can decline its start.
        let ignored = self.reason.is_ignore() && !core.has_started();
        if ignored {
            self.reason = ExitReason::Normal;
        }
        let reason = &self.reason;
        let closed = close_relations(process, reason, ignored);
        self.phase = ExitPhase::Notices(closed.notices);
        if !reason.is_clean() && closed.started && !core.is_main() {
            step(core.pid, || report(process, reason, closed.links));
        }
        if !closed.discarded {
            core.system.telemetry.emit(&Event::Exited {
                pid: core.pid,
                type_name: core.type_name(),
                reason,
            });
        }
        core.advance(Stage::Gone);
        // A check that began before sees the stage, or is seen here.
        fence(Ordering::SeqCst);
        wait_scope::end_checks(core);
    }

    /// Returns the process that ends.
    pub(crate) fn process(&self) -> &ProcessRef {
        &self.process
    }
}

impl Drop for ExitInProgress {
    #[inline]
    fn drop(&mut self) {
        if !self.is_over() {
            self.go_on(usize::MAX);
        }
    }
}

/// The relations of a process that ends.
struct ClosedRelations {
    notices: ExitNotices,
    /// Its init was done.
    started: bool,
    /// Its start failed before it ran.
    discarded: bool,
    /// Its links, for a report.
    links: Vec<Pid>,
}

/// Takes the receivers of the notices out of the relations: links and monitors that are added from now on get
/// `NoProcess`.
fn close_relations(process: &ProcessRef, reason: &ExitReason, ignored: bool) -> ClosedRelations {
    let core = process.core();
    let (closed, orphaned_by, held) = {
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
            links.iter().take(REPORTED).collect()
        };
        // Both hold processes: a retained mailbox its own, even when nothing was queued, and a supervisor its children.
        let rare = relations.rare();
        let rare = rare.map(|rare| (rare.kept.take(), rare.introspection.take()));
        let (kept, introspection) = rare.unwrap_or_default();
        let held = (relations.take_starter(), kept, introspection);
        let closed = ClosedRelations {
            notices: ExitNotices::take(&mut relations, links),
            started,
            discarded: relations.discarded,
            links: for_report,
        };
        (closed, orphaned_by, held)
    };
    if held.0.is_some() || held.1.is_some() || held.2.is_some() {
        step(core.pid, || drop(held));
    }
    if let Some(parent) = orphaned_by {
        let signal = Signal::Unlink { from: core.pid };
        drop(route::send(&core.system, parent, signal));
    }
    closed
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
                std::mem::take(&mut rare.names)
                    .into_values()
                    .take(REPORTED)
                    .collect(),
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

#[cfg(test)]
mod tests;
