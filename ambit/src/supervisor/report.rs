//! Reports of a supervisor: one `tracing` event and one telemetry event for each decision.

use std::fmt::Display;
use std::time::Duration;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::cell::ProcessCell;
use crate::process::header::ProcessRef;
use crate::process::stderr;
use crate::process::telemetry::Event;
use crate::supervisor::admin::{Answers, SupervisorItem};
use crate::supervisor::core::{Decide, Report};
use crate::supervisor::intensity::exceeded;

/// The interval between reports of a stuck child.
pub(crate) const REMIND: Duration = Duration::from_secs(10);

pub(crate) fn publish(
    supervisor: &ProcessCell<SupervisorItem>,
    core: &dyn Decide<Answers>,
    child: &str,
    process: Option<&ProcessRef>,
    report: &Report,
) {
    let (used, max, within) = core.budget();
    let own = supervisor.core.pid;
    let is_quiet = supervisor.core.system.settings.quiet_panics;
    let write = |report: &dyn Display| stderr::write(&supervisor.core.system.settings, report);
    let emit = |event: &Event<'_>| supervisor.core.system.telemetry.emit(event);
    match report {
        Report::Restarts(reason) => {
            if !is_quiet {
                tracing::warn!(supervisor = %own, child, reason = %reason.with_causes(), used, max, ?within, "a child ended and is restarted");
            }
        }
        Report::StartFailed(error) => {
            if !is_quiet {
                tracing::warn!(supervisor = %own, child, %error, used, max, ?within, "a restart failed and is tried again");
            }
            write(&format_args!(
                "supervisor {own}: a restart of child `{child}` failed: {error}"
            ));
            emit(&Event::RestartFailed {
                supervisor: own,
                child,
                error,
            });
        }
        Report::GivesUp(reason) => {
            if !is_quiet {
                tracing::error!(supervisor = %own, child, reason = %reason.with_causes(), max, ?within, "the restart limit is exceeded: the supervisor gives up");
            }
            let why = exceeded(&format_args!("child `{child}`"), (max, within), reason);
            write(&format_args!("supervisor {own} gives up: {why}"));
            emit(&Event::GaveUp {
                supervisor: own,
                child,
                reason,
                restarts: max,
                within,
            });
        }
        Report::AutoShutdown => {
            tracing::info!(supervisor = %own, child, "a significant child has ended: the supervisor shuts down");
        }
        Report::Stuck => {
            if let Some(process) = process {
                stuck(supervisor, child, process);
            }
        }
    }
}

/// Reports that a child does not end, and marks its process for `process_info`.
fn stuck(supervisor: &ProcessCell<SupervisorItem>, child: &str, process: &ProcessRef) {
    process.core().relations.lock().make_rare().stuck = true;
    remind(supervisor, child, process);
    supervisor.core.system.telemetry.emit(&Event::Stuck {
        supervisor: supervisor.core.pid,
        child,
        pid: process.core().pid,
    });
}

/// Reports that a child does not end.
pub(crate) fn remind(supervisor: &ProcessCell<SupervisorItem>, child: &str, process: &ProcessRef) {
    let (own, pid) = (supervisor.core.pid, process.core().pid);
    stderr::write(
        &supervisor.core.system.settings,
        &format_args!(
            "supervisor {own}: child `{child}` ({pid}) was killed and does not end, because a handler of it never suspends"
        ),
    );
    tracing::error!(supervisor = %own, child, %pid, "a child is stuck: it was killed and does not end, because a handler of it never suspends");
}

/// Reports that a child runs again.
pub(crate) fn restarted(
    supervisor: &ProcessCell<SupervisorItem>,
    child: &str,
    old: Pid,
    new: Pid,
    reason: &ExitReason,
) {
    let own = supervisor.core.pid;
    tracing::debug!(supervisor = %own, child, %old, %new, "a child was restarted");
    supervisor.core.system.telemetry.emit(&Event::Restarted {
        supervisor: own,
        child,
        old,
        new,
        reason,
    });
}
