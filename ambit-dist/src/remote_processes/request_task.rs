//! Work performed for another node.

use ambit::error::{CallError, Executed};
use ambit::process::{ExitReason, Inbox};
use ambit::server::Subject;
use ambit::system::System;
use tokio::sync::oneshot;

/// A task for another node, in its own process. Dropping this value stops it.
pub(crate) struct RequestTask<T> {
    process: Subject<()>,
    outcome: oneshot::Receiver<T>,
    /// True once the process has returned its value and ends by itself.
    is_done: bool,
}

impl<T: Send + 'static> RequestTask<T> {
    /// Starts the work in a span named after the protocol and the method.
    pub(crate) fn begin(
        system: &System,
        protocol: &'static str,
        method: &'static str,
        work: impl Future<Output = T> + Send + 'static,
    ) -> Self {
        let (sender, outcome) = oneshot::channel();
        let work = ambit::distribution::handled(protocol, method, work);
        let process = system.within(|| {
            ambit::spawn(move |_: Inbox<()>| async move {
                sender.send(work.await).ok();
            })
        });
        Self {
            process,
            outcome,
            is_done: false,
        }
    }

    /// Returns the result, or the reason why there is none.
    pub(crate) async fn end(mut self) -> Result<T, CallError> {
        if let Ok(value) = (&mut self.outcome).await {
            self.is_done = true;
            return Ok(value);
        }
        let reason = self.process.closed().await;
        Err(CallError::Exited {
            reason,
            executed: Executed::Maybe,
        })
    }
}

impl<T> Drop for RequestTask<T> {
    fn drop(&mut self) {
        if !self.is_done {
            ambit::exit(&self.process, ExitReason::Kill);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Repeated, because the process and its caller run on different threads.
    #[ambit::test(flavor = "multi_thread")]
    async fn work_that_is_done_ends_by_itself() {
        let system = System::current().unwrap();
        for turn in 0..2_000 {
            let running = RequestTask::begin(&system, "shop", "count", async move { turn });
            let process = running.process.clone();
            assert_eq!(running.end().await, Ok(turn));
            assert_eq!(process.closed().await, ExitReason::Normal);
        }
    }

    #[ambit::test]
    async fn an_abandoned_request_is_stopped() {
        let system = System::current().unwrap();
        let running = RequestTask::begin(&system, "shop", "count", std::future::pending::<()>());
        let process = running.process.clone();
        ambit::test::expect_crash(&process);
        drop(running);
        assert_eq!(process.closed().await, ExitReason::Killed);
    }
}
