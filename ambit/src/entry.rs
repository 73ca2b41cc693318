//! The runtime of `#[ambit::main]`, whose body runs as a process.

mod returned;

use std::any::Any;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::runtime::{Builder, Runtime};

use crate::exit_reason::ExitReason;
use crate::handle::protocol::Message;
use crate::handle::sink::PlainMessage;
use crate::inspect::names_of;
use crate::panics;
use crate::plain::create;
use crate::plain::inbox::Inbox;
use crate::process::cell::ProcessCell;
use crate::process::panic_hook;
use crate::process::process_task::{ProcessTask, plain};
use crate::system::System;

pub use self::returned::{Returned, ReturnedBox, ReturnedOther};

/// The time that processes have to end when the program does.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// The options of `#[ambit::main(..)]`.
#[derive(Clone, Copy, Debug)]
pub struct MainOptions {
    /// The number of threads that run processes; the number of cores by default.
    pub worker_threads: Option<usize>,
    /// Whether one thread runs everything.
    pub current_thread: bool,
    /// Whether crashes are written to standard error while there is no subscriber.
    pub stderr_reports: bool,
}

/// The result of the main process.
pub(crate) enum Outcome {
    Returned,
    Panicked(Box<dyn Any + Send>),
    Ended(ExitReason),
}

/// The body of the main process, boxed: the code around it is then compiled once, not again for each `main` and each
/// test.
pub(crate) type Main<'a, M> =
    Box<dyn FnOnce(Inbox<M>) -> Pin<Box<dyn Future<Output = ()> + 'a>> + 'a>;

/// Passes `body` to `run`, which runs it to its end, and returns its value.
pub(crate) fn value_of<M, F, Fut>(body: F, run: impl FnOnce(Main<'_, M>)) -> Fut::Output
where
    F: FnOnce(Inbox<M>) -> Fut,
    Fut: Future,
    M: Message,
{
    let mut value = None;
    let result = &mut value;
    run(Box::new(move |inbox| {
        Box::pin(async move { *result = Some(body(inbox).await) })
    }));
    value.expect("`run` does not return before `body` has")
}

/// Runs `body` as the main process of a new system on a new runtime; then stops everything else in order.
pub fn run_main<M, F, Fut>(options: MainOptions, body: F) -> Fut::Output
where
    M: Message,
    F: FnOnce(Inbox<M>) -> Fut,
    Fut: Future,
{
    value_of(body, |main| run(options, main))
}

fn run<M: Message>(options: MainOptions, main: Main<'_, M>) {
    panic_hook::install();
    let runtime = match build(options) {
        Ok(runtime) => runtime,
        Err(error) => give_up(&format_args!("no tokio runtime: {error}")),
    };
    let inside = runtime.enter();
    let system = System::builder().stderr_reports(options.stderr_reports);
    let system = match system.build() {
        Ok(system) => system,
        Err(error) => give_up(&error),
    };
    let current = system.enter();
    let outcome = runtime.block_on(as_process(&system, main));
    let stuck = runtime.block_on(system.stop(PATIENCE));
    drop((current, inside));
    if !stuck.is_empty() {
        let stuck = names_of(&stuck);
        // Dropping the runtime would wait for them indefinitely.
        runtime.shutdown_background();
        give_up(&format_args!("these processes did not end: {stuck}"));
    }
    drop(runtime);
    match outcome {
        Outcome::Returned => {}
        Outcome::Panicked(payload) => resume_unwind(payload),
        Outcome::Ended(reason) => give_up(&format_args!(
            "the main process ended: {}",
            reason.with_causes()
        )),
    }
}

fn build(options: MainOptions) -> std::io::Result<Runtime> {
    let mut builder = if options.current_thread {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    if let Some(threads) = options.worker_threads {
        builder.worker_threads(threads.max(1));
    }
    builder.enable_all().build()
}

fn give_up(why: &dyn std::fmt::Display) -> ! {
    eprintln!("error: {why}");
    std::process::exit(1)
}

/// Runs `main` on this thread as a process of `system`.
pub(crate) async fn as_process<M: Message>(system: &System, main: Main<'_, M>) -> Outcome {
    let own: Arc<ProcessCell<PlainMessage<M>>> = create::make_main(system.inner.clone());
    let inbox = Inbox::new(own.clone());
    let kept = Mutex::new(None);
    let user = async {
        let (outcome, reason) = match caught(async { main(inbox).await }).await {
            Ok(()) => (Outcome::Returned, ExitReason::Normal),
            Err(payload) => {
                let report = panics::report(&*payload);
                (Outcome::Panicked(payload), ExitReason::Panic(report))
            }
        };
        *kept.lock() = Some(outcome);
        reason
    };
    let exit = crate::handle::exits::ExitWait::watch(&(own.clone() as _));
    ProcessTask::new(own.clone(), plain(own, user)).await;
    let kept = kept.lock().take();
    match kept {
        Some(outcome) => outcome,
        None => Outcome::Ended(exit.await),
    }
}

/// Polls a future until it completes or panics, and returns the panic.
async fn caught<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(
        |cx| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(cx))) {
            Ok(poll) => poll.map(Ok),
            Err(payload) => Poll::Ready(Err(payload)),
        },
    )
    .await
}
