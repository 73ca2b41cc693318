//! The tests on the page "The mathematics of supervision".

// ANCHOR: imports
use std::error::Error;
use std::time::Duration;

use ambit::prelude::*;
use ambit::supervisor::Backoff;
use ambit::test::{assert_restarted, assert_tree, crash, crashes, settle};
use tokio::time::{Instant, sleep};

const SECOND: Duration = Duration::from_secs(1);
// ANCHOR_END: imports

// ANCHOR: worker
#[derive(Clone)]
struct Worker;

#[gen_server]
impl Worker {
    #[cast]
    fn finish(&mut self, ctx: &mut Context<Self>) {
        ctx.stop(ExitReason::Normal);
    }
}

fn worker(id: &str) -> ChildSpec<Worker> {
    Worker::child_spec(|| Worker).id(id)
}
// ANCHOR_END: worker

// ANCHOR: window
/// Whether a supervisor with 3 restarts in 5 s still runs after crashes at these milliseconds.
async fn survives(crashes: &[u64]) -> Result<bool, Box<dyn Error>> {
    let supervisor = Supervisor::builder()
        .restarts(3, 5 * SECOND)
        .start()
        .await?;
    let worker = supervisor.start_child(worker("worker")).await?;
    let start = Instant::now();
    for at in crashes {
        tokio::time::sleep_until(start + Duration::from_millis(*at)).await;
        crash(&worker).await;
        settle().await;
    }
    Ok(supervisor.is_alive())
}

#[ambit::test]
async fn at_most_three_within_any_five_seconds() -> Result<(), Box<dyn Error>> {
    assert!(survives(&[0, 0, 0]).await?); // three at once are allowed,
    assert!(!survives(&[0, 0, 0, 0]).await?); // a fourth is not
    assert!(survives(&[0, 2000, 4000, 6000, 8000, 10_000]).await?); // steadily
    assert!(!survives(&[0, 2000, 4000, 5000]).await?); // one that is 5 s old still counts,
    assert!(survives(&[0, 2000, 4000, 5100]).await?); // but no older one
    Ok(())
}
// ANCHOR_END: window

// ANCHOR: counted
#[ambit::test]
async fn each_decision_counts_once() -> Result<(), Box<dyn Error>> {
    let supervisor = Supervisor::builder()
        .strategy(Strategy::OneForAll)
        .restarts(1, SECOND)
        .child(worker("a"))
        .child(worker("b"));
    let supervisor = supervisor.start().await?;
    let spec = worker("c").restart(Restart::Transient);
    let c = supervisor.start_child(spec).await?;
    assert_restarted!(c, crash(&c).await); // three processes, one restart

    c.finish().await?; // a clean end of a transient child,
    settle().await;
    supervisor.restart_child("c").await?; // an administrative restart:
    supervisor.terminate_child("a").await?;
    supervisor.restart_child("a").await?; // none of these count
    assert!(supervisor.is_alive());
    crash(&c).await;
    let reason = supervisor.closed().await;
    assert!(matches!(reason, ExitReason::ShutdownWith(_)));
    Ok(())
}
// ANCHOR_END: counted

// ANCHOR: nested
/// The number of crashes until the tree ends, with these restarts on the lower and the upper level.
async fn crashes_until_the_end(below: u32, above: u32) -> Result<u32, Box<dyn Error>> {
    let hour = 3600 * SECOND;
    let team = move || {
        let builder = Supervisor::builder().restarts(below, hour);
        builder.child(worker("worker").name("worker")).start()
    };
    let whole = Supervisor::builder().restarts(above, hour);
    let whole = whole.child(ChildSpec::from_fn(team)).start().await?;
    let mut crashes = 0;
    while whole.is_alive() {
        crash(WorkerSubject::named("worker")).await;
        crashes += 1;
        settle().await;
    }
    Ok(crashes)
}

