//! What the page "Drain, then stop" says, as tests.

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::error::StopError;
use ambit::prelude::*;
use ambit::test::{Probe, expect_dead_letters, settle};
use tokio::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: printer
struct Printer {
    paper: Recipient<String>,
}

#[gen_server]
impl Printer {
    #[init]
    fn new(paper: Recipient<String>) -> Self {
        Self { paper }
    }

    #[cast]
    async fn print(&mut self, page: String) {
        tokio::time::sleep(SECOND).await;
        self.paper.send(page).now().ok();
    }

    #[terminate]
    fn end(&mut self, reason: &ExitReason) {
        self.paper.send(format!("end: {reason}")).now().ok();
    }
}
// ANCHOR_END: printer

// ANCHOR: stop
#[ambit::test]
async fn a_stop_is_served_after_the_queue() -> Result<(), Box<dyn Error>> {
    let mut paper = Probe::<String>::new();
    let printer = Printer::start(paper.recipient()).await?;
    printer.print("one".into()).await?;
    printer.print("two".into()).await?;
    printer.stop().await?; // waits for both pages, within 5 s
    assert_eq!(paper.expect().await, "one");
    assert_eq!(paper.expect().await, "two");
    assert_eq!(paper.expect().await, "end: normal");
    Ok(())
}
// ANCHOR_END: stop

// ANCHOR: timeout
#[ambit::test]
async fn a_stop_that_takes_too_long_stays_requested() -> Result<(), Box<dyn Error>> {
    let mut paper = Probe::<String>::new();
    let printer = Printer::start(paper.recipient()).await?;
    for page in ["one", "two", "three"] {
        printer.print(page.into()).await?;
    }
    let stopped = printer.stop().timeout(SECOND).await;
    assert_eq!(stopped, Err(StopError::Timeout));
    assert_eq!(printer.closed().await, ExitReason::Normal); // after the third page
    for _ in 0..4 {
        paper.expect().await;
    }
    Ok(())
}
// ANCHOR_END: timeout

// ANCHOR: supervisor
#[ambit::test]
async fn a_supervisor_does_not_wait_for_the_queue() -> Result<(), Box<dyn Error>> {
    let mut paper = Probe::<String>::new();
    let spec = Printer::child_spec(paper.recipient()).shutdown(3 * SECOND);
    let office = Supervisor::builder().start().await?;
    let printer = office.start_child(spec).await?;
    printer.print("one".into()).await?;
    printer.print("two".into()).await?;
    settle().await; // the first page is being printed

    office.stop().await?; // an exit signal: it overtakes the queue
    assert_eq!(paper.expect().await, "one"); // the child has `#[terminate]`, so its handler finishes
    assert_eq!(paper.expect().await, "end: shutdown");
    expect_dead_letters(1); // the second page
    Ok(())
}
// ANCHOR_END: supervisor

// ANCHOR: plain
/// Has no `#[terminate]`, and traps no exits.
struct Plain {
    paper: Recipient<String>,
}

#[gen_server]
impl Plain {
    #[init]
    fn new(paper: Recipient<String>) -> Self {
        Self { paper }
    }

    #[cast]
    async fn print(&mut self, page: String) {
        tokio::time::sleep(SECOND).await;
        self.paper.send(page).now().ok();
    }
}

#[ambit::test]
async fn a_server_without_terminate_ends_at_its_next_await() -> Result<(), Box<dyn Error>> {
    let mut paper = Probe::<String>::new();
    let office = Supervisor::builder().start().await?;
    let printer = office
        .start_child(Plain::child_spec(paper.recipient()))
        .await?;
    printer.print("one".into()).await?;
    settle().await; // the page is being printed

    let start = Instant::now();
    office.stop().await?;
    assert_eq!(start.elapsed(), Duration::ZERO);
    paper.refute_within(SECOND).await;
    Ok(())
}
// ANCHOR_END: plain
