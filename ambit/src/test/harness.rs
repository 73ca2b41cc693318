//! Runs one test in its own system, on its own clock.

use std::future::{Future, poll_fn};
use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use tokio::runtime::{Builder, Runtime};

use crate::engine::reply::count;
use crate::entry::{Main, Outcome, PATIENCE, as_process, value_of};
use crate::handle::process::Process;
use crate::handle::protocol::Message;
use crate::inspect::names_of;
use crate::plain::inbox::Inbox;
use crate::process::panic_hook;
use crate::process::system_inner::SystemInner;
use crate::process::telemetry::Event;
use crate::system::{System, TelemetryGuard};
use crate::test::holdings::left_behind;
use crate::test::ledger::Ledger;
use crate::test::settle::settle_in;
use crate::test::supervised;
use crate::test::watchdog::{self, Hang, Watchdog};

/// The options of `#[ambit::test(..)]`, for [`run_test`].
#[derive(Clone, Copy, Debug)]
pub struct TestOptions {
    /// The path of the test function, for messages.
    pub name: &'static str,
    /// True to use the real clock instead of a virtual one. Tests with sockets need it: a virtual clock advances while
    /// they wait for the network.
    pub real_time: bool,
    /// True to use several threads, and the real clock.
    pub multi_thread: bool,
    /// The number of threads if `multi_thread` is true; 2 by default, at least 1.
    pub worker_threads: Option<usize>,
    /// The value that [`seed`] returns; 0 by default.
    pub seed: Option<u64>,
}

#[derive(Default)]
struct Seed(parking_lot::Mutex<u64>);

/// Returns the seed of the running test, for reproducible random input. `#[ambit::test(seed = 7)]` sets it; it is 0 by
/// default, and outside a test.
#[must_use]
pub fn seed() -> u64 {
    crate::process::current_system::current()
        .map_or(0, |system| *system.extension::<Seed>().0.lock())
}

/// Runs `body` as a process of a new system on a new runtime, then stops the system in order. `#[ambit::test]` calls
/// this function.
///
/// # Panics
/// Panics, and thereby fails the test, if:
/// - `body` panics, or an exit signal ends its process.
/// - A process crashes, or a message becomes a dead letter, and the test does not expect it: see
///   [`expect_crash`](super::expect_crash) and [`expect_dead_letters`](super::expect_dead_letters). While the remaining
///   processes are stopped at the end of the test, only a panic in `#[terminate]` counts.
/// - A process does not end at the end of the test, even after it was killed. Each process has 5 s to stop; a
///   supervisor has the time that its children need.
/// - The system still holds processes, links, monitors, timers, names or `spawn_task` futures after it has stopped, or,
///   on a virtual clock, a call is still open.
/// - On a virtual clock, `body` waits and no timer is armed, so that the test cannot end; or it has waited for a day of
///   virtual time and five minutes of real time while timers fired.
///
/// If `body` returns an error, `#[ambit::test]` writes the other failures to standard error, and the test fails with
/// the error.
pub fn run_test<M, F, Fut>(options: TestOptions, body: F) -> Fut::Output
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut,
    Fut: Future,
{
    value_of(body, |main| run(options, main))
}

fn run<M: Message>(options: TestOptions, main: Main<'_, M>) {
    panic_hook::install();
    let questions = count::open_here();
    let paused = !options.real_time && !options.multi_thread;
    let runtime = build(options, paused);
    let inside = runtime.enter();
    let built = System::builder()
        .quiet_panics(true)
        .report_arguments(true)
        .virtual_time(paused)
        .build();
    let system = built.unwrap_or_else(|error| panic!("{}: {error}", options.name));
    let current = system.enter();
    // Dropped at the end: the guard holds the system.
    let (ledger, _listening) = listen(&system);
    *system.inner.extension::<Seed>().0.lock() = options.seed.unwrap_or(0);
    system.inner.seed(options.seed.unwrap_or(0));
    let outcome = runtime.block_on(watched(&system, paused, main));
    if matches!(outcome, Ok(Outcome::Returned)) {
        runtime.block_on(settle_in(&system.inner, false));
    }
    ledger.close();
    let stuck = runtime.block_on(system.stop(PATIENCE));
    supervised::forget_owner(&system.inner);
    drop((current, inside));
    let left = if stuck.is_empty() {
        drop(runtime);
        let mut left = left_behind(&system.inner);
        let open = count::open_here() - questions;
        // With several threads, calls are also sent on the others.
        if paused && open > 0 && matches!(outcome, Ok(Outcome::Returned)) {
            left.push(format!(
                "{open} calls without a reply that are still awaited"
            ));
        }
        left
    } else {
        runtime.shutdown_background();
        Vec::new()
    };
    expect_returned(options.name, outcome, &ledger);
    if let Err(text) = verdict(&stuck, &ledger, &left) {
        let name = options.name;
        if !ledger.has_failed() {
            panic!("{name}:{text}");
        }
        eprintln!("{name}: besides its error:{text}");
    }
}

