//! One run: the log is read here, the tree counts it, and the report follows when the tree has stopped.
//!
//! It runs in the main process, which the first thread of the program polls. No server runs there, so a blocking read
//! from a disk or a pipe delays none of them.

use std::time::Instant;

use ambit::prelude::*;
use ambit::system::System;
use indicatif::{ProgressBar, ProgressFinish, ProgressStyle};

use crate::args::RunArgs;
use crate::cluster::Reader;
use crate::intake::Intake;
use crate::report::Report;
use crate::source::Log;
use crate::{Failure, Job, Metrics, MetricsSubject};

/// Reads the log and returns the page.
pub(crate) async fn run(args: RunArgs) -> Result<String, Failure> {
    let log = Log::open(args.file.as_deref(), args.repeat)?;
    let mut job = args.common.job(args.chaos, None);
    if let Some(address) = &args.cluster {
        job.reader = Some(Reader::start(address, args.members).await?);
    }
    let began = Instant::now();
    let tree = Metrics(job.clone()).start().await?;
    tokio::select! {
        biased;
        fed = feed(log, &tree) => fed?,
        reason = tree.closed() => return Err(ended(&reason)),
    }
    let mut report = collect(&tree, &job).await?;
    report.set_speed(report.lines, began.elapsed());
    tree.stop().await?;
    if let Some(reader) = &job.reader {
        reader.leave().await;
    }
    report.processes = System::current()?.process_count();
    Ok(report.page(args.common.json))
}

/// Returns the failure of a tree that has stopped by itself.
pub(crate) fn ended(reason: &ExitReason) -> Failure {
    Failure::Other(format!("a server ended that is not restarted: {reason}").into())
}

/// Returns the counts so far, and the number of processes.
pub(crate) async fn collect(tree: &MetricsSubject, job: &Job) -> Result<Report, Failure> {
    let mut report = tree.feeder().collect().no_timeout().await??;
    report.parser_restarts = job.starts.restarts();
    report.processes = System::current()?.process_count();
    report.processes_at_most = report.processes;
    Ok(report)
}

/// Reads the next batch while the previous one is being fed.
async fn feed(mut log: Log, tree: &MetricsSubject) -> Result<(), Failure> {
    let bar = progress(log.size);
    let mut intake = Intake::new(tree, 0);
    while let Some(batch) = log.next_batch()? {
        intake.take(batch).await?;
        bar.set_position(log.bytes_read);
        bar.set_message(intake.lines.to_string());
    }
    intake.finish().await?;
    Ok(())
}

/// Returns a bar that is drawn only if standard error is a terminal, and erased at the end.
fn progress(bytes: Option<u64>) -> ProgressBar {
    let template = match bytes {
        Some(_) => "[{bar:30}] {percent:>3} %  {msg} lines",
        None => "{msg} lines",
    };
    let style = ProgressStyle::with_template(template).expect("the template is valid");
    let bar = bytes.map_or_else(ProgressBar::no_length, ProgressBar::new);
    let bar = bar.with_style(style.progress_chars("# "));
    bar.with_finish(ProgressFinish::AndClear)
}
