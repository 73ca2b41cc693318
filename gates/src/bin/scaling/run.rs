//! Runs a case: in a process of a new system, on one thread, with a clock that only moves when nothing else can.

use std::time::Duration;

use ambit::System;
use ambit::prelude::*;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::case::Case;

/// The function between whose beginning and end instructions are counted.
pub(crate) const COUNTED: &str = "scaling::run::counted";

/// After so much virtual time in which nothing else could happen, nothing ever will.
const NEVER: Duration = Duration::from_secs(365 * 86_400);

/// Runs each case with a small set, so that what is made once is there, and then once per size.
///
/// # Errors
/// A case that panicked, or did not come to its end.
pub(crate) fn all(cases: &[Case], sizes: &[usize]) -> Result<(), String> {
    for case in cases {
        once(case, case.n / 8 + 1)?;
        for size in sizes {
            once(case, case.n * size)?;
        }
    }
    Ok(())
}

/// What a case gets: the inbox of its process, and when to begin.
pub(crate) struct Run {
    pub(crate) inbox: Inbox<()>,
    begins: Option<Sender<()>>,
    goes: Option<Receiver<()>>,
    ends: Option<Sender<()>>,
    leaves: Option<Receiver<()>>,
}

impl Run {
    /// Ends the preparations: what follows is counted.
    pub(crate) async fn begin(&mut self) {
        answer(&mut self.begins, &mut self.goes).await;
    }

    /// Ends what is counted. What the case still holds is dropped after it.
    pub(crate) async fn end(&mut self) {
        answer(&mut self.ends, &mut self.leaves).await;
    }
}

/// Tells that a stage is complete, and waits for the next.
async fn answer(complete: &mut Option<Sender<()>>, next: &mut Option<Receiver<()>>) {
    let (Some(complete), Some(next)) = (complete.take(), next.take()) else {
        panic!("each stage of a case comes once");
    };
    complete.send(()).expect("the run waits for the case");
    next.await.expect("the run goes on");
}

/// Runs a case with `n` operations.
fn once(case: &Case, n: usize) -> Result<(), String> {
    let mut builder = Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build();
    let runtime = runtime.map_err(|error| format!("no runtime: {error}"))?;
    let inside = runtime.enter();
    let built = System::builder().quiet_panics(true).build();
    let system = built.map_err(|error| format!("no system: {error}"))?;
    let current = system.enter();

    let (begins, began) = oneshot::channel();
    let (go, goes) = oneshot::channel();
    let (ends, ended) = oneshot::channel();
    let (leave, leaves) = oneshot::channel();
    let body = case.body;
    let process = ambit::spawn(move |inbox: Inbox<()>| {
        let run = Run {
            inbox,
            begins: Some(begins),
            goes: Some(goes),
            ends: Some(ends),
            leaves: Some(leaves),
        };
        body(run, n)
    });
    let closed = process.closed();
    let is_complete = matches!(runtime.block_on(in_time(began)), Some(Ok(())))
        && counted(&runtime, go, ended)
        && leave.send(()).is_ok();
    let reason = runtime.block_on(in_time(closed));
    drop((current, inside));
    if is_complete && reason == Some(ExitReason::Normal) {
        return Ok(());
    }
    let reason = reason.map_or_else(
        || "nothing more can happen".into(),
        |reason| reason.to_string(),
    );
    Err(format!("{} with {n}: {reason}", case.name))
}

/// Lets the case do what is counted: [`COUNTED`] is this function. There is no closure in it, because valgrind would take the
/// closure's name for this one.
#[inline(never)]
fn counted(runtime: &Runtime, go: Sender<()>, ended: Receiver<()>) -> bool {
    go.send(()).is_ok() && matches!(runtime.block_on(in_time(ended)), Some(Ok(())))
}

async fn in_time<T>(what: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(NEVER, what).await.ok()
}