/// Returns what is wrong after the end of a test that has not panicked.
fn verdict(stuck: &[Process], ledger: &Ledger, left: &[String]) -> Result<(), String> {
    if !stuck.is_empty() {
        let names = names_of(stuck);
        return Err(format!(" these processes did not end: {names}"));
    }
    ledger.verdict().map_err(|text| format!("\n{text}"))?;
    match left {
        [] => Ok(()),
        left => Err(format!(" left behind: {}", left.join(", "))),
    }
}

/// Fails the test unless its process has returned.
fn expect_returned(name: &str, outcome: Result<Outcome, String>, ledger: &Ledger) {
    match outcome {
        Ok(Outcome::Returned) => {}
        Ok(Outcome::Panicked(payload)) => {
            if let Err(text) = ledger.verdict() {
                eprintln!("{name}: before the test failed:\n{text}");
            }
            resume_unwind(payload)
        }
        Ok(Outcome::Ended(reason)) => panic!("{name}: the test's process ended: {reason}"),
        Err(text) => panic!("{name}: {text}"),
    }
}

fn build(options: TestOptions, paused: bool) -> Runtime {
    let mut builder = if options.multi_thread {
        let mut builder = Builder::new_multi_thread();
        builder.worker_threads(options.worker_threads.unwrap_or(2).max(1));
        builder
    } else {
        Builder::new_current_thread()
    };
    let built = builder.enable_all().start_paused(paused).build();
    built.unwrap_or_else(|error| panic!("{}: no tokio runtime: {error}", options.name))
}

fn listen(system: &System) -> (Arc<Ledger>, TelemetryGuard) {
    let ledger = system.inner.extension::<Ledger>();
    let listener = ledger.clone();
    let listening = system.on_event(move |event| match event {
        Event::Crashed(report) => listener.crash(report),
        Event::DeadLetter(envelope) => listener.envelope(format!("{envelope:?}")),
        _ => {}
    });
    (ledger, listening)
}

/// Runs the test's process; with a paused clock, detects that it waits forever.
async fn watched<M: Message>(
    system: &System,
    paused: bool,
    main: Main<'_, M>,
) -> Result<Outcome, String> {
    let mut test = pin!(as_process(system, main));
    let mut watchdog = paused.then(|| Watchdog::start(&system.inner, watchdog::PATIENCE));
    poll_fn(|cx| {
        if let Poll::Ready(outcome) = test.as_mut().poll(cx) {
            return Poll::Ready(Ok(outcome));
        }
        match watchdog.as_mut().map(|watchdog| watchdog.poll(cx)) {
            Some(Poll::Ready(hang)) => Poll::Ready(Err(who_waits(&system.inner, &hang))),
            Some(Poll::Pending) | None => Poll::Pending,
        }
    })
    .await
}

fn who_waits(system: &SystemInner, hang: &Hang) -> String {
    let mut text = hang.to_string();
    for (from, to) in system.wait_graph.all(&system.table) {
        let names = |pid| {
            system
                .table
                .get(pid)
                .map_or("gone", |process| process.core().type_name())
        };
        for to in to {
            text.push_str(&format!(
                "\n  {}{from} waits for {}{to}",
                names(from),
                names(to)
            ));
        }
    }
    text
}
