//! One run: this module reads a log, the tree counts it, and the report follows when the tree has stopped.
//!
//! It runs in the main process, which the first thread of the program polls. No server runs there, so a blocking read
//! from a disk or a pipe delays none of them.

use ambit::error::StopError;
use std::time::Instant;

use ambit::prelude::*;
use ambit::system::System;

use crate::args::Args;
use crate::feeder::FeedError;
use crate::intake::Intake;
use crate::ledger::Ledger;
use crate::parser::Starts;
use crate::progress::Progress;
use crate::report::{Counted, Report, Run};
use crate::source::{Log, SourceError};
use crate::tree::{Metrics, MetricsSubject, PARSERS};

/// The error of a run without a report.
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
    #[error("a server ended that is not restarted: {0}")]
    Ended(ExitReason),
    #[error("cannot listen on {0}: {1}")]
    Listen(String, std::io::Error),
    #[error("cannot wait for Ctrl-C: {0}")]
    Interrupt(std::io::Error),
    #[error("a part of the service did not stop: {0}")]
    Part(#[from] ChildError),
    #[error("the servers did not stop: {0}")]
    Stop(#[from] StopError),
}

/// Reads the log and returns the report.
pub(crate) async fn run(args: &Args) -> Result<Report, RunError> {
    let began = Instant::now();
    let log = Log::open(&args.source, args.repeat)?;
    let starts = Starts::default();
    let settings = args.settings.clone();
    let metrics = Metrics {
        settings,
        starts: starts.clone(),
        ledger: Ledger::new(),
    };
    let tree = metrics.start().await?;
    tokio::select! {
        biased;
        fed = feed(log, &tree) => fed?,
        reason = tree.closed() => return Err(RunError::Ended(reason)),
    }
    let counted = collect(&tree, &starts).await?;
    let took = began.elapsed();
    let system = System::current()?;
    let peak = system.process_count();
    tree.stop().await?;
    let run = Run {
        peak,
        processes: system.process_count(),
        is_over: true,
        lines: counted.lines,
        took,
    };
    Ok(Report::new(counted, run))
}

/// Returns the counts so far, and the number of parser restarts.
pub(crate) async fn collect(tree: &MetricsSubject, starts: &Starts) -> Result<Counted, RunError> {
    let mut counted = tree.feeder().collect().no_timeout().await??;
    counted.upkeep.parser_restarts = starts.restarts_of(PARSERS);
    Ok(counted)
}

/// Reads the next batch while the previous one is being fed.
async fn feed(mut log: Log, tree: &MetricsSubject) -> Result<(), RunError> {
    let mut progress = Progress::begin();
    let mut intake = Intake::new(tree, 0);
    while let Some(batch) = log.next_batch()? {
        intake.take(batch).await?;
        progress.at(intake.lines(), log.share_read());
    }
    intake.finish().await?;
    Ok(())
}