#[ambit::test]
async fn nested_supervisors_multiply_the_budget() -> Result<(), Box<dyn Error>> {
    assert_eq!(crashes_until_the_end(3, 0).await?, 4);
    assert_eq!(crashes_until_the_end(3, 3).await?, 16); // (3 + 1) * (3 + 1)
    assert_eq!(crashes_until_the_end(1, 2).await?, 6); // (1 + 1) * (2 + 1)
    Ok(())
}
// ANCHOR_END: nested

// ANCHOR: slow
/// Whether two levels with 3 restarts each still run after a hundred crashes, one per second.
async fn survives_a_slow_fault(within_above: Duration) -> Result<bool, Box<dyn Error>> {
    let team = || Supervisor::builder().restarts(3, 5 * SECOND);
    let team = move || team().child(worker("worker").name("worker")).start();
    let whole = Supervisor::builder().restarts(3, within_above);
    let whole = whole.child(ChildSpec::from_fn(team)).start().await?;
    for _ in 0..100 {
        sleep(SECOND).await;
        crash(WorkerSubject::named("worker")).await;
    }
    let is_up = whole.is_alive();
    whole.stop().await.ok();
    Ok(is_up)
}

#[ambit::test]
async fn a_higher_level_needs_a_longer_window() -> Result<(), Box<dyn Error>> {
    assert!(survives_a_slow_fault(5 * SECOND).await?);
    assert!(!survives_a_slow_fault(13 * SECOND).await?);
    Ok(())
}
// ANCHOR_END: slow

// ANCHOR: transient
#[ambit::test]
async fn giving_up_is_a_clean_end() -> Result<(), Box<dyn Error>> {
    let team = || Supervisor::builder().restarts(0, SECOND);
    let team = move || team().child(worker("worker").name("worker")).start();
    let team = ChildSpec::from_fn(team)
        .id("team")
        .restart(Restart::Transient);
    let whole = Supervisor::builder().child(team).start().await?;
    crash(WorkerSubject::named("worker")).await;
    settle().await;
    assert_tree!(whole, "team (stopped)"); // a clean end, so a transient child stays stopped
    Ok(())
}
// ANCHOR_END: transient

// ANCHOR: backoff
/// The time until a supervisor with 3 restarts in 5 s gives up on a child that crashes at once.
async fn patience_with(backoff: Option<Backoff>) -> Result<Duration, Box<dyn Error>> {
    let broken = ChildSpec::task("broken", || async { Err::<(), _>("no database") });
    let broken = match backoff {
        Some(backoff) => broken.backoff(backoff),
        None => broken,
    };
    let start = Instant::now();
    let supervisor = Supervisor::builder().restarts(3, 5 * SECOND);
    let supervisor = supervisor.child(broken).start().await?;
    let reason = supervisor.closed().await;
    assert!(matches!(reason, ExitReason::ShutdownWith(_)));
    assert_eq!(crashes().len(), 3 + 1); // with or without delays
    Ok(start.elapsed())
}

#[ambit::test]
async fn a_delay_adds_time_and_no_restarts() -> Result<(), Box<dyn Error>> {
    assert_eq!(patience_with(None).await?.as_secs(), 0);
    let backoff = Backoff::exponential(SECOND, 60 * SECOND);
    let time = patience_with(Some(backoff)).await?;
    assert_eq!(time.as_secs(), 1 + 2 + 4); // three growing delays, then it gives up
    let minute = Backoff::constant(60 * SECOND);
    assert_eq!(patience_with(Some(minute)).await?.as_secs(), 180);
    Ok(())
}

/// Whether the same supervisor runs for an hour with a child that runs this long and then waits for a minute.
async fn survives_runs_of(run: Duration) -> Result<bool, Box<dyn Error>> {
    let child = ChildSpec::task("weak", move || async move {
        sleep(run).await;
        Err::<(), _>("tired")
    });
    let child = child.backoff(Backoff::constant(60 * SECOND));
    let supervisor = Supervisor::builder().restarts(3, 5 * SECOND);
    let supervisor = supervisor.child(child).start().await?;
    sleep(3600 * SECOND).await;
    assert!(!crashes().is_empty());
    Ok(supervisor.is_alive())
}

