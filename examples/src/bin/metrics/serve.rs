//! The service: counts the lines of producers, and prints the table each second until Ctrl-C.
//!
//! It runs in the main process, which only observes; the tree does the work. On Ctrl-C the service accepts no further
//! connections and ends the existing ones; lines that were passed on before are counted; then the tree stops, in
//! reverse start order.

use std::io::{self, IsTerminal};
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit::system::System;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use crate::args::ServeArgs;
use crate::report::Report;
use crate::run::{collect, ended};
use crate::{Failure, Job, Service, ServiceSubject, print};

const BETWEEN_TABLES: Duration = Duration::from_secs(1);
/// Moves the cursor to the upper left corner and clears the screen.
const WIPE: &str = "\x1b[H\x1b[2J";

/// Serves until Ctrl-C; returns the last table.
pub(crate) async fn serve(args: ServeArgs, address: &str) -> Result<String, Failure> {
    let refused = |error| Failure::Unusable(format!("cannot listen on {address}: {error}"));
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let idle = Duration::from_secs(args.idle.get());
    let (job, json) = (args.common.job(None, Some(idle)), args.common.json);
    let service = Service {
        job: job.clone(),
        listener: Arc::new(listener),
    };
    let mut watch = Watch {
        service: service.start().await?,
        job,
        last: (0, Instant::now()),
        peak: 0,
    };
    let began = Instant::now();
    let wipe = if io::stdout().is_terminal() { WIPE } else { "" };
    let page = |report: &Report, producers| match json {
        true => report.page(true),
        false => format!("{wipe}listening on {address}, {producers} producers\n\n{report}\n"),
    };
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut second = interval(BETWEEN_TABLES);
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heading = json.then(|| format!("{{\"listening\":\"{address}\"}}\n"));
    loop {
        tokio::select! {
            // In this order: once the first table has been printed, Ctrl-C is handled.
            biased;
            asked = &mut interrupt => break asked?,
            reason = watch.service.closed() => return Err(ended(&reason)),
            _ = second.tick() => {
                let report = watch.look().await?;
                let producers = watch.service.producers().count_children().await?.active;
                let page = heading.take().unwrap_or_default() + &page(&report, producers);
                // An error on the screen does not stop the service.
                print(&page).ok();
            }
        }
    }
    let mut report = watch.stop().await?;
    report.set_speed(watch.last.0, began.elapsed());
    Ok(page(&report, 0))
}

/// Observes a service.
struct Watch {
    service: ServiceSubject,
    job: Job,
    /// The number of lines and the time of the previous report.
    last: (u64, Instant),
    peak: usize,
}

impl Watch {
    /// Reports the counts so far, and the speed since the previous report.
    async fn look(&mut self) -> Result<Report, Failure> {
        let mut report = collect(&self.service.metrics(), &self.job).await?;
        self.peak = self.peak.max(report.processes);
        report.processes_at_most = self.peak;
        let now = (report.lines, Instant::now());
        let (lines, time) = mem::replace(&mut self.last, now);
        report.set_speed(now.0 - lines, now.1 - time);
        Ok(report)
    }

    /// Stops the service; returns its last counts.
    async fn stop(&mut self) -> Result<Report, Failure> {
        for child in ["acceptor", "producers"] {
            self.service.terminate_child(child).await?;
        }
        let mut report = self.look().await?;
        self.service.stop().await?;
        report.processes = System::current()?.process_count();
        Ok(report)
    }
}
