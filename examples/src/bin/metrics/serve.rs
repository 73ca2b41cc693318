//! The service: counts the lines of producers, and prints the table each second until Ctrl-C.
//!
//! It runs in the main process, which only observes; the tree does the work. On Ctrl-C the service accepts no further
//! connections and ends the existing ones; lines that were passed on before are counted; then the tree stops, in
//! reverse start order.

use std::io::{self, IsTerminal, Write};
use std::mem;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit::system::System;
use tokio::net::TcpListener;
use tokio::time::{MissedTickBehavior, interval};

use crate::args::ServeArgs;
use crate::json;
use crate::parser::Starts;
use crate::report::{Report, Run};
use crate::run::{self, RunError};
use crate::tree::{Service, ServiceSubject};

const BETWEEN_DRAWINGS: Duration = Duration::from_secs(1);
/// Moves the cursor to the upper left corner and clears the screen.
const WIPE: &str = "\x1b[H\x1b[2J";

/// Serves until Ctrl-C; returns the last table.
pub(crate) async fn serve(args: &ServeArgs) -> Result<String, RunError> {
    let refused = |error| RunError::Listen(args.address.clone(), error);
    let listener = TcpListener::bind(&args.address).await.map_err(refused)?;
    let mut screen = Screen {
        address: listener.local_addr().map_err(refused)?.to_string(),
        json: args.json,
        begun: false,
        wipes: !args.json && io::stdout().is_terminal(),
    };
    let starts = Starts::default();
    let service = Service {
        settings: args.settings.clone(),
        starts: starts.clone(),
        listener: Arc::new(listener),
    };
    let mut watch = Watch {
        service: service.start().await?,
        starts,
        began: Instant::now(),
        last: (0, Instant::now()),
        peak: 0,
    };
    let mut interrupt = pin!(tokio::signal::ctrl_c());
    let mut second = interval(BETWEEN_DRAWINGS);
    second.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            // In this order: once the first table has been printed, Ctrl-C is handled.
            biased;
            asked = &mut interrupt => {
                asked.map_err(RunError::Interrupt)?;
                break;
            }
            reason = watch.service.closed() => return Err(RunError::Ended(reason)),
            _ = second.tick() => screen.draw(&watch.look().await?, watch.producers().await?),
        }
    }
    let report = watch.stop().await?;
    Ok(screen.page(&report, 0))
}

/// Observes a service.
struct Watch {
    service: ServiceSubject,
    starts: Starts,
    began: Instant,
    /// The number of lines and the time of the previous report.
    last: (u64, Instant),
    peak: usize,
}

impl Watch {
    /// Reports the counts so far, and the speed since the previous report.
    async fn look(&mut self) -> Result<Report, RunError> {
        let counted = run::collect(&self.service.metrics(), &self.starts).await?;
        let processes = System::current()?.process_count();
        self.peak = self.peak.max(processes);
        let (lines, at) = (counted.lines, Instant::now());
        let (lines_before, before) = mem::replace(&mut self.last, (lines, at));
        let run = Run {
            peak: self.peak,
            processes,
            is_over: false,
            lines: lines - lines_before,
            took: at - before,
        };
        Ok(Report::new(counted, run))
    }

    /// Returns the number of connected producers.
    async fn producers(&self) -> Result<usize, RunError> {
        let producers = self.service.producers().count_children().await?;
        Ok(producers.active)
    }

    /// Stops the service, and reports on its whole run time.
    async fn stop(mut self) -> Result<Report, RunError> {
        for child in ["door", "producers"] {
            self.service.terminate_child(child).await?;
        }
        let mut report = self.look().await?;
        self.service.stop().await?;
        report.run = Run {
            processes: System::current()?.process_count(),
            is_over: true,
            lines: self.last.0,
            took: self.began.elapsed(),
            ..report.run
        };
        Ok(report)
    }
}

/// The destination of the tables.
struct Screen {
    address: String,
    json: bool,
    begun: bool,
    wipes: bool,
}

impl Screen {
    fn page(&self, report: &Report, producers: usize) -> String {
        if self.json {
            return json::json(report) + "\n";
        }
        let wipe = if self.wipes { WIPE } else { "" };
        let address = &self.address;
        format!("{wipe}listening on {address}, {producers} producers\n\n{report}\n")
    }

    fn draw(&mut self, report: &Report, producers: usize) {
        if self.json && !mem::replace(&mut self.begun, true) {
            print(&format!("{{\"listening\":\"{}\"}}\n", self.address));
        }
        print(&self.page(report, producers));
    }
}

/// An error on the screen does not stop the service.
fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes());
    let _ = stdout.flush();
}
