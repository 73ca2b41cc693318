//! Starts and stops workers, and records their ends.

use std::time::Duration;

use super::{Manager, Member};
use crate::error::{ChildError, StartError};
use crate::exit_reason::ExitReason;
use crate::handle::child_ref::ChildRef;
use crate::handle::process::Process;
use crate::otp::pool::core::{Hook, WorkerId};
use crate::otp::pool::shared::ManagerMessage;
use crate::otp::pool::worker_factory::{BegunStart, WorkerFactory};
use crate::pid::Pid;
use crate::process::stderr;
use crate::process::telemetry::Event;
use crate::rt::FAR;
use crate::server::context::Context;
use crate::server::startable::Startable;
use crate::supervisor::child_cell::CurrentChild;
use crate::supervisor::intensity::exceeded;
use crate::supervisor::policy::Shutdown;

impl<C: Startable> Manager<C> {
    pub(super) fn prepare(
        &mut self,
        worker: WorkerId,
        replaces: Option<WorkerId>,
        delay: Duration,
        ctx: &mut Context<Self>,
    ) {
        let replaces = replaces.and_then(|old| self.ended.remove(&old));
        self.add(worker, replaces);
        if delay.is_zero() {
            self.start(worker, ctx);
        } else {
            ctx.send_after(delay, ManagerMessage::Due(worker));
        }
    }

    fn add(&mut self, worker: WorkerId, replaces: Option<(Pid, ExitReason)>) {
        let slot = CurrentChild::new(format!("{}-{}", self.spec.own_id(), worker.0).into());
        self.shared.add_slot(worker, slot.clone());
        let member = Member {
            slot,
            pid: Pid::NOBODY,
            begun: BegunStart::default(),
            replaces,
        };
        self.members.insert(worker, member);
    }

    /// Starts a worker concurrently.
    pub(super) fn start(&mut self, worker: WorkerId, ctx: &mut Context<Self>) {
        let Some(member) = self.members.get(&worker) else {
            return;
        };
        let factory = WorkerFactory::boxed(&self.spec, member.slot.id(), &member.begun);
        let started = self.workers.start_in(factory, member.slot.clone());
        ctx.spawn_task(async move { ManagerMessage::Started(worker, started.await) });
    }

    /// Starts a worker and waits for it.
    pub(super) async fn start_now(
        &mut self,
        worker: WorkerId,
        ctx: &mut Context<Self>,
    ) -> Result<(), ExitReason> {
        self.add(worker, None);
        let member = &self.members[&worker];
        let slot = member.slot.clone();
        let factory = WorkerFactory::boxed(&self.spec, slot.id(), &member.begun);
        match self.workers.start_in(factory, slot).await {
            Ok(pid) => {
                self.up(worker, pid, ctx);
                Ok(())
            }
            Err(error) => Err(ExitReason::from_user(error)),
        }
    }

    pub(super) fn up(&mut self, worker: WorkerId, pid: Pid, ctx: &mut Context<Self>) {
        let Some(member) = self.members.get_mut(&worker) else {
            return;
        };
        member.pid = pid;
        let monitor = ctx.monitor(pid);
        self.watched.insert(monitor, worker);
        let (replaces, id) = (member.replaces.take(), member.slot.id().clone());
        self.step(|core, at, out| core.up(worker, at, out));
        if let Some((old, reason)) = replaces {
            if !self.shared.system().settings.quiet_panics {
                let reason = reason.with_causes();
                tracing::warn!(pool = %ctx.pid(), worker = %id, reason, "a worker ended and was replaced");
            }
            self.emit(&Event::Restarted {
                supervisor: ctx.pid(),
                child: &id,
                old,
                new: pid,
                reason: &reason,
            });
        }
    }

    pub(super) fn not_started(&mut self, worker: WorkerId, error: ChildError, ctx: &Context<Self>) {
        let Some(member) = self.members.remove(&worker) else {
            return;
        };
        let id = member.slot.id();
        let settings = &self.shared.system().settings;
        if !settings.quiet_panics {
            tracing::warn!(pool = %ctx.pid(), worker = %id, %error, "a worker did not start");
        }
        let pid = ctx.pid();
        let report = format_args!("pool {pid}: worker `{id}` did not start: {error}");
        stderr::write(settings, &report);
        if let ChildError::Start(error) = &error {
            self.emit(&Event::RestartFailed {
                supervisor: ctx.pid(),
                child: id,
                error,
            });
        }
        let reason = match error {
            ChildError::Start(StartError::Init(reason)) => reason,
            error => ExitReason::from_user(error),
        };
        // The next attempt replaces the same predecessor.
        self.ended
            .extend(member.replaces.map(|before| (worker, before)));
        self.down(worker, &reason);
    }

    /// Handles the end of a worker, which its monitor has reported with `reason`.
    pub(super) fn gone(&mut self, worker: WorkerId, mut reason: ExitReason) {
        if let Some(member) = self.members.remove(&worker) {
            // The monitor of a worker that had already ended reports `NoProcess`.
            reason = member.reason().unwrap_or(reason);
            self.ended.insert(worker, (member.pid, reason.clone()));
        }
        self.down(worker, &reason);
    }

    fn down(&self, worker: WorkerId, reason: &ExitReason) {
        self.step(|core, at, out| core.down(worker, reason, at, out));
        // Not earlier: while the core knows the worker, a client may be given it.
        self.shared.remove_slot(worker);
    }

    /// Returns the exit reason of a pool that gives up after this last failure.
    pub(super) fn gave_up(&self, last: &ExitReason) -> ExitReason {
        ExitReason::shutdown_with(exceeded(&"a worker", self.restarts, last))
    }

    fn emit(&self, event: &Event<'_>) {
        self.shared.system().telemetry.emit(event);
    }

    /// Ends a worker: with a reason after its queued messages, within the shutdown time of its spec, and then in the
    /// way its supervisor does.
    pub(super) fn stop(
        &self,
        worker: WorkerId,
        reason: Option<ExitReason>,
        ctx: &mut Context<Self>,
    ) {
        let Some(member) = self.members.get(&worker) else {
            return;
        };
        let time = match self.shutdown {
            Shutdown::Brutal => None,
            Shutdown::After(time) => Some(time),
            Shutdown::Infinity => Some(FAR),
        };
        let in_order = member.slot.process().zip(reason).zip(time);
        let (supervisor, pid) = (self.workers.clone(), member.pid);
        ctx.spawn_task(async move {
            if let Some(((process, reason), time)) = in_order {
                let worker = Process::fixed(process);
                worker.stop_with(reason).timeout(time).await.ok();
            }
            // A worker that has ended is no longer a child.
            supervisor.terminate_child(pid).await.ok();
            ManagerMessage::Done
        });
    }

    /// Runs a hook concurrently.
    pub(super) fn look(&self, worker: WorkerId, hook: Hook, ctx: &mut Context<Self>) {
        let Some(member) = self.members.get(&worker) else {
            return;
        };
        let handle = C::__follow(ChildRef(member.slot.clone()));
        let quiet = self.shared.system().settings.quiet_panics;
        let looking = self.hooks.clone().run(hook, handle, quiet);
        ctx.spawn_task(async move { ManagerMessage::Looked(worker, hook, looking.await) });
    }
}
