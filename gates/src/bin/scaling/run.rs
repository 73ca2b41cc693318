//! Runs a case: in a process of a new system, on one thread, with a paused clock.

use std::time::Duration;

use ambit::prelude::*;
use ambit::system::System;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot::{self, Receiver, Sender};

use crate::case::Case;

/// The function whose instructions are counted.
pub(crate) const COUNTED: &str = "scaling::run::counted";

/// The virtual time after which a run without progress is considered stuck.
const NEVER: Duration = Duration::from_secs(365 * 86_400);

/// Runs each case with a small set as a warm-up, and then once per size.
///
/// # Errors
/// If a case panicked, or did not complete.
pub(crate) fn all(cases: &[Case], sizes: &[usize]) -> Result<(), String> {
    for case in cases {
        once(case, case.n / 8 + 1)?;
        for size in sizes {
            once(case, case.n * size)?;
        }
    }
    Ok(())
}

/// The size of a large request in bytes, smaller than one which glibc serves outside the heap.
const LARGE: usize = 100_000;

/// The argument of a case: the inbox of its process, and the marks of the counted part.
pub(crate) struct Run {
    pub(crate) inbox: Inbox<()>,
    begins: Option<Sender<()>>,
    goes: Option<Receiver<()>>,
    ends: Option<Sender<()>>,
    leaves: Option<Receiver<()>>,
}

impl Run {
    /// Ends the setup: counting starts here.
    pub(crate) async fn begin(&mut self) {
        answer(&mut self.begins, &mut self.goes).await;
    }

    /// Ends the counted part. The values that the case still holds are dropped afterwards.
    pub(crate) async fn end(&mut self) {
        answer(&mut self.ends, &mut self.leaves).await;
    }
}

/// Signals that a stage is complete, and waits for the next.
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
    let has_begun = matches!(runtime.block_on(in_time(began)), Some(Ok(())));
    tidy_heap();
    let is_complete = has_begun && counted(&runtime, go, ended) && leave.send(()).is_ok();
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

/// Merges and sorts the freed blocks of the heap. Otherwise the counted part pays for those of the setup and of earlier
/// cases: glibc does this work when it serves a large request, for at most 10,000 blocks each time.
fn tidy_heap() {
    for _ in 0..16 {
        std::hint::black_box(Vec::<u8>::with_capacity(LARGE));
    }
}

/// Runs the counted part of the case: [`COUNTED`] is the name of this function. It contains no closure, because
/// valgrind would confuse the closure's name with it.
#[inline(never)]
fn counted(runtime: &Runtime, go: Sender<()>, ended: Receiver<()>) -> bool {
    go.send(()).is_ok() && matches!(runtime.block_on(in_time(ended)), Some(Ok(())))
}

async fn in_time<T>(what: impl Future<Output = T>) -> Option<T> {
    tokio::time::timeout(NEVER, what).await.ok()
}
