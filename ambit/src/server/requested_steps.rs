//! The steps that handlers have requested: a stop, a continuation, an idle timeout. The server's loop takes them.

use crate::exit_reason::ExitReason;
use crate::panics;
use crate::pid::Pid;
use crate::process::exit_path;
use crate::process::header::ProcessHeader;
use crate::rt::Instant;
use crate::server::gen_server::{Context, GenServer, IdleTimeout};
use crate::signal::{Down, Exit};

impl<S: GenServer> Context<S> {
    /// Returns true if it needs no action when the queue is empty.
    pub(crate) fn is_plain(&self) -> bool {
        self.rare.is_none()
    }

    /// Returns true if a handler has requested a stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.stop.is_some())
    }

    pub(crate) fn take_stop(&mut self) -> Option<ExitReason> {
        self.rare.as_mut()?.stop.take()
    }

    pub(crate) fn has_next(&mut self) -> bool {
        let rare = self.rare.as_mut();
        rare.is_some_and(|rare| rare.next.get_mut().is_some())
    }

    pub(crate) fn take_next(&mut self) -> Option<S::Continue> {
        self.rare.as_mut()?.next.get_mut().take()
    }

    /// Starts the idle timeout that the last handler has set, if it has.
    pub(crate) fn begin_idle(&mut self) {
        if let Some(rare) = &mut self.rare
            && let Some(after) = rare.idle_after.take()
        {
            rare.idle_at = Some(self.cell.core.system.after(after));
        }
    }

    /// Returns the deadline of the idle timeout, if one is set.
    pub(crate) fn idle_at(&self) -> Option<Instant> {
        self.rare.as_ref()?.idle_at
    }

    pub(crate) fn end_idle(&mut self) {
        if let Some(rare) = &mut self.rare {
            rare.idle_at = None;
        }
    }

    pub(crate) fn on_idle(&self) -> Option<fn(IdleTimeout) -> S::Info> {
        self.rare.as_ref()?.on_idle
    }

    pub(crate) fn on_down(&self) -> Option<fn(Down) -> S::Info> {
        self.rare.as_ref()?.on_down
    }

    pub(crate) fn on_exit(&self) -> Option<fn(Exit) -> S::Info> {
        self.rare.as_ref()?.on_exit
    }
}

/// Sends the answers that waited for terminate.
pub(crate) fn send_held<S: GenServer>(ctx: &mut Context<S>) {
    if let Some(rare) = &mut ctx.rare {
        let held = std::mem::take(rare.held.get_mut());
        send_answers(held, &ctx.cell().core);
    }
}

fn send_answers(answers: Vec<Box<dyn FnOnce() + Send>>, core: &ProcessHeader) {
    let (mut answers, pid) = (answers.into_iter(), core.pid);
    exit_path::release(core, answers.len(), move |limit| {
        let next = answers.by_ref().take(limit);
        next.map(|answer| send_answer(answer, pid)).count()
    });
}

fn send_answer(answer: impl FnOnce(), pid: Pid) {
    if let Err(report) = panics::catch(answer) {
        tracing::error!(%pid, %report, "an answer panicked");
    }
}
