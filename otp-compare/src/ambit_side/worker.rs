//! The workers: they are idle until they are asked to end.

use std::sync::Arc;
use std::time::Duration;

use ambit::prelude::*;
use ambit::server::{Ignore, Start};

use crate::ambit_side::run::{Next, Run, class};
use crate::script::{How, Id};
use crate::trace::Life;

/// The duration of a slow start.
pub(super) const SLOW: Duration = Duration::from_millis(240);

/// Ends at once on request.
pub(super) struct Plain;

/// Traps exits, and cleans up when it ends.
pub(super) struct Trapping {
    run: Arc<Run>,
    id: Id,
    attempt: u32,
    lingers: Duration,
}

#[gen_server]
impl Plain {
    #[init]
    async fn init(ctx: &mut Context<Self>, run: Arc<Run>, id: Id) -> Result<Self, ExitReason> {
        let attempt = born(&run, id).await?;
        run.works(id, attempt, ctx.pid(), Handle::Plain(ctx.subject()));
        run.life(id, attempt, Life::Started);
        Ok(Self)
    }

    #[cast]
    fn end(&mut self, ctx: &mut Context<Self>, how: How) {
        ctx.stop(reason(how));
    }
}

#[gen_server]
impl Trapping {
    #[init]
    async fn init(
        ctx: &mut Context<Self>,
        run: Arc<Run>,
        id: Id,
        lingers: Duration,
    ) -> Result<Self, ExitReason> {
        ctx.trap_exits(true);
        let attempt = born(&run, id).await?;
        run.works(id, attempt, ctx.pid(), Handle::Trapping(ctx.subject()));
        run.life(id, attempt, Life::Started);
        Ok(Self {
            run,
            id,
            attempt,
            lingers,
        })
    }

    #[cast]
    fn end(&mut self, ctx: &mut Context<Self>, how: How) {
        ctx.stop(reason(how));
    }

    #[info]
    fn exit(&mut self, _: Exit) {}

    #[terminate]
    async fn clean_up(&mut self, reason: &ExitReason) {
        let what = Life::Terminating(class(reason));
        self.run.life(self.id, self.attempt, what);
        if !self.lingers.is_zero() {
            tokio::time::sleep(self.lingers).await;
        }
    }
}

/// A handle of either kind of worker.
#[derive(Clone)]
pub(super) enum Handle {
    Plain(PlainSubject),
    Trapping(TrappingSubject),
}

impl Handle {
    pub(super) fn end(&self, how: How) {
        // A worker that has already ended is visible in the trace.
        match self {
            Self::Plain(worker) => drop(worker.end(how).now()),
            Self::Trapping(worker) => drop(worker.end(how).now()),
        }
    }
}

pub(super) fn plain(run: &Arc<Run>, id: Id) -> Start<Plain> {
    Plain::start(run.clone(), id)
}

pub(super) fn trapping(run: &Arc<Run>, id: Id, lingers: Duration) -> Start<Trapping> {
    Trapping::start(run.clone(), id, lingers)
}

/// Returns the number of this start, if it succeeds.
async fn born(run: &Run, id: Id) -> Result<u32, ExitReason> {
    let attempt = run.attempt(id);
    let (what, reason) = match run.outcome(id) {
        Next::Works => return Ok(attempt),
        Next::Ignores => (Life::Ignored, Ignore.into()),
        Next::Fails => (Life::Failed, ExitReason::error("nope")),
        Next::Panics => {
            run.life(id, attempt, Life::Failed);
            panic!("boom")
        }
        Next::Slow => {
            tokio::time::sleep(SLOW).await;
            (Life::Failed, ExitReason::error("nope"))
        }
    };
    run.life(id, attempt, what);
    Err(reason)
}

/// Returns the reason of an exit, or of a signal.
///
/// # Panics
/// If `how` is a panic.
pub(super) fn reason(how: How) -> ExitReason {
    match how {
        How::Normal => ExitReason::Normal,
        How::Shutdown => ExitReason::Shutdown,
        How::Detail => ExitReason::shutdown_with("because"),
        How::Error => ExitReason::error("oops"),
        How::Panic => panic!("boom"),
    }
}
