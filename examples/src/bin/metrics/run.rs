//! One run: the log is read here, counted by servers, and reported when they have stopped.
//!
//! It runs in the main process. That one is polled by the program's first thread, where no server runs, so a read that has to wait
//! for a disk or a pipe stops nobody.

use std::time::Instant;

use ambit::System;
use ambit::prelude::*;

use crate::args::Args;
use crate::batch::Batch;
use crate::feeder::{FeedError, Feeder, FeederSubject};
use crate::progress::Progress;
use crate::report::{Report, Run};
use crate::source::{Lines, SourceError};

/// Why a run gave no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RunError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the feeder did not answer: {0}")]
    Call(#[from] CallError),
    #[error(transparent)]
    Feed(#[from] FeedError),
    #[error("the feeder did not stop: {0}")]
    Stop(#[from] StopError),
}

/// Reads the log that the user named and reports on it.
pub(crate) async fn run(args: &Args) -> Result<Report, RunError> {
    let began = Instant::now();
    let log = Lines::open(&args.source, args.repeat)?;
    let feeder = Feeder::start(args.mailbox).await?;
    let lines = feed(log, &feeder).await?;
    let counted = feeder.collect().no_timeout().await??;
    let took = began.elapsed();
    let system = System::current()?;
    let peak = system.process_count();
    // A log may have brought more servers than can stop in 5 s.
    feeder.stop().no_timeout().await?;
    let run = Run {
        peak,
        processes: system.process_count(),
        lines,
        took,
    };
    Ok(Report::new(counted, run))
}

/// Reads the next batch while the last one is handed over; returns how many lines there were.
async fn feed(mut log: Lines, feeder: &FeederSubject) -> Result<u64, RunError> {
    let mut progress = Progress::begin();
    let (mut lines, mut under_way) = (0, None);
    while let Some(batch) = Batch::read(&mut log)? {
        lines += batch.len() as u64;
        let next = feeder.feed(batch).no_timeout().send();
        if let Some(fed) = under_way.replace(next) {
            fed.await??;
        }
        progress.at(lines, log.share_read());
    }
    if let Some(fed) = under_way {
        fed.await??;
    }
    Ok(lines)
}
