//! The one way a process ends, whatever ended it.
//!
//! (1) Nothing is accepted any more, and the pending handler is dropped. (2) Terminate runs, if due. (3) The state is
//! dropped: so far this is the process's own code. Then here: what was queued goes, (4) timers and tasks, (5) names.
//! (6) Links, monitors and callers are told, once each. (7) The pid leaves the table. Whoever sees (6) may rely on
//! everything before it.

use std::collections::BTreeMap;

use tracing::level_filters::LevelFilter;

use crate::exit_reason::ExitReason;
use crate::pid::Pid;
use crate::process::core::{Proc, ProcRef, Stage};
use crate::process::crash::CrashReport;
use crate::process::dead_letter::{Content, Undelivered};
use crate::process::few::Few;
use crate::process::panics;
use crate::process::relation::Monitored;
use crate::process::route::{self, Signal};
use crate::process::signal::Cause;
use crate::process::telemetry::Event;
use crate::signal::MonitorRef;

/// Ends a process whose body has already been dropped.
pub(crate) fn finish(process: &ProcRef, mut reason: ExitReason) {
    let core = process.core();
    process.close();
    process.drain();
    clean_up(process);
    let ignored = reason.is_ignore();
    if ignored {
        reason = ExitReason::Normal;
    }
    let told = Told::take(process, &reason, ignored);
    if !reason.is_clean() && told.started && !core.is_main() {
        report(process, &reason, &told);
    }
    core.world.telemetry.emit(&Event::Exited {
        pid: core.pid,
        type_name: core.type_name,
        reason: &reason,
    });
    core.advance(Stage::Gone);
    told.tell(process, &reason);
    core.world.table.release(core.pid);
}

/// Stops timers and tasks, then gives names back.
fn clean_up(process: &ProcRef) {
    let (timers, tasks, hooks) = {
        let mut relations = process.core().relations.lock();
        relations.cleaned = true;
        let Some(rare) = relations.rare() else { return };
        (
            std::mem::take(&mut rare.timers),
            std::mem::take(&mut rare.tasks),
            std::mem::take(&mut rare.on_exit),
        )
    };
    for timer in timers.into_values() {
        // It drops the timer's message, which is the user's.
        if let Err(report) = panics::catch(|| timer.cancel()) {
            tracing::error!(pid = %process.core().pid, %report, "the drop of a timer's message panicked");
        }
    }
    for task in tasks.into_values() {
        task.abort();
    }
    let pid = process.core().pid;
    for hook in hooks {
        if let Err(report) = panics::catch(|| hook(pid)) {
            tracing::error!(%pid, %report, "a clean-up panicked while a process ended");
        }
    }
}

/// Whom the end of a process concerns.
#[derive(Default)]
struct Told {
    /// A server that never got through its init answers its starter, who needs neither a signal nor a report.
    started: bool,
    links: Few<Pid>,
    watchers: Few<(Pid, MonitorRef)>,
    monitors: BTreeMap<MonitorRef, Monitored>,
}

impl Told {
    /// From here on nobody is added: links and monitors get `NoProcess`.
    fn take(process: &ProcRef, reason: &ExitReason, ignored: bool) -> Self {
        let core = process.core();
        let (mut told, parent, starter) = {
            let mut relations = core.relations.lock();
            relations.ignored |= ignored;
            relations.die(reason.clone());
            let mut told = Self {
                started: relations.started,
                links: relations.take_links(),
                ..Self::default()
            };
            if let Some(rare) = relations.rare() {
                told.watchers = rare.watchers.take();
                told.monitors = std::mem::take(&mut rare.monitors);
            }
            (told, relations.parent(), relations.take_starter())
        };
        drop(starter);
        if let (false, Some(parent)) = (told.started, parent)
            && told.links.remove(&parent)
        {
            drop(route::send(
                &core.world,
                parent,
                Signal::Unlink { from: core.pid },
            ));
        }
        told
    }

    fn tell(self, process: &ProcRef, reason: &ExitReason) {
        let core = process.core();
        let own = core.pid;
        for peer in self.links {
            let reason = reason.clone();
            let signal = Signal::Exit {
                from: own,
                reason,
                cause: Cause::Link,
            };
            drop(route::send(&core.world, peer, signal));
        }
        for (watcher, monitor) in self.watchers {
            let signal = Signal::Down {
                from: own,
                monitor,
                reason: reason.clone(),
            };
            drop(route::send(&core.world, watcher, signal));
        }
        for (monitor, monitored) in self.monitors {
            let signal = Signal::Demonitor { from: own, monitor };
            drop(route::send(&core.world, monitored.pid, signal));
        }
        let observers = core.relations.lock().take_observers();
        for observer in observers {
            observer.exited(reason);
        }
    }
}

fn report(process: &ProcRef, reason: &ExitReason, told: &Told) {
    let core = process.core();
    let is_printed =
        !core.world.settings.quiet_panics && LevelFilter::current() >= LevelFilter::ERROR;
    let (names, methods, arguments, crashed_in, label) = {
        let mut relations = core.relations.lock();
        let label = relations.label().map(str::to_owned);
        match relations.rare() {
            Some(rare) if rare.put_down && *reason == ExitReason::Killed => return,
            Some(rare) => (
                std::mem::take(&mut rare.names).into_values().collect(),
                std::mem::take(&mut rare.methods),
                rare.arguments.take(),
                rare.crashed_in,
                label,
            ),
            None => (Vec::new(), Vec::new(), None, None, label),
        }
    };
    let report = CrashReport {
        pid: core.pid,
        type_name: core.type_name,
        names,
        label,
        reason: reason.clone(),
        methods,
        arguments,
        ancestors: ancestors(&**process),
        links: told.links.iter().collect(),
    };
    if is_printed {
        tracing::error!(pid = %core.pid, type_name = core.type_name, %reason,
            ancestors = ?report.ancestors, links = ?report.links, "{report}");
    }
    core.world.crashes.keep(&report, core.world.age());
    core.world.telemetry.emit(&Event::Crashed(&report));
    if let Some(kind) = crashed_in {
        core.bury(kind, Undelivered::Crashed, Content::new(report));
    }
}

/// Who started it, who started that one, and so on, as far as they still live.
pub(crate) fn ancestors(process: &dyn Proc) -> Vec<Pid> {
    let mut all = Vec::new();
    let mut next = process.core().ancestor;
    while next != Pid::NOBODY && all.len() < 16 {
        all.push(next);
        next = route::find(next).map_or(Pid::NOBODY, |process| process.core().ancestor);
    }
    all
}