#[ambit::test]
async fn only_run_time_counts() -> Result<(), Box<dyn Error>> {
    assert!(survives_runs_of(2 * SECOND).await?);
    assert!(!survives_runs_of(SECOND).await?);
    Ok(())
}
// ANCHOR_END: backoff

// ANCHOR: auto_shutdown
/// A copy job: it is done when both halves are.
struct Copy;

#[supervisor(auto_shutdown = All)]
impl Copy {
    #[child]
    fn progress(&self) -> ChildSpec<Worker> {
        worker("progress")
    }

    #[child(restart = Transient, significant = true)]
    fn reader(&self) -> ChildSpec<Worker> {
        worker("reader")
    }

    #[child(restart = Transient, significant = true)]
    fn writer(&self) -> ChildSpec<Worker> {
        worker("writer")
    }
}

#[ambit::test]
async fn a_job_ends_with_its_significant_children() -> Result<(), Box<dyn Error>> {
    let copy = Copy.start().await?;
    assert_restarted!(copy.reader(), crash(&copy.reader()).await); // a crash does not count
    copy.reader().finish().await?;
    settle().await;
    assert_tree!(copy, "progress\nreader (stopped)\nwriter");
    copy.writer().finish().await?; // the last significant child
    assert_eq!(copy.closed().await, ExitReason::Shutdown);
    assert!(!copy.progress().is_alive());
    Ok(())
}
// ANCHOR_END: auto_shutdown

// ANCHOR: budget
/// Ends slowly.
struct Slow(Duration);

#[gen_server]
impl Slow {
    #[init]
    fn new(time: Duration) -> Self {
        Self(time)
    }

    #[cast]
    async fn work(&mut self) {
        sleep(2 * SECOND).await;
    }

    #[terminate]
    async fn end(&mut self, _: &ExitReason) {
        sleep(self.0).await;
    }
}

fn slow(id: &str, needs: u32, may: u32) -> ChildSpec<Slow> {
    let spec = Slow::child_spec(needs * SECOND).id(id);
    spec.shutdown(may * SECOND)
}

#[ambit::test]
async fn a_tree_stops_in_the_sum_or_the_maximum_of_its_shutdown_times() -> Result<(), Box<dyn Error>>
{
    let sessions = DynamicSupervisor::builder().start().await?;
    for needs in [1, 2, 3] {
        sessions.start_child(slow("session", needs, 5)).await?;
    }
    let start = Instant::now();
    sessions.stop().await?;
    assert_eq!(start.elapsed().as_secs(), 3); // in parallel: the longest

    let tree = Supervisor::builder()
        .child(slow("store", 2, 5))
        .child(slow("log", 1, 5))
        .child(slow("search", 60, 4)); // it needs a minute, has 4 s, and is killed
    let tree = tree.start().await?;
    let start = Instant::now();
    tree.stop().await?;
    assert_eq!(start.elapsed().as_secs(), 4 + 1 + 2); // in order: the sum
    assert_eq!(crashes().len(), 1);
    Ok(())
}

/// Has no `#[terminate]`.
struct Worked;

#[gen_server]
impl Worked {
    #[cast]
    async fn work(&mut self) {
        sleep(2 * SECOND).await;
    }
}

#[ambit::test]
async fn a_server_with_terminate_finishes_its_handler() -> Result<(), Box<dyn Error>> {
    let supervisor = Supervisor::builder().start().await?;
    let silent = Worked::child_spec(|| Worked).id("silent");
    let silent = supervisor.start_child(silent).await?;
    let slow = supervisor.start_child(slow("slow", 1, 5)).await?;
    silent.work().await?;
    slow.work().await?;
    settle().await;
    let start = Instant::now();
    supervisor.terminate_child("silent").await?;
    assert_eq!(start.elapsed().as_secs(), 0);
    supervisor.terminate_child("slow").await?;
    assert_eq!(start.elapsed().as_secs(), 2 + 1); // the handler, and `#[terminate]`
    Ok(())
}
// ANCHOR_END: budget
