//! The ready signal of a task: until then, its start is in progress and can fail.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use tokio::sync::oneshot;

use crate::exit_reason::ExitReason;
use crate::plain::into_exit::IntoExit;
use crate::process::header::ProcessRef;
use crate::server::launch::InitGuard;

/// The ready signal of a task, which [`ChildSpec::task_with_ready`](crate::ChildSpec::task_with_ready) passes to the
/// task: the start of the task succeeds when the task calls [`notify`](Self::notify). (Erlang: `proc_lib:init_ack/1`;
/// systemd: `sd_notify(READY=1)`.)
///
/// Dropping the signal without calling `notify` fails the start. A task that keeps running is then ended, because its
/// start can no longer succeed.
///
/// ```
/// use ambit::prelude::*;
/// #[ambit::main]
/// async fn main() {
///     let cache = ChildSpec::task_with_ready("cache", |ready| async {
///         let _entries = vec![1, 2, 3];
///         ready.notify();
///         std::future::pending::<()>().await;
///     });
///     let broken = ChildSpec::task_with_ready("broken", |ready| async { drop(ready) });
///     let supervisor = Supervisor::builder().child(cache).start().await.unwrap();
///     let error = supervisor.start_child(broken).await.unwrap_err();
///     assert!(matches!(error, ChildError::Start(StartError::Init(_))));
/// }
/// ```
#[must_use = "the start of the task waits for `notify`"]
pub struct Ready {
    init_guard: InitGuard,
    process: ProcessRef,
    signal: oneshot::Sender<()>,
}

impl Ready {
    pub(super) fn new(init_guard: InitGuard, process: ProcessRef) -> (Self, ReadyReceiver) {
        let (signal, waiting) = oneshot::channel();
        let ready = Self {
            init_guard,
            process,
            signal,
        };
        (ready, ReadyReceiver(waiting))
    }

    /// Signals that the task is ready: its start has succeeded, and the supervisor starts the next child. From then on,
    /// the restart policy of the spec applies to a failure of the task.
    pub fn notify(self) {
        let Self {
            init_guard,
            process,
            signal,
        } = self;
        signal.send(()).ok();
        init_guard.done(process.core());
    }
}

impl fmt::Debug for Ready {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ready{}", self.process.core().pid)
    }
}

/// The receiver of the ready signal.
pub(super) struct ReadyReceiver(oneshot::Receiver<()>);

impl ReadyReceiver {
    /// Runs `work`, and ends it when it can no longer send the ready signal.
    pub(super) async fn run<F: Future<Output: IntoExit>>(self, work: F) -> ExitReason {
        let mut work = pin!(work);
        let mut waiting = Some(self.0);
        poll_fn(|cx| {
            // The work first: an error drops the signal too, and is more specific.
            if let Poll::Ready(output) = work.as_mut().poll(cx) {
                return Poll::Ready(output.into_exit());
            }
            if is_lost(&mut waiting, cx) {
                return Poll::Ready(ExitReason::error(
                    "the task dropped its `Ready` and went on: call `notify()` when it is ready, or return",
                ));
            }
            Poll::Pending
        })
        .await
    }
}

fn is_lost(waiting: &mut Option<oneshot::Receiver<()>>, cx: &mut Context<'_>) -> bool {
    let Some(signal) = waiting else { return false };
    let Poll::Ready(sent) = Pin::new(signal).poll(cx) else {
        return false;
    };
    *waiting = None;
    sent.is_err()
}
